# Installs what is locked below the work tree.
#
# Arguments: what of the work tree is known yet, the workspace, where the manager is installed and which one, the algorithm
# and the checksum of its program, which of its archive's files that is (none for the whole of it), and the command.
set -eu
known=$1 workspace=$2 home=$3 manager=$4 algorithm=$5 checksum=$6 part=$7
shift 7
refuse() { echo "cofferdam: $1" >&2; exit 1; }
# What a link leads to would be taken for the file: a secret, which managers print if they cannot read it.
links=$(find "$known" -type l)
[ -z "$links" ] || refuse "$links is a link"
cp -R "$known/." .
cd "$workspace"
if [ -f yarn.lock ] && grep -q '@exec:' yarn.lock; then refuse 'yarn.lock has a package made by a program'; fi
if [ -n "$manager" ]; then
  # Where npm finds the project's settings, but no project.
  [ ! -f .npmrc ] || cp .npmrc /tmp
  program=/tmp/$(cd /tmp && npm pack --silent --ignore-scripts "$manager")
  if [ -n "$part" ]; then
    mkdir -p "$home/bin"
    tar -xzf "$program" -O "$part" >"$home/bin/yarn"
    program=$home/bin/yarn
    chmod 755 "$program"
  fi
  if [ -n "$checksum" ]; then
    echo "$checksum  $program" | "${algorithm}sum" --check --quiet - || refuse "$manager is not what its checksum says"
  fi
  [ -n "$part" ] || npm install --silent --global --prefix "$home" --ignore-scripts --omit=dev "$program"
fi
# Its value is the checksum of code, which does not run here.
if [ -f pnpm-lock.yaml ]; then sed -i '/^pnpmfileChecksum:/d' pnpm-lock.yaml; fi
exec "$@"
