# Compiles dependencies and packs what Go's cache has of them.
#
# Arguments: the list of what is imported, Go's cache, the directory for the archive, where a profile of the program may
# lie, and the flags of the build. What cannot be compiled here is left to the compilation, which says why.
set -eu
list=$1 cache=$2 layer=$3 profile=$4
shift 4
[ ! -e "$profile" ] || set -- "$@" "-pgo=$profile"
# Go renews the time of an entry that it uses, if that is more than an hour ago: what is newer afterwards was needed.
old=/tmp/old used=/tmp/used
touch -d "@$(($(date +%s) - 7200))" "$old"
find "$cache" -type f -newer "$old" -exec touch -r "$old" {} +
packages=$(cat "$list")
if [ -n "$packages" ]; then
  # What is not of this platform, or needs packages of this context, which are not here, is left out.
  packages=$(go list "$@" -e -deps -f '{{if not .Incomplete}}{{.ImportPath}}{{end}}' $packages)
fi
[ -z "$packages" ] || go build "$@" $packages || echo 'cofferdam: the rest is left to the compilation' >&2
cd "$cache"
find . -type f -path './??/*' -newer "$old" | sort > "$used"
[ ! -s "$used" ] || tar -cf "$layer/entries.tar" -T "$used"
sha256sum < "$used" > "$layer/identity"
