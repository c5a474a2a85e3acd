#!/usr/bin/env bash
# Every test there is, from formatting to whole builds against a real daemon; one summary line for each suite.
set -u -o pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

require_root "make test"
require cargo "https://www.rust-lang.org/tools/install"
require go "https://go.dev/doc/install (1.26 or newer)"

passed=0 failed=0
summary=() broken=()

# suite NAME "WHAT" "USUAL" COMMAND…: a stage whose log says how many tests passed and failed.
suite() {
  local name=$1 start=$SECONDS status=0 ok bad verdict
  stage "$@" || status=$?
  read -r ok bad < <(count "$logs/$name.log")
  # A stage without tests of its own counts as one; one that failed without naming a test, too.
  [ $((ok + bad)) = 0 ] && [ "$status" = 0 ] && ok=1
  [ "$bad" = 0 ] && [ "$status" != 0 ] && bad=1
  passed=$((passed + ok)) failed=$((failed + bad))
  verdict=$green
  [ "$bad" = 0 ] || { verdict=$red; broken+=("$logs/$name.log"); }
  summary+=("$(printf '%s%-9s%s %5d passed, %d failed  (%d s)' "$verdict" "$name" "$plain" "$ok" "$bad" $((SECONDS - start)))")
  return "$status"
}

# count LOG: how many tests passed and failed, as cargo's and go's test programs tell it.
count() {
  awk '
    /^test result: / { for (i = 1; i < NF; i++) { if ($(i+1) == "passed;") ok += $i; if ($(i+1) == "failed;") bad += $i } }
    /^ *--- PASS: / { ok++ }
    /^ *--- FAIL: / { bad++ }
    END { print ok + 0, bad + 0 }' "$1"
}

# why LOG: the first words of each test that failed, so that the end of a long output tells.
why() {
  awk '
    / panicked at |^ *--- FAIL: / { left = 12 }
    left > 0 { print "    | " substr($0, 1, 300); left-- }' "$1" | head -n 120
}

report() {
  local log
  for log in ${broken+"${broken[@]}"}; do
    printf '\n%swhy:%s %s\n' "$bold" "$plain" "$log"
    why "$log"
  done
  printf '\n'
  printf '%s\n' "${summary[@]}"
  printf '\n%s%d passed, %d failed%s  (%d s)\n' "$bold" "$passed" "$failed" "$plain" "$SECONDS"
}

formatting() {
  local unformatted
  cargo fmt --check || return
  unformatted=$(gofmt -l lab examples) && [ -z "$unformatted" ] || { printf 'gofmt would change:\n%s\n' "$unformatted"; return 1; }
}

lints() {
  cargo clippy --locked --all-targets --features e2e -- -D warnings &&
    cargo clippy --locked --no-default-features -- -D warnings
}

# What fetches Python packages, and what keeps downloads of Node, is tried by the machine's own Python and Node.
install_node() { apt-get update && apt-get install --yes --no-install-recommends nodejs npm; }
install_python() { apt-get update && apt-get install --yes --no-install-recommends python3 python3-pip; }

lab_tests() { (cd lab && go vet ./... && go test -v ./...); }

# Where the unit tests write.
written=$(realpath -m "${CARGO_TARGET_DIR:-target}")/tmp

# What an earlier run wrote would be held against BuildKit's own if the tests that write it did not compile.
unit_tests() {
  rm -f "$written/wire.fds" "$written/golden.definition"
  cargo test --locked --no-fail-fast
}

# What the unit tests wrote and what they read, held against BuildKit's own descriptors, loader and client.
wire_checks() {
  (cd lab && go run ./conformance "$written/wire.fds" && go run ./conformance/load "$written/golden.definition" &&
    go run ./golden -check ../tests/golden/ops.json)
}

example_tests() {
  local module
  for module in examples/go-service examples/go-workspace/libs/wording; do
    (cd "$module" && go vet ./... && go test -v ./...) || return
  done
}

# The caches of the daemons that start empty are removed again: they hold whole toolchains.
end_to_end() {
  local status=0 name
  cargo test --locked --features e2e --test e2e -- --test-threads "${E2E_THREADS:-2}" || status=$?
  for name in second fresh; do lab down --name "$name" --purge || status=1; done
  return "$status"
}

node --version >/dev/null 2>&1 && npm --version >/dev/null 2>&1 ||
  stage node "Node with npm, from Debian" "1 min" install_node || die "Node with npm is missing"
python3 -m pip --version >/dev/null 2>&1 ||
  stage python "python3 with pip, from Debian" "30 s" install_python || die "python3 with pip is missing"
suite format "formatting" "3 s" formatting
suite lint "lints" "1 min after a clean" lints
suite unit "unit tests and the repository's own rules" "2 min after a clean" unit_tests
suite wire "our wire descriptions and operations against BuildKit's own" "1 min the first time" wire_checks
suite lab "tests of the lab" "20 s" lab_tests
suite examples "tests of the examples themselves" "20 s" example_tests

if suite lab-up "the lab: daemon, registry, base images" "17 min the first time, 2 s when warm" lab up &&
  suite lab-tools "programs that some tests need: compose, cosign, the oldest BuildKit" "4 min the first time" extra_tools &&
  eval "$(lab env)" &&
  suite frontend "the frontend's image" "2 min the first time, 1 min after a change" push_frontend; then
  suite e2e "whole builds against the daemon" "18 min" end_to_end
else
  summary+=("${red}e2e${plain}       not run: there is no lab")
  failed=$((failed + 1))
fi

report
[ "$failed" = 0 ]
