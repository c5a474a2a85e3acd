# Puts the application into $3: below `venv` what is installed beside the packages of the virtual environment $1,
# below `tree` what lies in the program's directory $6. Builds with what was fetched to $2; compiles modules where $4 is
# `true`; installs the application itself where $5 is `true`, else it ships as it lies here.
set -eu
venv=$1 fetched=$2 out=$3 bytecode=$4 install=$5 program=$6
python=$(readlink -f "$venv/bin/python")
mkdir -p "$out/venv" "$out/tree"
add() {
  sh "${0%/*}/lacking.sh" /tmp/errors \
    "$python" -m pip --python "$venv/bin/python" install --quiet --no-index --no-deps --no-compile --no-cache-dir \
    --find-links "$fetched/build" --prefix "$out/venv" "$1" || {
    echo 'If the build asked for something that is not there: name it in `build-system.requires` of its pyproject.toml.' >&2
    echo 'If it asked git for a version: set it (`build: {env: {SETUPTOOLS_SCM_PRETEND_VERSION: "${VERSION}"}}`), or let the' \
      'build see the history (`source: {exclude: ["!.git"]}`).' >&2
    exit 1
  }
}
# Projects are built where they lie, and what that leaves there does not ship.
[ "$install" = true ] || {
  cp -R . "$out/tree"
  # What only developers and their tools need, and what may be secret; `runtime.files` brings something of it back.
  find "$out/tree" \( -name .env -o -name '.env.*' -o -name .envrc \) ! -type d -exec rm -f {} +
  find "$out/tree" -mindepth 1 -maxdepth 1 -type d \( -name test -o -name tests -o -name '.git*' -o -name '.*cache' \
    -o -name .idea -o -name .vscode -o -name .devcontainer -o -name .circleci \) -exec rm -rf {} +
  # A module may have such a name, too.
  find "$out/tree" -mindepth 1 -maxdepth 1 ! -type d ! -name '*.py' \( -name '.*' -o -name Makefile -o -name Procfile \
    -o -name cofferdam.yaml -o -iname 'docker-compose*.y*ml' -o -iname 'compose*.y*ml' -o -iname dockerfile -o -iname 'dockerfile.*' \
    -o -iname readme -o -iname 'readme.*' -o -iname changelog -o -iname 'changelog.*' -o -iname contributing \
    -o -iname 'contributing.*' -o -iname security.md \) -exec rm -f {} +
}
while read -r address; do add "$address"; done < "$fetched/local.txt"
[ "$install" != true ] || add .
if [ "$bytecode" = true ]; then
  compile() { "$venv/bin/python" -m compileall -q -j 1 --invalidation-mode unchecked-hash "$@" || :; }
  compile -s "$out/venv" -p "$venv" "$out/venv"
  compile -s "$out/tree" -p "$program" "$out/tree"
fi
