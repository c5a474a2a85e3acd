# Makes the virtual environment $1 of the packages that were fetched to $2; compiles their modules where $3 is `true`.
set -eu
venv=$1 fetched=$2 bytecode=$3
python=$(command -v python3)
"$python" -m venv --without-pip "$venv"
rm -f "$venv"/bin/[Aa]ctivate* "$venv"/bin/python3.* "$venv/.gitignore"
if [ -s "$fetched/requirements.txt" ]; then
  sh "${0%/*}/lacking.sh" /tmp/errors \
    "$python" -m pip --python "$venv/bin/python" install --quiet --no-index --no-deps --no-compile --no-cache-dir \
    --find-links "$fetched/dist" --find-links "$fetched/build" --requirement "$fetched/requirements.txt" || {
    echo 'A package that is built from source can ask for more than its `build-system.requires` names, which no fetch brings.' \
      'If one did above: lock a version that has a wheel, or install the tool itself (`build: {packages: […]}`).' >&2
    cat "$fetched/compiled.txt" >&2
    exit 1
  }
fi
"$python" -B "${0%/*}/strip.py" "$venv"
if [ "$bytecode" = true ]; then
  # Not judged by times, so that the same module is the same bytes; one worker, so that each is written alike.
  "$venv/bin/python" -m compileall -q -j 1 --invalidation-mode unchecked-hash "$venv/lib" || :
fi
