"""Fetches the packages that lock files name, as files, without running any of their code.

Usage: fetch.py REQUEST OUTPUT [KEPT], where REQUEST is a JSON object (`root`, `directory`, `lock`, `manager`, `extras`,
`groups`, `install`), and KEPT a directory of what earlier fetches downloaded, which nobody vouches for. Writes below
OUTPUT: `dist/` with one file per package, `build/` with what builds those that come as source, `requirements.txt` with the
exact versions in `dist`, `local.txt` with the addresses of packages in the context, and `compiled.txt` with what to say
where compiling fails.

The very interpreter that ships runs this, so it judges markers and picks wheels for itself. `pip download` would do the
same, but it runs the build scripts of source distributions, with network and with the secrets of this step.
"""

import concurrent.futures
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from index import INDEXES, advice, configure, fetch
from kept import Kept, digests
from locks import MANAGERS
from package import Wrong, applies, read, telling, tomllib
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename
from requirements import Files, Loose, check_apart
from source import Sources, is_exact, texts

# pip, but for what it would run: a wheel may ask for source at an address, whatever pip is told of wheels alone.
PIP = """
import sys
from pip._internal.cli.main import main
from pip._internal.distributions.sdist import SourceDistribution
from pip._internal.exceptions import InstallationError
from pip._internal.operations import prepare
def refuse(*_, **__):
    raise InstallationError("a wheel asks for source at an address, which would run here, with network and secrets")
# A pip that has no such names is not one that this is known to hold.
SourceDistribution.prepare_distribution_metadata, prepare.unpack_vcs_link
SourceDistribution.prepare_distribution_metadata = prepare.unpack_vcs_link = refuse
sys.exit(main())
"""
# What can be pinned besides the lock: what builds packages from source.
CONSTRAINTS = "build-constraints.txt"


def build_requirements(source, root):
    """What builds a source distribution or a directory (PEP 518)."""
    with telling(source.name):
        text = pyproject(source, root)
        asked = tomllib.loads(text).get("build-system", {}).get("requires", ["setuptools >= 40.8.0"])
        asked = [Requirement(one) for one in asked]
        # Older setuptools asks for it while it builds, which is too late.
        wheel = [Requirement("wheel")] if any(one.name == "setuptools" for one in asked) else []
        return frozenset(str(one) for one in asked + wheel if applies(one.marker))


def pyproject(source, root):
    """The text of the `pyproject.toml` of a source distribution or a directory; empty where it has none."""
    if not source.is_file():
        path = source / "pyproject.toml"
        return read(path, root) if path.exists() else ""
    return texts(source, lambda path: path if path == "pyproject.toml" else None).get("pyproject.toml", "")


def download(wanted, into, constraints, options):
    """Has pip choose and download wheels, which it does without running code of them; what it says where it cannot."""
    for one in [*wanted, *(line.requirement for line in constraints)]:
        if one.url:
            raise Wrong(f"`{one}` names an address, from which pip would run code: only packages of an index can be fetched")
    if not wanted:
        return None
    with tempfile.NamedTemporaryFile("w") as lines:
        lines.writelines(f"{line.requirement}\n" for line in constraints)
        lines.flush()
        indexes = ["--index-url", INDEXES[0]] + [word for extra in INDEXES[1:] for word in ("--extra-index-url", extra)]
        command = [sys.executable, "-c", PIP, "download", "--no-cache-dir", "--disable-pip-version-check", "--no-color",
                   "--progress-bar=off", "--only-binary=:all:", "--dest", str(into), "--constraint", lines.name, *indexes,
                   *options, "--"]
        command += [str(one) for one in wanted]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    # Before that stands what it looked at.
    told = re.search(r"(?ms)^(WARNING|ERROR).*", done.stdout)
    return (told.group() if told else done.stdout) if done.returncode else None


# How pip names a requirement that no wheel fulfils, and newer ones of it who asks for it.
LACKING = r"(?m)No matching distribution found for (.+?)(?: \(from .*\))?\s*$"


def choose(loose, dist):
    """Has pip choose what a list asks for: wheels, and what has none as source. The names and versions, and the
    sources' `other_pythons`.
    """
    constraints = [line for line in loose.constraints if applies(line.requirement.marker)]
    # Looked at where pip fails at first: there it tells one of them. What constraints pin it takes for a conflict.
    asked, pinned = filter(is_exact, loose.requirements), filter(is_exact, (line.requirement for line in constraints))
    with tempfile.TemporaryDirectory(dir=dist.parent) as place:
        sources = Sources(Path(place), constraints, "--pre" in loose.options)
        options = [*loose.options, "--find-links", str(sources.stand_ins)]
        while (said := download(loose.requirements, dist, loose.constraints, options)) is not None:
            named = [Requirement(one) for one in re.findall(LACKING, said)]
            if not any([sources.add(one) for one in (*named, *asked)]) and not any([sources.add(one) for one in pinned]):
                sys.stderr.write(said)
                raise Wrong("pip finds no packages that these requirements admit together, and says above why")
        chosen = [parse_wheel_filename(file.name)[:2] for file in sorted(dist.iterdir())]
        return chosen, sources.put(dist)


def fetch_builders(sources, root, into, constraints):
    """Fetches what builds sources, for each by itself: each is built by itself."""
    builders = {}
    for source in sources:
        builders.setdefault(build_requirements(source, root), []).append(source.name)
    for asked, built in sorted((sorted(asked), built) for asked, built in builders.items()):
        said = download([Requirement(text) for text in asked], into, constraints, [])
        if said is not None:
            sys.stderr.write(said)
            raise Wrong(f"pip finds no wheels of what builds {', '.join(built)} from source: {', '.join(asked)}")
    if any(line.digests for line in constraints):
        for file in into.iterdir():
            check_builder(file, constraints)
    found = ", ".join("{} {}".format(*parse_wheel_filename(file.name)[:2]) for file in sorted(into.iterdir()))
    if found and not constraints:
        print(f"note: no lock holds what builds from source, so the newest was fetched: {found}; a {CONSTRAINTS} beside "
              "the lock pins it", file=sys.stderr)


def check_builder(file, constraints):
    """Refuses what builds sources unless its digest is among the constraints: pip would ask for exact requirements then."""
    name = parse_wheel_filename(file.name)[0]
    known = {digest for line in constraints if canonicalize_name(line.requirement.name) == name for digest in line.digests}
    with file.open("rb") as content:
        if known.isdisjoint(digests(content, known)):
            raise Wrong(f"{CONSTRAINTS} has digests, but none of {file.name}")


def main(request, output, kept):
    directory, root = Path(request["directory"]).resolve(), Path(request["root"]).resolve()
    request.update(directory=directory, root=root)
    lock = Path(request["lock"]).resolve() if request["lock"] else None
    dist, build = output / "dist", output / "build"
    dist.mkdir()
    build.mkdir()
    with telling("pip's settings"):
        configure()
    with telling(lock.name if lock else "pyproject.toml"):
        packages, local = MANAGERS[request["manager"]](request, lock)
    for one in local:
        if one.path != root and root not in one.path.parents:
            raise Wrong(f"`{one.path.name}`, which {lock.name} names, lies outside of the build context")
    if isinstance(packages, Loose):
        chosen, compiled = choose(packages, dist)
        files = sorted(dist.iterdir())
        check_apart([name for name, _ in chosen], packages.there)
        lines = ["{}=={}\n".format(*one) for one in chosen]
    else:
        packages = list({str(package): package for package in packages}.values())
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            fetched = list(pool.map(lambda package: fetch(package, dist, kept), packages))
        files, compiled = [path for path, _ in fetched], [(one, versions) for one, (_, versions) in zip(packages, fetched)]
        if kept.directory:
            print(f"{len(kept.taken)} of {len(files)} archives were downloaded before", file=sys.stderr)
        lines = [f"{package}\n" for package in packages]
    own = [directory] if request["install"] else []
    sources = [file for file in files if file.suffix != ".whl"] + own + [one.path for one in local if one.path.suffix != ".whl"]
    path = directory / CONSTRAINTS
    constraints = Files(root).read(path, constrains=True).constraints if path.exists() else []
    fetch_builders(sources, root, build, constraints)
    (output / "requirements.txt").write_text("".join(sorted(lines)))
    (output / "compiled.txt").write_text(advice(compiled))
    (output / "local.txt").write_text("".join(sorted(f"{address(one)}\n" for one in local)))


def address(one):
    """What pip calls something of the context: it checks the digest."""
    kind, _, digest = (one.digest or "").partition(":")
    return one.path.as_uri() + (f"#{kind}={digest}" if digest else "")


if __name__ == "__main__":
    try:
        with telling("the packages could not be fetched"):
            main(json.loads(sys.argv[1]), Path(sys.argv[2]), Kept(*sys.argv[3:]))
    except Wrong as error:
        sys.exit(f"error: {error}")
