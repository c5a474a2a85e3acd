# Installs what is locked below the work tree.
#
# Arguments: what of the work tree is known yet, the workspace, where the manager is installed and which one, the algorithm
# and the checksum of its program, which of its archive's files that is (none for the whole of it), the lock file, where
# what earlier fetches downloaded is kept (empty: nowhere), and the command.
set -eu
known=$1 workspace=$2 home=$3 manager=$4 algorithm=$5 checksum=$6 part=$7 lock=$8 kept=$9
shift 9
refuse() { echo "cofferdam: $1" >&2; exit 1; }
# What a link leads to would be taken for the file: a secret, which managers print if they cannot read it.
links=$(find "$known" -type l)
[ -z "$links" ] || refuse "$links is a link"
cp -R "$known/." .
cd "$workspace"
if [ -f yarn.lock ] && grep -q '@exec:' yarn.lock; then refuse 'yarn.lock has a package made by a program'; fi
program=/tmp/manager.tgz own=/root
# No program of a package's, which may have any name.
node=$(command -v node)
downloads() {
  [ -z "$kept" ] || "$node" "${0%/*}/downloads.mjs" "$1" "$kept" "$own" "$lock" "${checksum:+$algorithm-$checksum}" "$program"
}
downloads take
if [ -n "$manager" ]; then
  if [ ! -f "$program" ]; then
    # Where npm finds the project's settings, but no project.
    [ ! -f .npmrc ] || cp .npmrc /tmp
    archive=/tmp/$(cd /tmp && npm pack --silent --ignore-scripts "$manager")
    if [ -n "$part" ]; then tar -xzf "$archive" -O "$part" >"$program"; else mv "$archive" "$program"; fi
  fi
  if [ -n "$checksum" ]; then
    echo "$checksum  $program" | "${algorithm}sum" --check --quiet - || refuse "$manager is not what its checksum says"
  fi
  if [ -n "$part" ]; then
    mkdir -p "$home/bin"
    cp "$program" "$home/bin/yarn"
    chmod 755 "$home/bin/yarn"
  else
    npm install --silent --global --prefix "$home" --ignore-scripts --omit=dev "$program"
  fi
fi
# Its value is the checksum of code, which does not run here.
if [ -f pnpm-lock.yaml ]; then sed -i '/^pnpmfileChecksum:/d' pnpm-lock.yaml; fi
if [ -n "$kept" ]; then
  # Their usual places, where downloads are put and looked for; the old Yarn has none.
  export npm_config_cache=$own/.npm YARN_GLOBAL_FOLDER=$own/.yarn/berry
  if grep -q -s '"resolved": "http://127.0.0.1:9/' "$lock"; then export npm_config_allow_remote=all; fi
  [ ! -d $own/.yarn-mirror ] || export YARN_YARN_OFFLINE_MIRROR=$own/.yarn-mirror
fi
"$@"
downloads keep
