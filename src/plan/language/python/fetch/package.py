"""A locked package, and what of a lock file applies to the interpreter that runs this."""

from pip._internal.models.index import PyPI
from pip._vendor.packaging.markers import default_environment
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet
from pip._vendor.packaging.utils import canonicalize_name

try:
    import tomllib
except ImportError:  # before Python 3.11
    from pip._vendor import tomli as tomllib

ENVIRONMENT = default_environment()
PUBLIC_INDEX = PyPI.simple_url


class Wrong(Exception):
    """Something that the application's authors can mend."""


class Package:
    """One locked package: its name, its version, the digests that its file may have, and who serves it."""

    def __init__(self, name, version, digests, index=None):
        self.name, self.version = canonicalize_name(name), version
        self.digests = {text.rpartition(":")[2] for text in digests if "sha256" in text or ":" not in text}
        self.index = index if index and not index.startswith(PUBLIC_INDEX) else None

    def __str__(self):
        return f"{self.name}=={self.version}"


def applies(marker, extras=("",)):
    """Whether a marker holds here, for one of some extras."""
    if not marker:
        return True
    parsed = Requirement(f"a; {marker}").marker
    return any(parsed.evaluate({**ENVIRONMENT, "extra": extra}) for extra in (extras or ("",)))


def admits(specifier, version):
    """Whether a specifier admits a version; what is written in another grammar than PEP 440 admits all."""
    try:
        return SpecifierSet(specifier or "", prereleases=True).contains(version)
    except InvalidSpecifier:
        return True


def read(path, root):
    """The text of a file of the application: whatever leads out of it could be a secret, and errors show lines."""
    if not path.resolve().is_relative_to(root):
        raise Wrong(f"`{path.name}` leads out of the application")
    return path.read_text(encoding="utf-8-sig")


def read_toml(path, root):
    return tomllib.loads(read(path, root))
