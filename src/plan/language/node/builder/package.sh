# Builds the application $3 by the script $5, if any, then puts what ships into $6: $1 is where the scripts are, $2 the
# ground, $4 a JSON list of its packages, $7 which output, $8 whether sources were compiled, and $9 what the image starts.
set -eu
[ -z "$5" ] || node "$1/build.mjs" "$2" "$3" "$4" "$5"
node "$1/gather.mjs" "$7" "$2" "$3" "$6" "$4" "$8" "$9"
