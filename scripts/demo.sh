#!/usr/bin/env bash
# Builds, runs and inspects examples/go-service, then breaks a rule on purpose. Uses the builder that BUILDKIT_HOST
# or BUILDER names, else a Docker engine that answers, else a private daemon of its own.
set -eu -o pipefail
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

# pick_engine: which builder there is, and at once what is missing for it.
pick_engine() {
  if [ -n "${BUILDKIT_HOST:-}${BUILDER:-}" ]; then
    engine=builder
  elif command -v docker >/dev/null && timeout 5 docker version >/dev/null 2>&1; then
    engine=docker
  else
    engine=lab
  fi
  [ "$engine" = docker ] || require_root "make demo"
  require go "https://go.dev/doc/install (1.26 or newer)"
  [ "$engine" != lab ] || require cargo "https://www.rust-lang.org/tools/install"
}

work=$(mktemp -d)
started_lab='' service='' create_builder='' loaded=''

# shellcheck disable=SC2329  # called by the trap
cleanup() {
  local status=$?
  trap - EXIT INT TERM
  [ -z "$service" ] || stop_service
  [ -z "$loaded" ] || docker image rm "$loaded" >/dev/null 2>&1 || true
  [ -z "$create_builder" ] || bx rm cofferdam-demo >/dev/null 2>&1 || true
  [ -z "$started_lab" ] || { lab down >/dev/null 2>&1 && say "The private daemon is stopped; its cache stays for the next time."; }
  rm -rf "$work"
  exit "$status"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

stop_service() {
  if [ "$engine" = docker ]; then docker rm -f "$service"; else lab stop "$service"; fi >/dev/null 2>&1 || true
  service=''
}

# start_engine: sets `builder`, the flags that choose it and that make the frontend known to it.
start_engine() {
  say "${bold}Cofferdam:${plain} from a manifest of a few lines to an image that is proved, not hoped, to be minimal."
  case $engine in
  lab) start_lab ;;
  builder) use_builder ;;
  docker) say "Building with the Docker engine that answers here." ;;
  esac
  if [ "$engine" = lab ]; then
    stage frontend "the frontend's image, by Dockerfile.frontend: one long compilation" "2 min the first time, 2 s when nothing changed" push_frontend
  else
    stage frontend "the frontend's image, by Dockerfile.frontend: one long compilation" "2 min the first time" \
      build_frontend "${flags[@]}" --output "type=oci,dest=$work/frontend.tar,tar=true" --tag "$frontend"
    mkdir "$work/frontend"
    tar -xf "$work/frontend.tar" -C "$work/frontend"
    # The name on the syntax line means this very build of the frontend.
    flags+=(--build-context "$frontend=oci-layout://$work/frontend:${frontend##*:}")
  fi
}

flags=()

start_lab() {
  lab env >/dev/null 2>&1 || started_lab=yes
  stage lab-up "a private BuildKit daemon, a registry, base images" "6 min the first time, 2 s when warm" \
    lab up --images go,rust,debian,distroless,dockerfile
  eval "$(lab env)"
}

use_builder() {
  say "Building with ${BUILDER:-$BUILDKIT_HOST}, as the environment says."
  if ! bx version >/dev/null 2>&1; then
    lab env >/dev/null 2>&1 || started_lab=yes
    local host=${BUILDKIT_HOST:-}
    stage lab-up "buildx, which is missing here" "4 min the first time, 2 s when warm" lab up --images none
    eval "$(lab env)"
    BUILDKIT_HOST=$host
  fi
  if [ -n "${BUILDER:-}" ]; then
    flags=(--builder "$BUILDER")
  else
    bx create --name cofferdam-demo --driver remote "$BUILDKIT_HOST" >/dev/null
    create_builder=yes
    flags=(--builder cofferdam-demo)
  fi
}

# go_service OUTPUT…: the application's build.
go_service() {
  bx build --progress plain -f examples/go-service/cofferdam.yaml --build-arg VERSION=1.0.0 \
    --metadata-file "$work/metadata.json" "${flags[@]}" "$@" examples/go-service
}

# build_service: the build that a user would start, shown as such.
build_service() {
  local output
  case $engine in
  lab) image=$COFFERDAM_LAB_REGISTRY/demo/world-clock:1 output=(--tag "$image" --push) ;;
  builder) image=oci-archive:$work/service.tar output=(--sbom true --output "type=oci,dest=$work/service.tar") ;;
  docker) image=cofferdam-demo/world-clock:1 output=(--tag "$image" --load) ;;
  esac
  say ''
  say "${bold}The manifest${plain}, examples/go-service/cofferdam.yaml:"
  sed 's/^/    /' examples/go-service/cofferdam.yaml
  say ''
  say "${dim}\$ docker buildx build -f examples/go-service/cofferdam.yaml --build-arg VERSION=1.0.0 ${output[*]} examples/go-service${plain}"
  stage demo-build "the build" "1 min the first time, 1 s when cached" go_service "${output[@]}"
  [ "$engine" != docker ] || loaded=$image
}

# run_service: read-only, as the user that the image names, without capabilities.
run_service() {
  local port name=cofferdam-demo
  port=$(free_port)
  say ''
  say "${bold}Running it${plain} read-only, without capabilities, as the image's own user, on port $port:"
  if [ "$engine" = docker ]; then
    service=$name
    docker run --detach --rm --name "$name" --read-only --cap-drop all --publish "127.0.0.1:$port:8080" "$image" >/dev/null
  else
    service=demo
    stage demo-run "the container" "2 s" lab run --detach --name "$service" "$image" "-listen=127.0.0.1:$port"
  fi
  for path in /healthz / /zones/Asia/Tokyo; do
    printf '    GET %-18s %s\n' "$path" "$(http_get "$port" "$path")"
  done
  stop_service
}

free_port() {
  local port
  for port in $(shuf -i 20000-29999 -n 50); do
    (: >"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  die "no port is free"
}

# http_get PORT PATH: the body; waits up to 10 s for somebody to listen.
http_get() {
  local tries=100
  until (: >"/dev/tcp/127.0.0.1/$1") 2>/dev/null; do
    tries=$((tries - 1))
    [ "$tries" -gt 0 ] || die "nothing listens on port $1"
    sleep 0.1
  done
  exec 3<>"/dev/tcp/127.0.0.1/$1"
  printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
  sed '1,/^\r$/d' <&3 | head -n 1
  exec 3>&-
}

# describe: what came out and what was proved about it.
describe() {
  say ''
  say "${bold}What came out${plain}"
  case $engine in
  lab)
    bx imagetools inspect "$image" --format '{{json .Image}}' >"$work/config.json"
    bx imagetools inspect "$image" --format '{{json .SBOM.SPDX}}' >"$work/sbom.json"
    crane manifest --insecure --platform linux/amd64 "$image" >"$work/manifest.json"
    go run demo/summary.go --files "$work" --metadata "$work/metadata.json"
    ;;
  builder) describe_file ;;
  docker)
    # What is loaded into the engine comes without its bill of materials.
    stage demo-describe "the same image with its bill of materials, as a file" "1 s" \
      go_service --sbom true --output "type=oci,dest=$work/service.tar"
    describe_file
    ;;
  esac
}

# describe_file: the same of an image that was written to a file.
describe_file() {
  mkdir "$work/service"
  tar -xf "$work/service.tar" -C "$work/service"
  go run demo/summary.go --layout "$work/service" --metadata "$work/metadata.json"
}

# break_rule: the same application on a base with a shell.
break_rule() {
  cp -r examples/go-service "$work/broken"
  sed -i 's|^runtime:|runtime:\n  base: docker.io/library/debian:trixie-slim|' "$work/broken/cofferdam.yaml"
  say ''
  say "${bold}Now a rule is broken on purpose${plain}: the same application on a base with a shell and a package manager."
  diff -U 0 examples/go-service/cofferdam.yaml "$work/broken/cofferdam.yaml" | sed -n 's/^\(+ .*\)/    \1/p' || true
  if bx build --progress plain -f "$work/broken/cofferdam.yaml" "${flags[@]}" --output type=cacheonly "$work/broken" \
    >"$logs/demo-broken.log" 2>&1; then
    die "the build should have failed; its log is $logs/demo-broken.log"
  fi
  grep -q 'final-shell' "$logs/demo-broken.log" || { tail -n 30 "$logs/demo-broken.log"; die "the build failed, but not by the rule"; }
  # From the client's summary of the error on: the rule, the path, and the line of the manifest.
  awk '/^ERROR|^cofferdam.yaml:/ { shown = 1 } shown' "$logs/demo-broken.log" | sed "s/^/    $red/; s/\$/$plain/"
}

pick_engine
start_engine
build_service
run_service
describe
break_rule
say ''
say "${green}That is all.${plain} The manifest's language: docs/manifest.md; the rules: docs/rules.md."
