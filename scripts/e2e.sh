#!/usr/bin/env bash
# The end-to-end tests alone: stands the lab up, builds the frontend, runs the tests whose names contain a word.
set -eu -o pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_root "make e2e"
stage lab-up "the lab: daemon, registry, base images" "17 min the first time, 2 s when warm" lab up
stage lab-tools "programs that some tests need: compose, cosign, the oldest BuildKit" "4 min the first time" extra_tools
eval "$(lab env)"
stage frontend "the frontend's image" "2 min the first time, 1 min after a change" push_frontend
exec cargo test --locked --features e2e --test e2e -- --test-threads "${E2E_THREADS:-2}" "$@"
