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
from pip._vendor.packaging.utils import canonicalize_name

# The most bytes that a file may have which says something of a package.
ABOUT = 1 << 20
# Where a source distribution says what it needs, below its one directory.
DECLARATIONS = re.compile(r"[^/]+/(?:(PKG-INFO|pyproject\.toml)|(?:[^/]+/)?[^/]+\.egg-info/(requires\.txt))")


def texts(archive, pattern):
    """The texts of those files in an archive whose paths match, each by the group of the pattern that did; the first counts."""
    found = {}

    def take(path, size, content):
        match = pattern.fullmatch(path)
        if match and match[match.lastindex] not in found:
            if size > ABOUT:
                raise Wrong(f"{path} in {archive.name} has more than {ABOUT} bytes")
            found[match[match.lastindex]] = content().read(ABOUT).decode()

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


# What an index is asked for.
Package = collections.namedtuple("Package", "name version")


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
        specifiers = [requirement.specifier]
        specifiers += [one.requirement.specifier for one in self.constraints if canonicalize_name(one.requirement.name) == name]
        fitting, files = [], [file for index in INDEXES for file in files_of(index, name)]
        for file in files:
            version = source_version(file, name)
            is_admitted = version and all(one.contains(version, prereleases=self.pre or None) for one in specifiers)
            is_for_this = not file.python or admits(file.python, ENVIRONMENT["python_full_version"])
            if is_admitted and is_for_this and (is_exact(requirement) or not file.yanked):
                fitting.append((not file.yanked, version, file))
        if not fitting:
            return False
        _, version, file = max(fitting, key=lambda one: one[:2])
        stand_in = f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
        package = Package(name, str(version))
        has_wheel = any(rank(one, package) is not None for one in files if one.name.endswith(".whl"))
        if has_wheel or stand_in in self.found or "/" in file.name:
            return False
        path = self.download(file)
        self.found[stand_in] = path, (package, other_pythons(files, package))
        with telling(file.name):
            write(self.stand_ins / stand_in, name, version, needs(path))
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


def needs(archive):
    """What a source distribution says that it needs, in the form of core metadata's `Requires-Dist`.

    Metadata counts, then what setuptools wrote as it packed (it states nothing in metadata of old), then `pyproject.toml`.
    """
    found = texts(archive, DECLARATIONS)
    told = email.parser.HeaderParser().parsestr(found.get("PKG-INFO", "")).get_all("Requires-Dist", [])
    if told or "requires.txt" in found:
        return [when(one) for one in told] or listed(found["requires.txt"])
    project = tomllib.loads(found.get("pyproject.toml", "")).get("project", {})
    extras = [(f"extra == '{name}'", asked) for name, asked in project.get("optional-dependencies", {}).items()]
    return [*map(when, project.get("dependencies", [])), *(when(one, extra) for extra, asked in extras for one in asked)]


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


def write(path, name, version, needs):
    """Writes a wheel without a module, which says what a package needs (PEP 427)."""
    extras = sorted(set(re.findall(r"""extra\s*==\s*['"]([^'"]+)['"]""", "\n".join(needs))))
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {one}" for one in needs] + [f"Provides-Extra: {one}" for one in extras]
    about = f"{name.replace('-', '_')}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{about}/METADATA", "".join(f"{line}\n" for line in lines))
        archive.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{about}/RECORD", "")
