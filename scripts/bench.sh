#!/usr/bin/env bash
# Measures this project against BuildKit's Dockerfile compiler and frontend, in interleaved pairs on this machine.
# Arguments go to the measuring program, e.g. `-only compile`; all samples are written to target/bench.json.
set -eu -o pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_root "make bench"
require cargo "https://www.rust-lang.org/tools/install"
require go "https://go.dev/doc/install (1.26 or newer)"

programs=$root/target/bench
mkdir -p "$programs"

# With the settings of a release.
build_ours() {
  local executable
  cargo bench --locked --no-run --bench compile --message-format json-render-diagnostics >"$programs/cargo.json"
  executable=$(grep '"name":"compile"' "$programs/cargo.json" | sed -nE 's/.*"executable":"([^"]+)".*/\1/p')
  install "$executable" "$programs/compile"
}

build_theirs() { go build -C lab -o "$programs/" ./bench ./bench/dockerfile2llb; }

images=go,rust,debian,distroless,dockerfile
case "$*" in *languages*) images=all ;; esac
stage lab-up "the lab: daemon, registry, base images" "6 min the first time, 2 s when warm" lab up --images "$images"
eval "$(lab env)"
stage frontend "the frontend's image" "2 min the first time, 1 min after a change" push_frontend
stage bench-ours "our compiler, with the settings of a release" "2 min the first time, 1 min after a change" build_ours
stage bench-theirs "BuildKit's compiler" "30 s the first time" build_theirs
say "${bold}==>${plain} measuring ${dim}(usually 5 min; what else runs here widens the intervals)${plain}"
client=buildx
! command -v docker >/dev/null || client="docker buildx"
exec "$programs/bench" -root "$root" -ours "$programs/compile" -theirs "$programs/dockerfile2llb" \
  -client "$client" -out "$root/target/bench.json" "$@"
