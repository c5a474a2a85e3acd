"""Requirements as people write them: in requirements files and in `pyproject.toml`."""

import re

from index import option
from package import Package, Wrong, admits, applies, read, read_toml
from pip._vendor.packaging.requirements import InvalidRequirement, Requirement
from pip._vendor.packaging.utils import canonicalize_name


def pip(request, lock):
    """The packages of a list of requirements; `None` in their place unless each is pinned with its digests."""
    lines = list(requirement_lines(lock, request["root"])) if lock else []
    wanted = [line for line, _ in lines]
    if not lock:
        project = read_toml(request["directory"] / "pyproject.toml", request["root"])
        check_extras(request, set(map(canonicalize_name, optional(project))))
        wanted = list(requirements(project, request["extras"], request["groups"]))
    wanted = [one for one in wanted if one.marker is None or applies(str(one.marker))]
    digests = {str(line): hashes for line, hashes in lines}
    exact = [re.fullmatch(r"==\s*([^*,]+)", str(one.specifier)) for one in wanted]
    if lock and all(exact) and all(digests[str(one)] for one in wanted):
        pairs = zip(wanted, exact)
        return [Package(one.name, version.group(1), digests[str(one)]) for one, version in pairs], []
    return wanted, []


def requirement_lines(path, root, depth=0):
    """The requirements of a file and of the files that it includes, each with its digests (pip, "File Format")."""
    if depth > 16:
        raise Wrong(f"{path.name} includes itself")
    for line in read(path, root).replace("\\\n", " ").splitlines():
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        include = re.match(r"(?:-r|--requirement)[\s=]*(\S+)", line)
        if include:
            yield from requirement_lines(path.parent / include.group(1), root, depth + 1)
        elif line in (".", "-e .") or re.match(r"(-c|--constraint)\b", line) or not line:
            continue
        elif line.startswith("-"):
            option(line)
        else:
            digests = re.findall(r"--hash[\s=]+(sha256:[0-9a-fA-F]{64})", line)
            text = re.sub(r"\s--(hash|config-settings|global-option)[\s=]+\S+", "", line)
            if re.search(r"^\S*://|@\s*\S*://|^(\.|/)", text):
                raise Wrong(f"{path.name}: `{line}` names an address: only packages of an index can be fetched; publish it, "
                            "or put it into the context")
            try:
                requirement = Requirement(text.strip())
            except InvalidRequirement as error:
                raise Wrong(f"{path.name}: `{line}` is no requirement: {error}") from error
            yield requirement, digests


def requirements(project, extras, groups):
    """What the standard tables of a `pyproject.toml` ask for, for this interpreter."""
    table, every = project.get("project", {}), optional(project)
    texts = list(table.get("dependencies", []))
    texts += [text for name, own in every.items() if canonicalize_name(name) in map(canonicalize_name, extras) for text in own]
    pending = list(groups)
    while pending:
        for text in project.get("dependency-groups", {}).get(pending.pop(), []):
            texts.append(text) if isinstance(text, str) else pending.append(text["include-group"])
    parsed = [Requirement(text) for text in texts]
    own = canonicalize_name(table.get("name", ""))
    return [one for one in parsed
            if canonicalize_name(one.name) != own and (one.marker is None or applies(str(one.marker)))]


def optional(project):
    return project.get("project", {}).get("optional-dependencies", {})


def check(requirement, version, lock):
    if version and not admits(str(requirement.specifier), version):
        raise Wrong(f"{lock.name} holds {requirement.name} {version}, but pyproject.toml asks for `{requirement}`: "
                    "lock again and commit it")


def check_extras(request, known):
    wanted = [canonicalize_name(extra) for extra in request["extras"]]
    for extra in wanted:
        if extra not in known:
            there = ", ".join(sorted(known)) or "none"
            raise Wrong(f"the application has no extra `{extra}`; there are: {there}")
    return wanted
