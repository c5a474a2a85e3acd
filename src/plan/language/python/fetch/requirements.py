"""Requirements as people write them: in requirements files and in `pyproject.toml`."""

import collections
import os
import re
import sys

from index import INDEXES, LOGINS, login_in, origin, web
from package import PUBLIC_INDEX, STRONG, Package, Wrong, admits, applies, local, names, read, read_toml
from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename

# A requirement of a file: where it stands, what it asks for, and which digests its file may have.
Line = collections.namedtuple("Line", "place requirement digests")
# Something in the context that a line names: where the line stands, and what of it is wanted.
Place = collections.namedtuple("Place", "place path extras digests")
# Requirements that pip chooses packages for, with the words of its command that count for all, and the packages of the
# context by their names, which pip must not choose.
Loose = collections.namedtuple("Loose", "requirements constraints options there")
# Options that choose no other packages: wheels are preferred anyway, and digests are demanded of all or none.
HARMLESS = {"--only-binary", "--prefer-binary", "--trusted-host", "--use-feature"}


class Files:
    """What requirements files say (pip, "Requirements File Format")."""

    def __init__(self, root, directory=None):
        self.root, self.directory, self.seen = root, directory, set()
        self.lines, self.constraints, self.options, self.local = [], [], [], []
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
            if include:
                short, long, name = include.groups()
                self.read(path.parent / name, constrains or "c" in (short, (long or "")[:1]))
            elif not constrains and self.take_place(line, place):
                pass
            elif line.startswith("-"):
                self.option(line, place)
            else:
                (self.constraints if constrains else self.lines).append(requirement(line, place))
        return self

    def take_place(self, line, place):
        """Takes a line that names a place in the context, as pip looks for it: from the application's directory."""
        parts = re.fullmatch(r"(-e|--editable)?[\s=]*(?:[\w.-]+(?:\[([^]]*)\])?\s*@\s*)?(file:)?([^\s:;#[]+)"
                             r"(?:\[([^]]*)\])?(?:#egg=\S*)?(?:\s*;\s*(.+))?", re.sub(HASH, "", line))
        editable, named, file, path, extras, marker = parts.groups() if parts else [None] * 5 + [""]
        is_place = editable or file or re.search(r"^\.|/|\.whl$", path or "")
        if not is_place or path.startswith(("/", "-")):
            return False
        path, extras = (self.directory / path).resolve(), re.split(r"[,\s]+", (named or extras or "").strip())
        extras = [extra for extra in extras if extra]
        if path == self.directory:
            self.own = [*(self.own or []), *extras]
        elif applies(marker):
            self.local.append(Place(place, path, extras, re.findall(STRONG_HASH, line)))
        return True

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


# A digest in a line, and one that nobody forges.
HASH = r"\s--hash[\s=]+\S+"
STRONG_HASH = rf"--hash[\s=]+((?:{'|'.join(STRONG)}):[0-9a-fA-F]+)"


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
    digests = [digest.lower() for digest in re.findall(STRONG_HASH, line)]
    text = re.sub(HASH, "", line)
    if re.search(r"^[\w+.-]+://|@\s*[\w+.-]+:|^[./]|[\\/]\S*$", text.partition(";")[0].strip()):
        raise Wrong(f"{place}: `{line}` names an address: packages come from an index, or from a directory or a wheel of the "
                    "context, by a path that is relative to the application's directory")
    try:
        return Line(place, Requirement(text), digests)
    except InvalidRequirement as error:
        raise Wrong(f"{place}: `{line}` is no requirement: {error}") from error


def pip(request, lock):
    """The packages of requirements that are pinned with their digests, else what pip has to choose for."""
    if not lock:
        project = read_toml(request["directory"] / "pyproject.toml", request["root"])
        if is_told_by_code(project) or request["extras"] and is_told_by_code(project, "optional-dependencies"):
            raise Wrong("pyproject.toml says that code tells its dependencies, which no fetch runs: lock them")
        extras, groups = asked(request, "extras", optional(project)), asked(request, "groups", grouped(project))
        return Loose(requirements(project, extras, groups), [], [], installed(request, [])), []
    files = Files(request["root"], request["directory"]).read(lock)
    lines = [line for line in files.lines if applies(line.requirement.marker)]
    is_pinned = files.needs_digests or any(line.digests for line in lines + files.constraints + files.local)
    places = [local(one.path, one.digests if is_pinned else None) for one in files.local]
    there = installed(request, files.local)
    own = of_context(request, lock, files, there)
    if not is_pinned:
        return Loose([line.requirement for line in lines] + own, files.constraints, files.options, there), places
    packages = [pinned(line, files.constraints) for line in lines]
    check_apart([package.name for package in packages], there)
    check_all(own, {package.name: package.version for package in packages}, lock)
    return packages, places


def installed(request, places):
    """What is installed from the context, by the names of packages: the application, if it is, and what lies at places."""
    paths = [request["directory"]] * request["install"] + [place.path for place in places]
    return {name_of(request, path): path for path in paths}


def name_of(request, path):
    """The name of a package in the context; where code tells it, that of its directory, which is usually the same."""
    if path.suffix == ".whl":
        return parse_wheel_filename(path.name)[0]
    project = project_of(request, path)
    return canonicalize_name((project.get("project") or project.get("tool", {}).get("poetry", {})).get("name", path.name))


def project_of(request, directory):
    path = directory / "pyproject.toml"
    return read_toml(path, request["root"]) if path.exists() else {}


def of_context(request, lock, files, there):
    """What the application, where it is listed, and the packages of the context `there` ask of others.

    What they ask of each other is there, but for what comes with the extras of that.
    """
    pending, found, hidden = [(one.path, one.extras, []) for one in files.local], {}, set()
    if files.own is not None:
        pending.insert(0, (request["directory"], [*request["extras"], *files.own], request["groups"]))
    elif request["extras"] or request["groups"]:
        raise Wrong(f"{lock.name} has neither extras nor groups: list `.` in it, or leave them out")
    while pending:
        for one in requirements_of(request, *pending.pop(0), hidden):
            name = canonicalize_name(one.name)
            if name in there and one.extras and str(one) not in found:
                pending.append((there[name], one.extras, []))
            found[str(one)] = one
    for place in sorted(hidden):
        print(f"note: the dependencies of `{place}` stand where no fetch looks: {lock.name} must have them", file=sys.stderr)
    return [one for one in found.values() if canonicalize_name(one.name) not in there]


def requirements_of(request, path, extras, groups, hidden):
    """What a package of the context asks for with these extras and groups; `hidden` takes it if that is not all."""
    project, place = project_of(request, path), os.path.relpath(path, request["directory"])
    whose = "the application" if place == "." else f"`{place}`"
    known = {**project.get("tool", {}).get("poetry", {}).get("extras", {}), **optional(project)}
    if is_told_by_code(project, "optional-dependencies"):
        known.update(dict.fromkeys(extras))
    extras = asked({"extras": extras}, "extras", known, whose)
    if is_told_by_code(project) or not set(extras).issubset(names(optional(project))):
        hidden.add(place)
    return requirements(project, extras, asked({"groups": groups}, "groups", grouped(project), whose))


def is_told_by_code(project, field="dependencies"):
    """Whether the dependencies, or those of extras, are no part of a `pyproject.toml`."""
    return field in project.get("project", {"dynamic": [field]}).get("dynamic", [])


def check_apart(fetched, there):
    """Refuses packages of an index that are called as those of the context `there`: a stranger's could take their place."""
    for name in fetched:
        if name in there:
            raise Wrong(f"an index has a `{name}` that is asked for, but so is called what lies in `{there[name].name}`: pin "
                        "all requirements with their digests, without this one; or, if it is called otherwise, let its "
                        "pyproject.toml say so")


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


def asked(request, kind, known, whose="the application"):
    """The `extras` or `groups` that are asked for; the application, or who else it is, must have them."""
    wanted, known = names(request[kind]), names(known)
    for name in wanted:
        if name not in known:
            there = ", ".join(known) or "none"
            raise Wrong(f"{whose} has no {kind[:-1]} `{name}`; there are: {there}")
    return wanted
