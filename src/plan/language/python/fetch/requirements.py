"""Requirements as people write them: in requirements files and in `pyproject.toml`."""

import collections
import os
import re
import sys

from index import INDEXES, LOGINS, login_in, origin, web
from package import PUBLIC_INDEX, STRONG, Package, Wrong, admits, applies, names, read, read_toml
from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
from pip._vendor.packaging.utils import canonicalize_name

# A requirement of a file: where it stands, what it asks for, and which digests its file may have.
Line = collections.namedtuple("Line", "place requirement digests")
# Requirements that pip chooses packages for, with the words of its command that count for all.
Loose = collections.namedtuple("Loose", "requirements constraints options")
# Options that choose no other packages: wheels are preferred anyway, and digests are demanded of all or none.
HARMLESS = {"--only-binary", "--prefer-binary", "--trusted-host", "--use-feature"}


class Files:
    """What requirements files say (pip, "Requirements File Format")."""

    def __init__(self, root):
        self.root, self.seen = root, set()
        self.lines, self.constraints, self.options = [], [], []
        self.own, self.needs_digests = None, False

    def read(self, path, constrains=False):
        """Takes a file and the files that it includes, each once; the same object."""
        path = path.resolve()
        if (path, constrains) in self.seen:
            return self
        self.seen.add((path, constrains))
        for number, line in logical_lines(read(path, self.root)):
            place = f"{path.name}:{number}"
            include = re.match(r"(?:-([rc])\s*|--(requirement|constraint)[\s=]+)(\S+)", line)
            own = re.fullmatch(r"(?:(?:-e|--editable)[\s=]*)?\./?(?:\[(.*)\])?", line)
            if include:
                short, long, name = include.groups()
                self.read(path.parent / name, constrains or "c" in (short, (long or "")[:1]))
            elif own:
                self.own = [*(self.own or []), *(own.group(1) or "").replace(",", " ").split()]
            elif line.startswith("-"):
                self.option(line, place)
            else:
                (self.constraints if constrains else self.lines).append(requirement(line, place))
        return self

    def option(self, line, place):
        """An option of its own line; one that would choose other packages is refused where it is not understood."""
        word, value = re.match(r"(--[\w-]+|-\w?)[\s=]*(.*)", line).groups()
        # pip knows variables in all lines, but only an address may hold a secret: others are shown.
        address = re.sub(r"\$\{([A-Z0-9_]+)\}", lambda name: os.environ.get(name.group(1)) or name.group(), value)
        if re.search(r"\s", value):
            raise Wrong(f"{place}: `{line}` has several words: write each option in a line of its own")
        if word in ("-i", "--index-url", "--extra-index-url"):
            web(address)
            if login_in(address):
                LOGINS.setdefault(origin(address), login_in(address))
            if not address.startswith(PUBLIC_INDEX):
                INDEXES[:] = [*INDEXES, address] if word == "--extra-index-url" else [address]
        elif word == "--pre":
            self.options.append(word)
        elif word == "--require-hashes":
            self.needs_digests = True
        elif word not in HARMLESS:
            raise Wrong(f"{place}: `{line}` is not supported: only packages of an index can be fetched, as they are")


def logical_lines(text):
    """The lines of a requirements file that say something, joined where they go on, each with its number."""
    whole, start = "", 1
    for number, line in enumerate(text.splitlines(), 1):
        whole += re.sub(r"(^|\s)#.*", "", line)
        if whole.endswith("\\"):
            whole = f"{whole[:-1]} "
            continue
        if whole.strip():
            yield start, whole.strip()
        whole, start = "", number + 1
    if whole.strip():
        yield start, whole.strip()


def requirement(line, place):
    digests = [digest.lower() for digest in re.findall(rf"--hash[\s=]+((?:{'|'.join(STRONG)}):[0-9a-fA-F]+)", line)]
    text = re.sub(r"\s--hash[\s=]+\S+", "", line)
    if re.search(r"^[\w+.-]+://|@\s*[\w+.-]+:|^[./]|[\\/]\S*$", text.partition(";")[0].strip()):
        raise Wrong(f"{place}: `{line}` names an address or a directory: only packages of an index can be fetched, and the "
                    "application itself installed (`.`); publish it, or let a workspace of uv or Poetry bring it")
    try:
        return Line(place, Requirement(text), digests)
    except InvalidRequirement as error:
        raise Wrong(f"{place}: `{line}` is no requirement: {error}") from error


def pip(request, lock):
    """The packages of requirements that are pinned with their digests, else what pip has to choose for."""
    if not lock:
        project = read_toml(request["directory"] / "pyproject.toml", request["root"])
        extras, groups = asked(request, "extras", optional(project)), asked(request, "groups", grouped(project))
        if is_told_by_code(project):
            raise Wrong("pyproject.toml says that code tells its dependencies, which no fetch runs: lock them")
        return Loose(requirements(project, extras, groups), [], []), []
    files = Files(request["root"]).read(lock)
    lines = [line for line in files.lines if applies(line.requirement.marker)]
    own = own_requirements(request, lock, files.own)
    if not files.needs_digests and not any(line.digests for line in lines + files.constraints):
        return Loose([line.requirement for line in lines] + own, files.constraints, files.options), []
    packages = [pinned(line, files.constraints) for line in lines]
    check_all(own, {package.name: package.version for package in packages}, lock)
    return packages, []


def own_requirements(request, lock, own):
    """What the application itself asks for, where a requirements file lists it with these extras."""
    if own is None:
        if request["extras"] or request["groups"]:
            raise Wrong(f"{lock.name} has neither extras nor groups: list `.` in it, or leave them out")
        return []
    path = request["directory"] / "pyproject.toml"
    project = read_toml(path, request["root"]) if path.exists() else {}
    if is_told_by_code(project):
        print(f"note: code tells the dependencies of `.`, which no fetch runs: {lock.name} must have them", file=sys.stderr)
    extras = asked({"extras": [*request["extras"], *own]}, "extras", optional(project))
    return requirements(project, extras, asked(request, "groups", grouped(project)))


def is_told_by_code(project):
    """Whether the dependencies are no part of a `pyproject.toml`."""
    return "dependencies" in project.get("project", {"dynamic": ["dependencies"]}).get("dynamic", [])


def pinned(line, constraints):
    """The package of a line, which must name one version and its digests: that of another would not be checked."""
    name = canonicalize_name(line.requirement.name)
    alike = [line, *(one for one in constraints if canonicalize_name(one.requirement.name) == name)]
    specifiers = [one for part in alike for one in part.requirement.specifier]
    exact = [one.version for one in specifiers if one.operator == "==" and not one.version.endswith("*")]
    digests = [digest for part in alike for digest in part.digests]
    if not exact or not digests:
        raise Wrong(f"{line.place}: `{line.requirement}` needs an exact version (`==`) and a digest (`--hash`), since other "
                    "lines have one: `pip-compile --generate-hashes` writes both")
    for one in specifiers:
        if not admits(str(one), exact[0]):
            raise Wrong(f"{line.place}: `{line.requirement}` and `{one}` exclude each other")
    return Package(line.requirement.name, exact[0], digests)


def requirements(project, extras, groups):
    """What the standard tables of a `pyproject.toml` ask for, for this interpreter."""
    table = project.get("project", {})
    own, tables = canonicalize_name(table.get("name", "")), {"": table.get("dependencies", [])}
    tables.update({("extra", canonicalize_name(name)): texts for name, texts in optional(project).items()})
    tables.update({("group", canonicalize_name(name)): texts for name, texts in grouped(project).items()})
    pending, found = ["", *(("extra", name) for name in names(extras)), *(("group", name) for name in names(groups))], []
    while pending:
        for text in tables.pop(pending.pop(0), []):
            one = Requirement(text) if isinstance(text, str) else None
            if one is None:
                pending.append(("group", canonicalize_name(text["include-group"])))
            elif applies(one.marker) and canonicalize_name(one.name) == own:
                pending += [("extra", name) for name in names(one.extras)]
            elif applies(one.marker):
                found.append(one)
    return found


def optional(project):
    return project.get("project", {}).get("optional-dependencies", {})


def grouped(project):
    return project.get("dependency-groups", {})


def check_all(wanted, versions, lock):
    """Refuses a lock file that does not hold what is asked for; one that names no version of a package does not say."""
    for one in wanted:
        name = canonicalize_name(one.name)
        if name not in versions:
            raise Wrong(f"{lock.name} does not hold `{one}`: it is out of step; lock again and commit it")
        if versions[name] and not admits(str(one.specifier), versions[name]):
            raise Wrong(f"{lock.name} holds {one.name} {versions[name]}, but pyproject.toml asks for `{one}`: lock again "
                        "and commit it")


def asked(request, kind, known):
    """The `extras` or `groups` that are asked for; the application must have them."""
    wanted, known = names(request[kind]), names(known)
    for name in wanted:
        if name not in known:
            there = ", ".join(known) or "none"
            raise Wrong(f"the application has no {kind[:-1]} `{name}`; there are: {there}")
    return wanted
