"""What the script that puts an application together ships."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

PLAN = Path(__file__).resolve().parents[2] / "src/plan"
# A step has them side by side.
SCRIPTS = [PLAN / "language/python/package.sh", PLAN / "lacking.sh"]
# As setuptools builds: in place, where it leaves things behind.
PYTHON = """#!/bin/sh
for place; do :; done
place=${place#file://}
mkdir -p "$place/build/lib" "$place/foo.egg-info"
echo "$place" >> "${0%/*}/built"
"""


class Packaged(unittest.TestCase):
    def test_projects_are_built_in_place_and_leave_nothing(self):
        for installs, tree in (("false", {"main.py", "libs", "libs/foo", "libs/foo/foo.py"}), ("true", set())):
            with self.subTest(installs), tempfile.TemporaryDirectory() as directory:
                work = Path(directory).resolve()
                source, venv, fetched, out = (work / name for name in ("src", "venv", "fetched", "out"))
                for place in (source / "libs/foo", venv / "bin", fetched):
                    place.mkdir(parents=True)
                for file in ("main.py", "libs/foo/foo.py"):
                    (source / file).touch()
                (venv / "bin/python").write_text(PYTHON)
                (venv / "bin/python").chmod(0o755)
                foo = source / "libs/foo"
                (fetched / "local.txt").write_text(f"{foo.as_uri()}\n")
                script, _ = (shutil.copy(script, work) for script in SCRIPTS)
                subprocess.run(["sh", script, venv, fetched, out, "false", installs, "/app"], cwd=source, check=True)
                self.assertEqual({str(path.relative_to(out / "tree")) for path in (out / "tree").rglob("*")}, tree)
                own = ["."] if installs == "true" else []
                self.assertEqual((venv / "bin/built").read_text().split(), [str(foo), *own])
