# Downloads the modules of the lock files into the module cache $1. $2, unless it is empty, is a cache of what builds
# downloaded before: a proxy of files in front of the others, which Go believes as little as any.
#
# It offers what the lock files have digests of, and Go takes nothing else from it. What a version's .info says has no
# digest, so that is asked for each time. Whatever else may write to the cache: it is one directory without others, so
# that no link in it leads what is kept to another place.
set -eu
modules=$1 cache=$2
upstream=$(go env GOPROXY)
offered=/tmp/offered links=/tmp/links proxy=/tmp/proxy
# Nobody may be asked; or others than GNU's tools, which do not know what this asks of them.
case $upstream in off*) cache= ;; esac
sort --version > /dev/null 2>&1 || cache=

# The lock files that Go reads: of each main module, and of the workspace.
locks() {
  GOPROXY=off go list -m -f '{{.GoMod}}' 2> /tmp/errors | sed 's/mod$/sum/'
  echo "$(go env GOWORK).sum"
}
# The files that lock files have digests of: as a proxy names them, with `,` for `/`, which no name of a module has.
names() {
  awk '
    function escaped(text) {
      while (match(text, /[A-Z]/))
        text = substr(text, 1, RSTART - 1) "!" tolower(substr(text, RSTART, 1)) substr(text, RSTART + 1)
      return text
    }
    NF == 3 && !index($0, "..") && !index($0, ",") {
      if (!sub(/\/go\.mod$/, ".mod", $2)) $2 = $2 ".zip"
      name = escaped($1) "/@v/" escaped($2)
      gsub("/", ",", name)
      print name
    }'
}
# The lines of a list that name files, in a directory.
existing() {
  while read -r file; do [ ! -f "$1$file" ] || printf '%s\n' "$file"; done
}
# Lays links to what is offered out as a proxy of files. What is not there is downloaded.
offer() {
  mkdir "$links" "$proxy"
  sed "s:^:$cache/:" "$offered" | xargs -d '\n' cp -s -t "$links"
  tar -C "$links" -c --transform 'flags=r;s:,:/:g' . | tar -C "$proxy" -x
}
# Keeps a file, whole or not at all: other builds use the cache meanwhile.
keep() {
  new=$(mktemp -p "$cache") || return 0
  cp --remove-destination "$1" "$new" && mv -f -T "$new" "$2" || rm -f "$new"
}

: > "$offered"
[ -z "$cache" ] || locks | existing "" | xargs -r -d '\n' cat | names | sort -u | existing "$cache/" > "$offered"
if [ ! -s "$offered" ]; then
  go mod download
else
  offer || :
  GOPROXY="file://$proxy,$upstream" go mod download || {
    echo "Once more, without what earlier builds downloaded." >&2
    : > "$offered"
    chmod -R u+w "$modules"
    find "$modules" -mindepth 1 -delete
    go mod download
  }
fi
go mod verify
# What came from repositories is among the modules now; of their clones nothing is needed.
rm -rf "$modules/cache/vcs"
[ -n "$cache" ] || exit 0
cd "$modules/cache/download"
find . -type f -path '*/@v/*' '(' -name '*.mod' -o -name '*.zip' ')' -printf '%P\n' | tr / , |
  grep -v -x -F -f "$offered" | while read -r name; do
    keep "$(printf %s "$name" | tr , /)" "$cache/$name"
  done
