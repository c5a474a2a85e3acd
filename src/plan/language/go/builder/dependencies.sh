# Compiles dependencies and packs what Go's cache has of them.
#
# Arguments: the list of what is imported, Go's cache, the directory for the archive, where a profile of the program may
# lie, and the flags of the build. Nothing that fails here fails the build: what is missing is compiled with the program,
# which says what is wrong with it.
set -uf
list=$1 cache=$2 layer=$3 profile=$4
shift 4
[ ! -e "$profile" ] || set -- "$@" "-pgo=$profile"
# Go renews the time of an entry that it uses, if that is more than an hour ago: what is newer afterwards was needed.
old=/tmp/old used=/tmp/used
touch -d "@$(($(date +%s) - 7200))" "$old"
find "$cache" -type f -newer "$old" -exec touch -r "$old" {} +
packages=$(cat "$list")
# What is not of this platform, or needs packages of this context, which are not here, is left out.
[ -z "$packages" ] || packages=$(go list "$@" -e -deps -f '{{if not .Incomplete}}{{.ImportPath}}{{end}}' -- $packages)
[ -z "$packages" ] || go build "$@" -- $packages
cd "$cache"
find . -type f -path './??/*' -newer "$old" | sort > "$used"
[ ! -s "$used" ] || tar -cf "$layer/entries.tar" -T "$used"
# By its name, what an archive has is known.
sha256sum < "$used" > "$layer/identity"
exit 0
