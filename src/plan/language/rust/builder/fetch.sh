# Fetches crates into the registry's directory $1 by the command that follows $2, which is a cache of crates that builds
# downloaded before.
#
# Cargo takes a crate that lies where it would put it for what it should be, so only what has the lock file's checksum
# gets there. What an index says of a crate has none, so that is asked for each time.
set -eu
registry=$1 cache=$2
shift 2
sums=/tmp/sums good=/tmp/good errors=/tmp/errors judged=$registry/judged

# The checksums of the lock file, as sha256sum wants them; a name that has two of them is not told apart.
awk -F '"' '
  /^\[/ { name = version = "" }
  /^name = "/ { name = $2 }
  /^version = "/ { version = $2 }
  /^checksum = "/ && name "-" version ~ /^[A-Za-z0-9_.+-]+$/ {
    file = name "-" version ".crate"
    if (!(file in sums)) sums[file] = $2
    else if (sums[file] != $2) sums[file] = "two"
  }
  END { for (file in sums) if (sums[file] ~ /^[0-9a-f]+$/) print sums[file] "  " file }
' Cargo.lock > "$sums" || :

# Goes to a registry's directory of the cache itself. Whatever else may write there: no link leads to another place.
enter() {
  cd -P "$cache/$1" 2> "$errors" && [ "$PWD" = "$cache/$1" ]
}
# Copies what the lock file names, and moves what has its checksum to where cargo looks; other bytes are forgotten.
offer() (
  enter "$1" || return
  mkdir -p "$judged" "$registry/cache/$1"
  while read -r _ file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done < "$sums" |
    xargs -r -d '\n' cp --no-preserve=mode -t "$judged"
  (cd "$judged" && sha256sum --check --ignore-missing "$sums" 2> "$errors") | sed -n 's/: OK$//p' > "$good"
  (cd "$judged" && xargs -r -d '\n' mv -t "$registry/cache/$1" < "$good")
  ls -A "$judged" | xargs -r -d '\n' rm -rf --
)
# Keeps a registry's crates, each whole or not at all: other builds use the cache meanwhile.
keep() (
  mkdir "$cache/$1" 2> "$errors"
  enter "$1" || return
  for crate in "$registry/cache/$1"/*.crate; do
    [ ! -f "${crate##*/}" ] || continue
    new=$(mktemp -p .) || return
    cp --remove-destination "$crate" "$new" && mv -f -T "$new" "${crate##*/}" || rm -f "$new"
  done
)

# Others than GNU's tools do not know what this asks of them.
sort --version > /dev/null 2>&1 || cache=/nowhere
for directory in "$cache"/*/; do
  directory=${directory%/}
  offer "${directory##*/}" || :
  rm -rf "$judged"
done
"$@"
cd "$registry"
for crate in cache/*/*.crate; do
  # What cargo did not unpack it did not need: a crate for another platform, or of another registry.
  unpacked=src/${crate#cache/}
  [ -d "${unpacked%.crate}" ] || rm -f "$crate"
done
for directory in cache/*/; do
  [ -d "$directory" ] || continue
  directory=${directory%/}
  rmdir "$directory" 2> "$errors" || keep "${directory##*/}" || :
done
rmdir cache 2> "$errors" || :
