"""Fetches the packages that lock files name, as files, without running any of their code.

Usage: fetch.py REQUEST OUTPUT, where REQUEST is a JSON object (`root`, `directory`, `lock`, `manager`, `extras`, `groups`,
`install`). Writes below OUTPUT: `dist/` with one file per package, `build/` with what builds those that come as source,
`requirements.txt` with the exact versions in `dist`, and `local.txt` with the directories of packages in the context.

The very interpreter that ships runs this, so it judges markers and picks wheels for itself. `pip download` would do the
same, but it runs the build scripts of source distributions, with network and with the secrets of this step.
"""

import concurrent.futures
import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

from index import INDEXES, configuration, fetch
from locks import MANAGERS
from package import Package, Wrong, applies, tomllib
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import parse_wheel_filename


def build_requirements(file):
    """What builds a source distribution or a directory (PEP 518)."""
    usual = ["setuptools >= 40.8.0", "wheel"]
    try:
        if file.is_dir():
            text = (file / "pyproject.toml").read_bytes()
        elif file.name.endswith(".zip"):
            with zipfile.ZipFile(file) as archive:
                name = min((n for n in archive.namelist() if n.count("/") == 1 and n.endswith("/pyproject.toml")), default=None)
                text = archive.read(name) if name else b""
        else:
            with tarfile.open(file) as archive:
                members = [m for m in archive if m.isfile() and m.name.count("/") == 1 and m.name.endswith("/pyproject.toml")]
                text = archive.extractfile(members[0]).read() if members else b""
        asked = tomllib.loads(text.decode()).get("build-system", {}).get("requires", usual)
    except (OSError, ValueError):
        asked = usual
    return [text for text in asked if applies(str(Requirement(text).marker or ""))]


def resolve(wanted, into):
    """Has pip choose and download wheels, which it does without running code of them."""
    if not wanted:
        return
    for one in wanted:
        if Requirement(str(one)).url:
            raise Wrong(f"`{one}` names an address, from which pip would run code: only packages of an index can be fetched")
    indexes = ["--index-url", INDEXES[0]] + [word for extra in INDEXES[1:] for word in ("--extra-index-url", extra)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-cache-dir", "--disable-pip-version-check",
               "--only-binary=:all:", "--dest", str(into), *indexes, "--", *map(str, wanted)]
    if subprocess.run(command).returncode:
        raise Wrong("pip finds no wheels for these requirements; what comes as source only can be fetched where every "
                    "requirement is pinned with its digest, as lock files and `pip-compile --generate-hashes` do")


def main():
    request, output = json.loads(sys.argv[1]), Path(sys.argv[2])
    request["directory"], request["root"] = Path(request["directory"]), Path(request["root"])
    lock = Path(request["lock"]) if request["lock"] else None
    dist, build = output / "dist", output / "build"
    dist.mkdir()
    build.mkdir()
    INDEXES.extend(configuration())
    packages, local = MANAGERS[request["manager"]](request, lock)
    packages = [package for package in packages if package]
    if all(isinstance(package, Package) for package in packages):
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            files = list(pool.map(lambda package: fetch(package, dist), packages))
        lines = [f"{package}\n" for package in packages]
    else:
        resolve(packages, dist)
        files = sorted(dist.iterdir())
        lines = ["{}=={}\n".format(*parse_wheel_filename(file.name)[:2]) for file in files]
    own = [request["directory"]] if request["install"] else []
    sources = [file for file in files if file.suffix != ".whl"] + own + [lock.parent / path for path in local]
    resolve(sorted({text for source in sources for text in build_requirements(source)}), build)
    (output / "requirements.txt").write_text("".join(sorted(lines)))
    (output / "local.txt").write_text("".join(f"{path}\n" for path in sorted(local)))


if __name__ == "__main__":
    try:
        main()
    except Wrong as error:
        sys.exit(f"error: {error}")
    except (OSError, KeyError, ValueError) as error:
        sys.exit(f"error: the packages could not be fetched: {type(error).__name__}: {error}")
