"""Takes debugging symbols out of the extension modules of a virtual environment, and writes that into its records.

Usage: strip.py VENV. Wheels often carry more symbols than code. A module that the loader would no longer take, as happens
to files that were patched before, stays as it was; so does everything where the builder has no `strip`.
"""

import base64
import csv
import hashlib
import io
import shutil
import subprocess
import sys
from pathlib import Path


def loads(path):
    """Whether the loader takes a file, whatever libraries it lacks."""
    done = subprocess.run(["ldd", str(path)], capture_output=True, text=True, errors="replace")
    return done.returncode == 0 and "not a dynamic executable" not in done.stdout + done.stderr


def strip(path):
    """Strips a file; whether it changed."""
    bare = path.with_name(path.name + ".bare")
    done = subprocess.run(["strip", "--strip-unneeded", "-o", str(bare), str(path)], capture_output=True)
    changed = done.returncode == 0 and bare.stat().st_size < path.stat().st_size and loads(bare)
    if changed:
        bare.chmod(path.stat().st_mode & 0o777)
        bare.replace(path)
    bare.unlink(missing_ok=True)
    return changed


def note(record, changed):
    """Puts new digests and sizes into a record of installed files ("Recording installed projects", `RECORD`)."""
    site, rows = record.parent.parent, list(csv.reader(io.StringIO(record.read_text())))
    for row in rows:
        path = site / row[0]
        if path in changed:
            content = path.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
            row[1:] = [f"sha256={digest}", str(len(content))]
    with record.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def main():
    if not (shutil.which("strip") and shutil.which("ldd")):
        return
    libraries = Path(sys.argv[1]) / "lib"
    # What lies in `*.libs` was patched when its wheel was made.
    modules = [path for path in sorted(libraries.rglob("*.so")) if not path.parent.name.endswith(".libs") and not path.is_symlink()]
    changed = {path for path in modules if strip(path)}
    for record in sorted(libraries.rglob("*.dist-info/RECORD")):
        if changed:
            note(record, changed)


main()
