# Installs what is locked below the work tree.
#
# Arguments: what of the work tree is known yet, the workspace, where the manager is installed and which one, the algorithm
# and the checksum of its archive, and the command.
set -eu
known=$1 workspace=$2 home=$3 manager=$4 algorithm=$5 checksum=$6
shift 6
if [ -n "$manager" ]; then
  archive=$(cd /tmp && npm pack --silent --ignore-scripts "$manager")
  if [ -n "$checksum" ]; then echo "$checksum  /tmp/$archive" | "${algorithm}sum" --check --quiet -; fi
  npm install --silent --global --prefix "$home" --ignore-scripts --omit=dev "/tmp/$archive"
fi
cp -R "$known/." .
cd "$workspace"
# Its value is the checksum of code, which does not run here.
if [ -f pnpm-lock.yaml ]; then sed -i '/^pnpmfileChecksum:/d' pnpm-lock.yaml; fi
exec "$@"
