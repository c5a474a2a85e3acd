"""Lock files: the packages of each that the application needs here."""

import json
import os
import re

from package import ENVIRONMENT, Package, Wrong, admits, applies, read, read_toml
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.utils import canonicalize_name
from pip._vendor.packaging.version import Version
from requirements import check, check_extras, optional, pip, requirements


class Graph:
    """A lock file whose packages name their dependencies; what is reached from the application is installed."""

    def __init__(self, lock, packages):
        self.lock, self.chosen, self.local, self.seen, self.wanted = lock, {}, [], set(), ()
        self.packages = {}
        for package in packages:
            self.packages.setdefault(canonicalize_name(package["name"]), []).append(package)

    def reach(self, requirement, extras, why):
        """Installs what a requirement asks for, and what that needs."""
        name = canonicalize_name(requirement)
        if (name, extras) in self.seen:
            return
        self.seen.add((name, extras))
        package = self.pick(name, why)
        self.chosen[name] = package
        for dependency, wanted in self.dependencies(package, extras):
            self.reach(dependency, wanted, f"{name} needs it")

    def pick(self, name, why):
        found = [package for package in self.packages.get(name, []) if self.fits(package)]
        if not found:
            raise Wrong(f"{self.lock} does not hold `{name}` ({why}): it is out of step; lock again and commit it")
        return max(found, key=lambda package: Version(package.get("version", "0")))


class Poetry(Graph):
    """`poetry.lock`, versions 1 and 2 ("poetry-core", "The lock file")."""

    def fits(self, package):
        markers = package.get("markers")
        markers = markers.values() if isinstance(markers, dict) else [markers]
        python = package.get("python-versions", "*")
        return admits("" if python == "*" else python, ENVIRONMENT["python_full_version"]) and any(
            applies(marker, self.wanted) for marker in markers
        )

    def dependencies(self, package, extras):
        named = {
            canonicalize_name(Requirement(re.split(r"[\s(;\[]", text)[0]).name)
            for extra in extras
            for text in package.get("extras", {}).get(extra, [])
        }
        for name, constraint in package.get("dependencies", {}).items():
            for one in constraint if isinstance(constraint, list) else [constraint]:
                one = one if isinstance(one, dict) else {}
                optional = one.get("optional", False)
                if optional and canonicalize_name(name) not in named:
                    continue
                if applies(one.get("markers"), extras):
                    yield name, tuple(one.get("extras", ()))

    def package(self, package):
        source = package.get("source", {})
        if source.get("type") in ("directory", "git", "file", "url"):
            if source["type"] == "directory":
                self.local.append(source["url"])
                return None
            raise Wrong(f"`{package['name']}` comes from {source['type']} `{source.get('url')}`: only packages of an "
                        "index can be fetched; publish it, or put it into the context")
        digests = [file["hash"] for file in package.get("files", [])]
        return Package(package["name"], package["version"], digests, source.get("url"))


class Uv(Graph):
    """`uv.lock` ("uv", "Lockfile")."""

    def fits(self, package):
        markers = package.get("resolution-markers")
        return not markers or any(map(applies, markers))

    def dependencies(self, package, extras):
        optional = package.get("optional-dependencies", {})
        for one in sum((optional.get(extra, []) for extra in extras), list(package.get("dependencies", []))):
            if applies(one.get("marker")):
                yield one["name"], tuple(one.get("extra", ()))

    def package(self, package):
        source = package.get("source", {})
        for kind in ("editable", "virtual", "directory"):
            if kind in source:
                if kind != "virtual" and source[kind] != self.own:
                    self.local.append(source[kind])
                return None
        if "registry" not in source:
            raise Wrong(f"`{package['name']}` comes from {json.dumps(source)}: only packages of an index can be fetched; "
                        "publish it, or put it into the context")
        files = package.get("wheels", []) + [package[key] for key in ("sdist",) if key in package]
        return Package(package["name"], package["version"], [file["hash"] for file in files], source["registry"])


def poetry(request, lock):
    """The packages of `poetry.lock` that `pyproject.toml` asks for."""
    project, graph = read_toml(request["directory"] / "pyproject.toml", request["root"]), Poetry(lock.name, read_toml(lock, request["root"])["package"])
    tool = project.get("tool", {}).get("poetry", {})
    extras = {canonicalize_name(name): names for name, names in tool.get("extras", {}).items()}
    wanted = check_extras(request, set(extras) | set(map(canonicalize_name, optional(project))))
    graph.wanted = ("", *wanted)
    named = {canonicalize_name(re.split(r"[\s(;\[<>=!~]", text)[0]) for extra in wanted for text in extras.get(extra, [])}
    tables = [tool.get("dependencies", {})]
    for group in request["groups"]:
        table = tool.get("group", {}).get(group, {}).get("dependencies")
        table = tool.get("dev-dependencies") if table is None and group == "dev" else table
        if table is None and group not in project.get("dependency-groups", {}):
            raise Wrong(f"pyproject.toml has no dependency group `{group}`")
        tables.append(table or {})
    for name, constraint in ((name, one) for table in tables for name, one in table.items() if name != "python"):
        for one in constraint if isinstance(constraint, list) else [constraint]:
            one = one if isinstance(one, dict) else {}
            if one.get("optional") and canonicalize_name(name) not in named:
                continue
            python = one.get("python")
            if applies(one.get("markers")) and (not python or admits(python, ENVIRONMENT["python_full_version"])):
                graph.reach(name, tuple(one.get("extras", ())), "pyproject.toml asks for it")
    for requirement in requirements(project, wanted, request["groups"]):
        graph.reach(requirement.name, tuple(sorted(requirement.extras)), "pyproject.toml asks for it")
        check(requirement, graph.chosen[canonicalize_name(requirement.name)].get("version"), lock)
    return [graph.package(package) for package in graph.chosen.values()], graph.local


def uv(request, lock):
    """The packages of `uv.lock` that the application's own entry asks for."""
    project, content = read_toml(request["directory"] / "pyproject.toml", request["root"]), read_toml(lock, request["root"])
    graph = Uv(lock.name, content.get("package", []))
    graph.own = os.path.relpath(request["directory"], lock.parent)
    own = [package for package in content.get("package", [])
           if graph.own in (package.get("source", {}).get(kind) for kind in ("editable", "virtual"))]
    if not own:
        raise Wrong(f"{lock.name} does not know the application in `{graph.own}`: run `uv lock` and commit it")
    wanted = check_extras(request, set(map(canonicalize_name, own[0].get("optional-dependencies", {}))))
    groups = own[0].get("dev-dependencies", {})
    for group in request["groups"]:
        if group not in groups and group not in project.get("dependency-groups", {}):
            raise Wrong(f"pyproject.toml has no dependency group `{group}`")
    asked = list(graph.dependencies(own[0], tuple(wanted)))
    asked += [(one["name"], tuple(one.get("extra", ()))) for group in request["groups"]
              for one in groups.get(group, []) if applies(one.get("marker"))]
    for name, extras in asked:
        graph.reach(name, extras, "the application needs it")
    for requirement in requirements(project, wanted, request["groups"]):
        locked = graph.chosen.get(canonicalize_name(requirement.name))
        if locked is None:
            raise Wrong(f"{lock.name} does not hold `{requirement}`: run `uv lock` and commit it")
        check(requirement, locked.get("version"), lock)
    return [graph.package(package) for package in graph.chosen.values()], graph.local


def pipenv(request, lock):
    """The packages of `Pipfile.lock`: a flat list for each category."""
    content = json.loads(read(lock, request["root"]))
    asked, packages = read_toml(lock.with_name("Pipfile"), request["root"]), []
    sources = {source["name"]: source["url"] for source in content.get("_meta", {}).get("sources", [])}
    for category, section in [("packages", "default")] + [(group, {"dev": "develop"}.get(group, group))
                                                         for group in request["groups"]]:
        if section not in content:
            raise Wrong(f"{lock.name} has no category `{category}`")
        locked = {canonicalize_name(name): entry for name, entry in content[section].items()}
        for name in asked.get(category, {}):
            if canonicalize_name(name) not in locked:
                raise Wrong(f"{lock.name} does not hold `{name}`: run `pipenv lock` and commit it")
        for name, entry in locked.items():
            if not applies(entry.get("markers")) or "path" in entry or "file" in entry:
                continue
            if "version" not in entry:
                raise Wrong(f"`{name}` comes from a repository: only packages of an index can be fetched")
            index = sources.get(entry.get("index"))
            packages.append(Package(name, entry["version"].lstrip("="), entry.get("hashes", []), index))
    return packages, []


def pylock(request, lock):
    """The packages of `pylock.toml` (PEP 751)."""
    packages = []
    for entry in read_toml(lock, request["root"]).get("packages", []):
        if applies(entry.get("marker")):
            files = entry.get("wheels", []) + [entry[key] for key in ("sdist",) if key in entry]
            digests = [file.get("hashes", {}).get("sha256", "") for file in files]
            packages.append(Package(entry["name"], entry["version"], filter(None, digests), entry.get("index")))
    return packages, []


MANAGERS = {"poetry": poetry, "uv": uv, "pipenv": pipenv, "pylock": pylock, "pip": pip}
