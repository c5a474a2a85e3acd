#!/usr/bin/env bash
# Builds the frontend's image and puts it into the lab's registry; prints its compressed size.
set -eu -o pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_root "make frontend"
stage lab-up "the lab: daemon, registry, base images" "6 min the first time, 2 s when warm" \
  lab up --images go,rust,debian,distroless,dockerfile
eval "$(lab env)"
stage frontend "the frontend's image" "2 min the first time, 1 min after a change" push_frontend
crane manifest --insecure "$COFFERDAM_LAB_REGISTRY/${frontend#ghcr.io/}" |
  grep -o '"size": *[0-9]*' | tail -n 1 | awk '{ printf "compressed size: %.2f MB\n", $NF / 1e6 }'
