# Runs the install scripts of the packages in $4 (a JSON list, or null for all) but those in $5 offline, then puts the
# packages that run into $6: $1 is where the scripts are, $2 the ground, $3 the application.
set -eu
sh "$1/lacking.sh" /tmp/errors node "$1/scripts.mjs" offline "$2" "$4" "$5"
node "$1/gather.mjs" dependencies "$2" "$3" "$6"
