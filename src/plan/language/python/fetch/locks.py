"""Lock files: the packages of each that the application needs here."""

import hashlib
import json
import os
import re

from package import ENVIRONMENT, PUBLIC_INDEX, Package, Wrong, admits, applies, local, names, read, read_toml
from pip._vendor.packaging.utils import canonicalize_name
from pip._vendor.packaging.version import Version
from requirements import asked, check_all, grouped, optional, pip, requirements


class Graph:
    """A lock file whose packages name their dependencies; what is reached from the application is installed."""

    def __init__(self, lock, content, extras):
        self.lock, self.content, self.extras, self.chosen, self.local = lock, content, extras, {}, []
        self.packages = {}
        for package in content.get("package", []):
            self.packages.setdefault(canonicalize_name(package["name"]), []).append(package)

    def reach(self, asked):
        """Chooses what is asked for, each by its name, its extras and what its entry has, and what that needs."""
        pending, seen = [(*one, "the application") for one in asked], set()
        while pending:
            name, extras, entry, by = pending.pop()
            name = canonicalize_name(name)
            if (name, extras) not in seen:
                seen.add((name, extras))
                self.chosen[name] = self.pick(name, entry, by)
                pending += [(*one, name) for one in self.dependencies(self.chosen[name], extras)]

    def pick(self, name, entry, by):
        found = [package for package in self.packages.get(name, [])
                 if self.fits(package) and all(package.get(key) == value for key, value in entry.items())]
        if not found:
            raise Wrong(f"{self.lock.name} does not hold `{name}`, which {by} needs: it is out of step; lock again and "
                        "commit it")
        return max(found, key=lambda package: Version(package.get("version", "0")))

    def check(self, wanted, replaced=()):
        """What is asked for must be what was chosen, but for what the lock replaces."""
        versions = {name: package.get("version") for name, package in self.chosen.items()}
        check_all([one for one in wanted if canonicalize_name(one.name) not in replaced], versions, self.lock)

    def found(self):
        """The packages to fetch, and those that lie in the context."""
        packages = [self.package(package) for package in self.chosen.values()]
        return [package for package in packages if package], self.local

    def refuse(self, package, source):
        raise Wrong(f"`{package['name']}` comes from {source}: only packages of an index can be fetched; publish it, or put "
                    "it into the context")


class Poetry(Graph):
    """`poetry.lock`, versions 1 and 2 ("poetry-core", "The lock file")."""

    def fits(self, package):
        markers = package.get("markers")
        markers = markers.values() if isinstance(markers, dict) else [markers]
        python = package.get("python-versions", "*")
        return admits("" if python == "*" else python, ENVIRONMENT["python_full_version"]) and any(
            applies(marker, self.extras) for marker in markers
        )

    def dependencies(self, package, extras):
        named = heads(text for extra in extras for text in package.get("extras", {}).get(extra, []))
        for name, one in alternatives(package.get("dependencies", {})):
            is_wanted = not one.get("optional") or canonicalize_name(name) in named
            if is_wanted and applies(one.get("markers"), names(extras)):
                yield name, tuple(one.get("extras", ())), {}

    def package(self, package):
        source = package.get("source", {})
        if source.get("type") in ("git", "url"):
            self.refuse(package, f"{source['type']} `{source.get('url')}`")
        # Before version 2 of the format the files of all packages stand in one table.
        files = package.get("files") or self.content.get("metadata", {}).get("files", {}).get(package["name"], [])
        digests = [file["hash"] for file in files]
        if source.get("type") in ("directory", "file"):
            self.local.append(local((self.lock.parent / source["url"]).resolve(), digests))
            return None
        return Package(package["name"], package["version"], digests, source.get("url"))


class Uv(Graph):
    """`uv.lock` ("uv", "Lockfile")."""

    def fits(self, package):
        markers = package.get("resolution-markers")
        return not markers or any(applies(marker, self.extras) for marker in markers)

    def dependencies(self, package, extras):
        optional = package.get("optional-dependencies", {})
        yield from self.applying(sum((optional.get(extra, []) for extra in extras), package.get("dependencies", [])))

    def applying(self, dependencies):
        """The dependencies that apply here; where a lock has several versions of a package they say which."""
        return [(one["name"], tuple(one.get("extra", ())), {key: one[key] for key in ("version", "source") if key in one})
                for one in dependencies if applies(one.get("marker"), self.extras)]

    def package(self, package):
        source = package.get("source", {})
        files = package.get("wheels", []) + [package[key] for key in ("sdist",) if key in package]
        digests = [file.get("hash", "") for file in files]
        for kind in ("editable", "virtual", "directory", "path"):
            if kind in source:
                if kind != "virtual" and source[kind] != self.own:
                    self.local.append(local((self.lock.parent / source[kind]).resolve(), digests))
                return None
        if "registry" not in source:
            self.refuse(package, json.dumps(source))
        return Package(package["name"], package["version"], digests, source["registry"])


def heads(texts):
    """The names of requirements, whatever their grammar."""
    return names(re.split(r"[\s(;\[<>=!~]", text)[0] for text in texts)


def alternatives(table):
    """The names of a table of Poetry's, each with its constraints, which may be several."""
    for name, constraint in table.items():
        for one in constraint if isinstance(constraint, list) else [constraint]:
            yield name, one if isinstance(one, dict) else {}


def poetry(request, lock):
    """The packages of `poetry.lock` that `pyproject.toml` asks for."""
    project, content = read_toml(request["directory"] / "pyproject.toml", request["root"]), read_toml(lock, request["root"])
    tool = project.get("tool", {}).get("poetry", {})
    extras = asked(request, "extras", {**tool.get("extras", {}), **optional(project)})
    groups, tables = poetry_groups(request, project, tool)
    wanted = requirements(project, extras, groups)
    graph = Poetry(lock, content, extras)
    graph.reach(poetry_wanted([tool, *tables], tool.get("extras", {}), extras))
    graph.reach((one.name, tuple(sorted(one.extras)), {}) for one in wanted)
    graph.check(wanted)
    check_digest(lock, content.get("metadata", {}).get("content-hash"), poetry_contents(project, tool))
    return graph.found()


def poetry_groups(request, project, tool):
    """The groups that are asked for, also by other groups, and their tables."""
    tables = {"dev": {"dependencies": tool["dev-dependencies"]}} if "dev-dependencies" in tool else {}
    tables.update({canonicalize_name(name): group for name, group in tool.get("group", {}).items()})
    groups = asked(request, "groups", {**tables, **grouped(project)})
    for group in groups:
        groups += [name for name in names(tables.get(group, {}).get("include-groups", [])) if name not in groups]
    return groups, [tables.get(group, {}) for group in groups]


def poetry_wanted(tables, by_extra, extras):
    """What tables of Poetry's ask for here, without what no extra does."""
    named = heads(text for name in by_extra if canonicalize_name(name) in extras for text in by_extra[name])
    for name, one in (pair for table in tables for pair in alternatives(table.get("dependencies", {}))):
        is_wanted = name != "python" and (not one.get("optional") or canonicalize_name(name) in named)
        fits = applies(one.get("markers")) and admits(one.get("python"), ENVIRONMENT["python_full_version"])
        if is_wanted and fits:
            yield name, tuple(one.get("extras", ())), {}


def poetry_contents(project, tool):
    """What `content-hash` is made of (poetry, "locker.py"); before version 2.3 it is without groups of the standard."""
    standard = {key: project["project"][key] for key in ("requires-python", "dependencies", "optional-dependencies")
                if key in project.get("project", {})}
    for groups in (grouped(project), {}):
        content = {key: part for key, part in (("project", standard), ("dependency-groups", groups)) if part}
        usual = () if content else ("dependencies", "source", "extras", "dev-dependencies")
        keys = ("dependencies", "source", "extras", "dev-dependencies", "group")
        own = {key: tool.get(key) for key in keys if key in usual or tool.get(key) is not None}
        yield json.dumps({**content, "tool": {"poetry": own}} if content else own, sort_keys=True)


def check_digest(lock, locked, contents):
    """Refuses a lock file that says by a digest that it was made from something else."""
    if locked and locked not in [hashlib.sha256(content.encode()).hexdigest() for content in contents]:
        raise Wrong(f"{lock.name} was made before what it locks was changed: lock again and commit it")


def uv(request, lock):
    """The packages of `uv.lock` that the application's own entry asks for."""
    project, content = read_toml(request["directory"] / "pyproject.toml", request["root"]), read_toml(lock, request["root"])
    place = os.path.relpath(request["directory"], lock.parent)
    sources = [(package, package.get("source", {})) for package in content.get("package", [])]
    own = next((package for package, source in sources if place in (source.get("editable"), source.get("virtual"))), None)
    if not own:
        raise Wrong(f"{lock.name} does not know the application in `{place}`: run `uv lock` and commit it")
    extras = asked(request, "extras", own.get("optional-dependencies", {}))
    locked = {canonicalize_name(name): group for name, group in own.get("dev-dependencies", {}).items()}
    groups = asked(request, "groups", {**locked, **grouped(project)})
    graph = Uv(lock, content, conflicting(content, own["name"], extras, groups))
    graph.own = place
    graph.reach(graph.dependencies(own, tuple(extras)))
    graph.reach(graph.applying(one for group in groups for one in locked.get(group, [])))
    replaced = names(one["name"] for one in content.get("manifest", {}).get("overrides", []))
    graph.check(requirements(project, extras, groups), replaced)
    return graph.found()


def conflicting(content, name, extras, groups):
    """The extras and groups that are asked for, as markers of a lock call them that has some which exclude each other."""
    wanted = [("extra", extra) for extra in extras] + [("group", group) for group in groups]
    for conflict in content.get("conflicts", []):
        both = [one for kind, one in wanted if {"package": name, kind: one} in conflict]
        if len(both) > 1:
            raise Wrong(f"`{both[0]}` and `{both[1]}` exclude each other, as `tool.uv.conflicts` says: ask for one of them")
        if any(one["package"] != name for one in conflict):
            raise Wrong("`tool.uv.conflicts` between packages of a workspace are not understood: lock the application alone")
    return [f"{kind}-{len(name)}-{name}-{one}" for kind, one in wanted]


def pipenv(request, lock):
    """The packages of `Pipfile.lock`: a flat list for each category."""
    content, pipfile = json.loads(read(lock, request["root"])), read_toml(lock.with_name("Pipfile"), request["root"])
    sources = {source["name"]: source["url"] for source in content.get("_meta", {}).get("sources", [])}
    asked(request, "extras", [])
    packages, places = [], []
    called = {"dev": ("dev-packages", "develop")}
    for category, section in [("packages", "default"), *(called.get(group, (group, group)) for group in request["groups"])]:
        if section not in content:
            raise Wrong(f"{lock.name} has no category `{category}`")
        for name in names(pipfile.get(category, {})):
            if name not in names(content[section]):
                raise Wrong(f"{lock.name} does not hold `{name}`: run `pipenv lock` and commit it")
        for name, entry in content[section].items():
            place = place_of(entry, lock)
            # The application itself is installed after its packages.
            is_own = place == request["directory"]
            if not applies(entry.get("markers")) or is_own and request["install"]:
                continue
            if place and not is_own:
                places.append(local(place, entry.get("hashes", [])))
            else:
                packages.append(pipenv_package(name, entry, sources))
    check_digest(lock, content.get("_meta", {}).get("hash", {}).get("sha256"), pipenv_contents(content, pipfile))
    return packages, places


def place_of(entry, lock):
    """The place beside a lock file that an entry names; `None` where it names none, or only a part of one."""
    written = entry.get("path") or entry.get("file") or ":"
    return None if ":" in written or "subdirectory" in entry else (lock.parent / written).resolve()


def pipenv_package(name, entry, sources):
    if "version" not in entry or "path" in entry or "file" in entry:
        origin = next((entry[kind] for kind in ("path", "file", "git") if kind in entry), "a repository")
        raise Wrong(f"`{name}` comes from `{origin}`: only packages of an index can be fetched; publish it")
    return Package(name, entry["version"].lstrip("="), entry.get("hashes", []), sources.get(entry.get("index")))


def pipenv_contents(content, pipfile):
    """What the hash of a `Pipfile.lock` is made of ("plette", `Pipfile.get_hash`)."""
    usual = [{"name": "pypi", "url": PUBLIC_INDEX, "verify_ssl": True}]
    known = ("source", "packages", "dev-packages", "requires", "scripts", "pipfile", "pipenv", "default", "develop")
    for sources in [pipfile["source"]] if "source" in pipfile else (usual, content["_meta"].get("sources")):
        meta = {"sources": sources, "requires": pipfile.get("requires", {})}
        own = {"_meta": meta, "default": pipfile.get("packages", {}), "develop": pipfile.get("dev-packages", {})}
        own.update({key: table for key, table in pipfile.items() if key not in known})
        yield json.dumps(own, sort_keys=True, separators=(",", ":"))


def pylock(request, lock):
    """The packages of `pylock.toml` (PEP 751)."""
    content, path = read_toml(lock, request["root"]), request["directory"] / "pyproject.toml"
    if not admits(content.get("requires-python"), ENVIRONMENT["python_full_version"]):
        raise Wrong(f"{lock.name} is for Python {content['requires-python']}, not {ENVIRONMENT['python_full_version']}")
    if not any(map(applies, content.get("environments") or [""])):
        raise Wrong(f"{lock.name} is for other environments than this one: lock again for it")
    extras = asked(request, "extras", content.get("extras", []))
    groups = asked(request, "groups", content.get("dependency-groups", []))
    held = [f"extras {name}" for name in extras]
    held += [f"dependency-groups {name}" for name in names([*groups, *content.get("default-groups", [])])]
    packages, places, versions = [], [], {}
    for entry in content.get("packages", []):
        # Older packaging does not know these two variables, but what an extra is.
        marker = re.sub(r"""(['"])([^'"]*)\1\s+(not\s+)?in\s+(extras|dependency_groups)\b""",
                        lambda atom: f"extra {'!=' if atom.group(3) else '=='} '{atom.group(4)} {atom.group(2)}'",
                        entry.get("marker", ""))
        if not applies(marker, held):
            continue
        versions[canonicalize_name(entry["name"])] = entry.get("version")
        origin = entry.get("directory") or entry.get("archive") or {}
        place = place_of(origin, lock)
        if place:
            places.append(local(place, [f"{kind}:{digest}" for kind, digest in origin.get("hashes", {}).items()]))
        else:
            packages.append(pylock_package(entry))
    project = read_toml(path, request["root"]) if path.exists() else {}
    check_all(requirements(project, [], []), versions, lock)
    # The application itself is installed after its packages.
    return packages, [one for one in places if one.path != request["directory"]]


def pylock_package(entry):
    files = entry.get("wheels", []) + [entry[key] for key in ("sdist",) if key in entry]
    if not files:
        origin = next((kind for kind in ("vcs", "directory", "archive") if kind in entry), "nowhere")
        raise Wrong(f"`{entry['name']}` comes from {origin}: only packages of an index can be fetched; publish it")
    digests = [f"{kind}:{digest}" for file in files for kind, digest in file.get("hashes", {}).items()]
    return Package(entry["name"], entry["version"], digests, entry.get("index"))


MANAGERS = {"poetry": poetry, "uv": uv, "pipenv": pipenv, "pylock": pylock, "pip": pip}
