# Makes the work tree of a fetch, and runs in it what follows.
#
# Arguments: where the manifests are, the application's directory, and the words of all commands.
set -eu
cp -RP "$1/." .
mkdir -p "$2"
cd "$2"
# What a link leads to would be taken for a manifest: a secret, which a command prints that cannot read it.
for file in *; do
  if [ -L "$file" ]; then echo "cofferdam: $file is a link" >&2; exit 1; fi
done
# Each command is told, so that the last one in the log is the one that failed.
set -x
