# Puts the site in $1 and the server's configuration, which is $2 with the site's digest in it, into $3; $4 is the file
# that answers where there is none, if there is one, and $5 what the manifest calls the site's directory.
set -eu
fail() {
  printf 'cofferdam: %s\n  help: %s\n' "$1" "$2" >&2
  exit 1
}
[ -d "$1" ] || fail "there is no directory \`$5\`" 'name the directory of the site: `static: {root: …}`'
cd "$1"
[ -f index.html ] || fail "there is no \`index.html\` in \`$5\`" 'name the directory of the site: `static: {root: …}`'
[ -z "$4" ] || [ -f "$4" ] || fail "the fallback \`$4\` is not in \`$5\`" 'name a file of the site, such as `index.html`'
mkdir -p "$3/site"
# What begins with a dot is for tools, and the server would refuse it; but for what RFC 8615 puts there.
find . -mindepth 1 -name '.*' ! -path ./.well-known -prune -o \( -type f -o -type l \) -print0 | sort -z > /tmp/files
tar --null --files-from /tmp/files --create --file - | tar --extract --file - --directory "$3/site"
digest=$(cd "$3/site" && xargs -0 -r sha256sum -- < /tmp/files | sha256sum | cut -c 1-32)
sed "s/@SITE@/$digest/g" "$2" > "$3/nginx.conf"
