# Shared by the scripts here: the lab, the builder's client, and stages that are never silent for long.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

# The name that manifests carry. Builders find it through the lab's mirror, or beside the build (demo.sh).
frontend=ghcr.io/cofferdam/cofferdam:1
# Where logs of stages go.
logs=$root/target/logs

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m'
else
  bold='' dim='' red='' green='' plain=''
fi

say() { printf '%s\n' "$*"; }
die() { printf '%serror:%s %s\n' "$red" "$plain" "$*" >&2; exit 1; }

# require PROGRAM WHY: stops at once when a program is missing.
require() { command -v "$1" >/dev/null || die "$1 is missing: $2"; }

# require_root COMMAND: the private daemon mounts file systems and starts containers.
require_root() {
  [ "$(id -u)" = 0 ] || die "$1 starts a private BuildKit daemon and runs containers, which needs root (sudo $1)"
}

lab() { go run -C "$root/lab" ./cmd/lab "$@"; }

extra_tools() { lab tools compose cosign oldest; }

# bx ARGUMENTS: buildx, as Docker's plugin where there is a docker client.
bx() {
  if command -v docker >/dev/null; then docker buildx "$@"; else buildx "$@"; fi
}

# stage LOG "WHAT" "USUAL DURATION" COMMAND…: announces, runs with the output in a log, shows a sign of life every
# ten seconds, and on failure the log's end. Returns the command's status.
stage() {
  local log=$logs/$1.log what=$2 usual=$3 start=$SECONDS status=0 pid
  shift 3
  mkdir -p "$logs"
  printf '%s==>%s %s %s(usually %s)%s\n' "$bold" "$plain" "$what" "$dim" "$usual" "$plain"
  "$@" >"$log" 2>&1 &
  pid=$!
  while sleep_or_exit "$pid" 10; do
    printf '    %s%4d s  %s%s\n' "$dim" $((SECONDS - start)) "$(last_line "$log")" "$plain"
  done
  wait "$pid" || status=$?
  if [ "$status" != 0 ]; then
    tail -n 60 "$log" | sed 's/^/    | /'
    printf '    %sfailed%s after %d s, whole log: %s\n' "$red" "$plain" $((SECONDS - start)) "$log"
  else
    printf '    done in %d s\n' $((SECONDS - start))
  fi
  return "$status"
}

# sleep_or_exit PID SECONDS: succeeds when the process still runs after that time.
sleep_or_exit() {
  local tenths=$(($2 * 10))
  while [ "$tenths" -gt 0 ]; do
    kill -0 "$1" 2>/dev/null || return 1
    sleep 0.1
    tenths=$((tenths - 1))
  done
}

last_line() { tail -c 2000 "$1" | tr '\r' '\n' | sed $'s/\e\\[[0-9;?]*[a-zA-Z]//g' | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-100; }

# build_frontend OUTPUT…: the frontend's image, by its own Dockerfile.
build_frontend() { bx build --progress plain -f Dockerfile.frontend --provenance=false "$@" .; }

# push_frontend: into the lab's registry, from where every daemon of the lab has it under its official name. As a release
# is pushed: only BuildKit pulls frontends, and all that are supported know zstd, which saves some of gzip's bytes.
push_frontend() {
  local name=$COFFERDAM_LAB_REGISTRY/${frontend#ghcr.io/}
  local compression=oci-mediatypes=true,compression=zstd,compression-level=19,force-compression=true
  build_frontend --output "type=image,name=$name,push=true,$compression"
}
