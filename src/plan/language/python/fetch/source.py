"""Packages that come as source: what stands in them, and stand-ins by which pip chooses them without running their code."""

import collections
import email.parser
import re
import tarfile
import zipfile

from index import FILE, INDEXES, files_of, get, other_pythons, rank, source_version
from kept import digests
from package import ENVIRONMENT, STRONG, Wrong, admits, telling, tomllib
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.specifiers import Specifier
from pip._vendor.packaging.utils import canonicalize_name
from pip._vendor.packaging.version import Version

# The most bytes that a file may have which says something of a package, and the most packages that may come as source.
ABOUT, MOST = 1 << 20, 64
# Where setuptools writes what a source distribution needs, below its one directory.
EGG_INFO = re.compile(r"(?:src/)?([^/]+)\.egg-info/requires\.txt")


def texts(archive, named):
    """The texts of those files in an archive whose paths below its one directory have a name, by that; the first counts."""
    found = {}

    def take(path, size, content):
        name = named(re.sub(r"^\./", "", path).partition("/")[2])
        if name and name not in found:
            if size > ABOUT:
                raise Wrong(f"{path} in {archive.name} has more than {ABOUT} bytes")
            found[name] = content().read(ABOUT).decode("utf-8", "replace")

    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened:
            for one in opened.infolist():
                take(one.filename, one.file_size, lambda: opened.open(one))
    else:
        with tarfile.open(archive) as opened:
            for one in opened:
                if one.isfile():
                    take(one.name, one.size, lambda: opened.extractfile(one))
    return found


# A version of a package that an index may have, of which no digest is locked.
Candidate = collections.namedtuple("Candidate", "name version")


def is_pre_release(version):
    """Whether a version, as a specifier has it, is a pre-release."""
    try:
        return Version(version).is_prerelease
    except ValueError:
        return False


def is_exact(requirement):
    """Whether a requirement admits one version alone."""
    return any(one.operator in ("==", "===") and not one.version.endswith("*") for one in requirement.specifier)


class Sources:
    """The packages of a list that pip finds no wheel of: a directory has stand-ins, another one what they stand for."""

    def __init__(self, place, constraints, pre):
        self.stand_ins, self.files = place / "stand-ins", place / "files"
        self.constraints, self.pre, self.found = constraints, pre, {}
        self.stand_ins.mkdir()
        self.files.mkdir()

    def add(self, requirement):
        """Takes what a requirement asks for if that comes as source only; whether it does, and was not known before."""
        name = canonicalize_name(requirement.name)
        alike = [one.requirement for one in self.constraints if canonicalize_name(one.requirement.name) == name]
        specifiers = [one.specifier for one in (requirement, *alike)]
        files = [file for index in INDEXES for file in files_of(index, name)]
        fitting = [(not file.yanked, version, file) for file in files for version in [source_version(file, name)]
                   if version and self.admits(version, specifiers) and (is_exact(requirement) or not file.yanked)
                   and (not file.python or admits(file.python, ENVIRONMENT["python_full_version"]))]
        for _, version, file in sorted(fitting, key=lambda one: one[:2], reverse=True):
            package = Candidate(name, str(version))
            if any(rank(one, package) is not None for one in files if one.name.endswith(".whl")):
                return False
            if self.take(package, file, other_pythons(files, package)):
                return True
        return False

    def admits(self, version, specifiers):
        """Whether all specifiers admit a version; a pre-release must be meant."""
        is_meant = self.pre or any(is_pre_release(one.version) for all in specifiers for one in all)
        return (is_meant or not version.is_prerelease) and all(one.contains(version, prereleases=True) for one in specifiers)

    def take(self, package, file, others):
        """Takes a file of a package, unless it is known or made for other versions of Python; whether it does."""
        stand_in = f"{package.name.replace('-', '_')}-{package.version}-py3-none-any.whl"
        if stand_in in self.found:
            return False
        if len(self.found) >= MOST:
            raise Wrong(f"more than {MOST} packages come as source only: pin all with their digests, as lock files and "
                        "`pip-compile --generate-hashes` do")
        path = self.download(file)
        with telling(file.name):
            python, needs = declared(path, package)
            if python and not admits(python, ENVIRONMENT["python_full_version"]):
                return False
            write(self.stand_ins / stand_in, package, needs)
        self.found[stand_in] = path, (package, others)
        return True

    def download(self, file):
        """The path of a file that an index lists, with the digest that it says."""
        path = self.files / file.name
        with path.open("wb+") as content:
            get(file.address, content, FILE)
            told = file.digest.lower()
            if told.partition(":")[0] in STRONG and not told.endswith(":") and told not in digests(content, [told]):
                raise Wrong(f"{file.name} has another digest than its index says")
        return path

    def put(self, dist):
        """Puts sources into a directory in the places of those stand-ins that pip chose; each package with `other_pythons`."""
        chosen = [one for one in self.found if (dist / one).exists()]
        for stand_in in chosen:
            (dist / stand_in).unlink()
            path = self.found[stand_in][0]
            path.rename(dist / path.name)
        return [self.found[one][1] for one in chosen]


def declared(archive, package):
    """What a source distribution says: for which versions of Python it is, if it does, and what it needs (core metadata,
    `Requires-Dist`).

    For the latter metadata counts, then what setuptools wrote as it packed (it states nothing in metadata of old), then
    `pyproject.toml`.
    """

    def named(path):
        own = EGG_INFO.fullmatch(path)
        is_known = path in ("PKG-INFO", "pyproject.toml")
        return path if is_known else "requires.txt" if own and canonicalize_name(own[1]) == package.name else None

    found = texts(archive, named)
    info = email.parser.HeaderParser().parsestr(found.get("PKG-INFO", ""))
    said = canonicalize_name(info.get("Name", package.name)), info.get("Version", package.version)
    if said[0] != package.name or not Specifier(f"=={package.version}").contains(said[1], prereleases=True):
        raise Wrong(f"{archive.name} says that it is {' '.join(said)}")
    told, project = info.get_all("Requires-Dist", []), tomllib.loads(found.get("pyproject.toml", "")).get("project", {})
    python = info.get("Requires-Python") or project.get("requires-python")
    if told or "requires.txt" in found:
        return python, [when(one) for one in told] or listed(found["requires.txt"])
    lists = {"": project.get("dependencies", []), **project.get("optional-dependencies", {})}
    if not all(isinstance(one, list) for one in lists.values()):
        raise Wrong(f"the pyproject.toml of {archive.name} has dependencies that are no lists")
    return python, [when(one, *[f"extra == '{name}'"] * bool(name)) for name, asked in lists.items() for one in asked]


def listed(text):
    """What the `requires.txt` of an `egg-info` says: the head of a section is an extra, `:` and a marker, or both."""
    found, conditions = [], []
    for line in filter(None, map(str.strip, text.splitlines())):
        head = re.fullmatch(r"\[([^:\]]*)(?::(.*))?\]", line)
        if head:
            conditions = [f"extra == '{head[1]}'"] * bool(head[1]) + [head[2]] * bool(head[2])
        else:
            found.append(when(line, *conditions))
    return found


def when(text, *conditions):
    """A requirement under conditions besides its own; from an address pip would fetch it, and run its code."""
    one = Requirement(text)
    if one.url:
        raise Wrong(f"`{text}` names an address: only packages of an index can be fetched")
    conditions = [*conditions, *([str(one.marker)] if one.marker else [])]
    one.marker = None
    return f"{one}; {' and '.join(f'({condition})' for condition in conditions)}" if conditions else str(one)


def write(path, package, needs):
    """Writes a wheel without a module, which says what a package needs (PEP 427): those lines, and no others."""
    extras = sorted(set(re.findall(r"""extra\s*==\s*['"]([^'"]+)['"]""", "\n".join(needs))))
    lines = ["Metadata-Version: 2.1", f"Name: {package.name}", f"Version: {package.version}"]
    lines += [f"Requires-Dist: {one}" for one in needs] + [f"Provides-Extra: {one}" for one in extras]
    if any(not line.isprintable() for line in lines):
        raise Wrong(f"what {package.name} {package.version} needs is not written plainly")
    about = f"{package.name.replace('-', '_')}-{package.version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{about}/METADATA", "".join(f"{line}\n" for line in lines))
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
