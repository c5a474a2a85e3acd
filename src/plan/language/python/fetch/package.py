"""A locked package, and what of a lock file applies to the interpreter that runs this."""

import collections
import contextlib
import re

from pip._internal.models.index import PyPI
from pip._vendor.packaging.markers import default_environment
from pip._vendor.packaging.requirements import Requirement
from pip._vendor.packaging.specifiers import InvalidSpecifier, SpecifierSet
from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename
from pip._vendor.packaging.version import Version

try:
    import tomllib
except ImportError:  # before Python 3.11
    from pip._vendor import tomli as tomllib

ENVIRONMENT = default_environment()
PUBLIC_INDEX = PyPI.simple_url
# The digests that nobody forges (pip, "Hash-checking Mode").
STRONG = ("sha256", "sha384", "sha512")


class Wrong(Exception):
    """Something that the application's authors can mend."""


@contextlib.contextmanager
def telling(what):
    """Whatever goes wrong within is told as something about `what`."""
    try:
        yield
    except Wrong:
        raise
    except Exception as error:
        raise Wrong(f"{what}: {type(error).__name__}: {error}") from error


class Package:
    """One locked package: its name, its version, the digests that its file may have, and who serves it."""

    def __init__(self, name, version, digests, index=None):
        if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", name):  # PEP 508, "Names"
            raise Wrong(f"`{name}` is no name of a package")
        self.name, self.version = canonicalize_name(name), str(Version(version))
        self.digests = {text.lower() for text in digests if text.partition(":")[0].lower() in STRONG}
        if not self.digests:
            raise Wrong(f"no {' or '.join(STRONG)} digest of {self} is locked, so nobody vouches for its file: lock again")
        self.index = index if index and not index.startswith(PUBLIC_INDEX) else None

    def __str__(self):
        return f"{self.name}=={self.version}"


# What lies in the context and is installed offline: the directory of a project, or a wheel with its digest if it has one.
Local = collections.namedtuple("Local", "path digest")


def local(place, digests=None):
    """What lies at a place of the context; `None` as digests says that none is asked for."""
    if not re.search(r"\.(whl|zip|tgz|tar(\.\w+)?)$", place.name):
        return Local(place, None)
    if place.suffix != ".whl":
        raise Wrong(f"`{place.name}` is an archive of source, and what builds it stands in it, which no fetch sees: unpack "
                    "it, and name the directory")
    with telling(place.name):
        parse_wheel_filename(place.name)
    strong = sorted({text.lower() for text in digests or () if text.partition(":")[0].lower() in STRONG})
    if len(strong) != 1 and digests is not None:
        raise Wrong(f"`{place.name}` needs its one {' or '.join(STRONG)} digest: lock again")
    return Local(place, strong[0] if strong else None)


def applies(marker, extras=()):
    """Whether a marker holds here, with some extras at once: which one alone could not tell."""

    def is_asked(atom):
        holds = (canonicalize_name(atom.group(2)) in extras) == (atom.group(1) == "==")
        return f"python_version {'!=' if holds else '=='} '0'"

    text = re.sub(r"""\bextra\s*(==|!=)\s*['"]([^'"]*)['"]""", is_asked, str(marker or ""))
    return not text or Requirement(f"a; {text}").marker.evaluate(ENVIRONMENT)


def admits(specifier, version):
    """Whether a specifier admits a version; what is written in another grammar than PEP 440 admits all."""
    try:
        return SpecifierSet(specifier or "", prereleases=True).contains(version)
    except InvalidSpecifier:
        return True


def names(texts):
    """Names in the form in which they compare, each once."""
    return sorted({canonicalize_name(text) for text in texts})


def read(path, root):
    """The text of a file of the application: whatever leads out of it could be a secret, and errors show lines."""
    if root not in path.resolve().parents:
        raise Wrong(f"`{path.name}` leads out of the application")
    return path.read_text(encoding="utf-8-sig")


def read_toml(path, root):
    with telling(f"{path.name} cannot be read"):
        return tomllib.loads(read(path, root))
