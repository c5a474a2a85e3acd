"""Package indexes (PEP 503 and PEP 691): which file of a package suits this interpreter, and its bytes."""

import ast
import base64
import collections
import html.parser
import http.client
import io
import json
import netrc
import re
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from kept import digests
from package import ENVIRONMENT, PUBLIC_INDEX, Wrong, admits, telling
from pip._vendor.packaging.tags import sys_tags
from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename
from pip._vendor.packaging.version import Version

# The most bytes that the page of a project and the file of a package may have.
PAGE, FILE = 1 << 26, 1 << 32

INDEXES = []
# Users and passwords by scheme, host and port: what another index or a lock file names gets none of them.
LOGINS = {}


def configuration():
    """The settings of pip: what is said of its commands counts more than what is said of all, the environment most."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True)
    if listed.returncode:
        # What it says shows lines, which may have passwords.
        raise Wrong("pip cannot read its configuration: mend the file behind the secret `pip-conf`, or a variable `PIP_…`")
    values, found = dict(re.findall(r"(?m)^([^=\n]+)=(.*)$", listed.stdout)), {}
    for scope in ("global.", "download.", "install.", ":env:."):
        found.update({key[len(scope):]: ast.literal_eval(text) for key, text in values.items() if key.startswith(scope)})
    return found


def configure():
    """Takes pip's indexes, their logins, and its way to them."""
    settings = configuration()
    INDEXES[:] = [settings.get("index-url", PUBLIC_INDEX), *settings.get("extra-index-url", "").split()]
    for address in INDEXES:
        found = login_in(address) or login_of(urllib.parse.urlsplit(address).hostname)
        if found:
            LOGINS.setdefault(origin(address), found)
    proxy = settings.get("proxy")
    # No handler of `file:`, `ftp:` or `data:`: a lock file could name the secrets of this step.
    for handler in (urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else None), Origin(),
                    urllib.request.HTTPHandler(), Https(settings.get("cert"), settings.get("trusted-host", "").split()),
                    urllib.request.HTTPRedirectHandler(), urllib.request.HTTPErrorProcessor(),
                    urllib.request.HTTPDefaultErrorHandler()):
        OPENER.add_handler(handler)


OPENER = urllib.request.OpenerDirector()


class Https(urllib.request.HTTPSHandler):
    """Checks certificates, but for those of hosts that pip is told to trust."""

    def __init__(self, authorities, trusted):
        super().__init__()
        self.checked, self.trusted = ssl.create_default_context(cafile=authorities), trusted
        self.unchecked = ssl._create_unverified_context()

    def https_open(self, request):
        split = urllib.parse.urlsplit(request.full_url)
        is_trusted = split.hostname in self.trusted or split.netloc in self.trusted
        context = self.unchecked if is_trusted else self.checked
        return self.do_open(http.client.HTTPSConnection, request, context=context)


class Origin(urllib.request.BaseHandler):
    """Each request, also one that follows a redirect, goes to the web and carries the login of its own origin."""

    def http_request(self, request):
        found = LOGINS.get(origin(request.full_url))
        if request.type == "https":
            found = found or login_of(urllib.parse.urlsplit(request.full_url).hostname)
        if found:
            word = base64.b64encode(":".join(found).encode()).decode()
            request.add_unredirected_header("Authorization", f"Basic {word}")
        return request

    https_request = http_request

    def unknown_open(self, request):
        web(request.full_url)


def origin(address):
    split = urllib.parse.urlsplit(address)
    return split.scheme, split.hostname, split.port or {"http": 80, "https": 443}.get(split.scheme)


def login_in(address):
    split = urllib.parse.urlsplit(address)
    return (urllib.parse.unquote(split.username), urllib.parse.unquote(split.password or "")) if split.username else None


def login_of(host):
    """The login that the netrc file has for a host."""
    try:
        found = netrc.netrc().hosts.get(host)
    except (OSError, netrc.NetrcParseError):
        return None
    return (found[0], found[2] or "") if found else None


def web(address):
    """An address without its login; only those of the web are."""
    split = urllib.parse.urlsplit(address)
    if split.scheme not in ("http", "https"):
        raise Wrong(f"`{split.scheme}:` is no address of an index or of its files: only `http:` and `https:` are")
    return urllib.parse.urlunsplit(split._replace(netloc=split.netloc.rpartition("@")[2]))


def get(address, into, limit, accept="*/*"):
    """Writes the bytes at an address; what the network breaks off is tried again. The address that had them."""
    request = urllib.request.Request(web(address), headers={"Accept": accept, "User-Agent": "cofferdam"})
    for attempt in range(4):
        try:
            into.seek(0)
            into.truncate()
            with OPENER.open(request, timeout=60) as answer:
                for part in iter(lambda: answer.read(1 << 20), b""):
                    into.write(part)
                    if into.tell() > limit:
                        raise Wrong(f"{web(address)} has more than {limit} bytes")
                if answer.length:
                    raise http.client.IncompleteRead(b"", answer.length)
                return answer.geturl()
        except (OSError, http.client.HTTPException) as error:
            is_final = isinstance(error, urllib.error.HTTPError) and error.code < 500 and error.code != 429
            if is_final or attempt == 3:
                raise
        time.sleep(2**attempt)


# A file as an index lists it; its digest is the index's word, and empty where that says none.
File = collections.namedtuple("File", "name address python yanked digest")


class Links(html.parser.HTMLParser):
    """The files on a project's page (PEP 503, PEP 592)."""

    def __init__(self, base):
        super().__init__()
        self.base, self.files = base, []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a" and attributes.get("href"):
            address = urllib.parse.urljoin(self.base, attributes["href"])
            name = urllib.parse.unquote(urllib.parse.urlsplit(address).path.rpartition("/")[2])
            python, yanked = attributes.get("data-requires-python"), "data-yanked" in attributes
            kind, _, digits = urllib.parse.urlsplit(address).fragment.partition("=")
            self.files.append(File(name, address, python, yanked, f"{kind}:{digits}"))


def files_of(index, name):
    """The files that an index has of a project; none where it does not know it."""
    page = io.BytesIO()
    try:
        base = get(f"{index.rstrip('/')}/{name}/", page, PAGE, "application/vnd.pypi.simple.v1+json, text/html;q=0.5")
    except urllib.error.HTTPError as error:
        if error.code in (403, 404, 410):
            return []
        raise
    text = page.getvalue()
    if text.lstrip().startswith(b"{"):
        return [File(file["filename"], urllib.parse.urljoin(base, file["url"]), file.get("requires-python"),
                     bool(file.get("yanked")), "sha256:{}".format(file.get("hashes", {}).get("sha256", "")))
                for file in json.loads(text)["files"]]
    links = Links(base)
    links.feed(text.decode("utf-8", "replace"))
    return links.files


RANK = {tag: rank for rank, tag in enumerate(sys_tags())}


def rank(file, package):
    """How well a file suits: the lowest number best, source distributions last; `None` where it does not."""
    if "/" in file.name or file.python and not admits(file.python, ENVIRONMENT["python_full_version"]):
        return None
    try:
        if file.name.endswith(".whl"):
            project, version, _, tags = parse_wheel_filename(file.name)
            ranks = [RANK[tag] for tag in tags if tag in RANK]
            return min(ranks) if ranks and (project, version) == (package.name, Version(package.version)) else None
        return len(RANK) if source_version(file, package.name) == Version(package.version) else None
    except ValueError:
        return None


def source_version(file, name):
    """The version of a project that a file has as source; `None` where it is another project's, or a wheel."""
    stem = re.sub(r"\.(tar\.gz|zip|tar\.bz2|tgz)\Z", "", file.name)
    project, _, version = stem.rpartition("-")
    is_own = stem != file.name and canonicalize_name(project) == name and not re.search(r"[\s/]", file.name)
    try:
        return Version(version) if is_own else None
    except ValueError:
        return None


PLATFORMS = {tag.platform for tag in sys_tags()}
# The oldest minor version of Python 3 that builds.
OLDEST = 8


def other_pythons(files, package):
    """The minor versions of Python 3 that there are wheels of a package for on this kind of machine."""
    found = set()
    for file in files:
        try:
            project, version, _, tags = parse_wheel_filename(file.name)
        except ValueError:
            continue
        if (project, version) == (package.name, Version(package.version)):
            tags = [re.fullmatch(r"cp3(\d+)", tag.interpreter) for tag in tags
                    if tag.platform in PLATFORMS and not tag.abi.endswith("t")]
            found.update(int(tag[1]) for tag in tags if tag and int(tag[1]) >= OLDEST)
    return found


def advice(compiled):
    """What to say where compiling fails of packages, as pairs of each and its `other_pythons`; empty if there is nothing."""
    # One that has a wheel for this one, too, comes as source for another reason.
    older = [(package, versions) for package, versions in compiled if versions and sys.version_info[1] not in versions]
    if not older:
        return ""
    names = ", ".join(sorted(f"{package.name} {package.version}" for package, _ in older))
    common = set.intersection(*(versions for _, versions in older))
    more = f"; for 3.{max(common)} there are: `python: {{version: '3.{max(common)}'}}` spares their compiling" if common else ""
    return f"There are no wheels for Python {ENVIRONMENT['python_version']} of {names}{more}.\n"


def fetch(package, into, kept):
    """Puts the file of a package that suits best into a directory; its digest must be one of the locked ones. Its path, and
    the package's `other_pythons` if it is source.

    An exact version may be one that its author has taken back, after all other files of it (PEP 592).
    """
    with telling(package):
        for index in [package.index] if package.index else INDEXES:
            files = files_of(index, package.name)
            ranked = [(file.yanked, rank(file, package), file) for file in files]
            for yanked, _, file in sorted((one for one in ranked if one[1] is not None), key=lambda one: one[:2]):
                path = into / file.name
                locked = file.digest.lower() if file.digest.lower() in package.digests else None
                with path.open("wb+") as content:
                    if not kept.take(locked, content, FILE):
                        get(file.address, content, FILE)
                        kept.keep(locked, content)
                    is_locked = not package.digests.isdisjoint(digests(content, package.digests))
                if is_locked:
                    if yanked:
                        print(f"note: the author of {package} has taken {file.name} back", file=sys.stderr)
                    return path, set() if path.suffix == ".whl" else other_pythons(files, package)
                path.unlink()
        raise Wrong(f"no index has a file of {package} for Python {ENVIRONMENT['python_version']} on this platform whose "
                    "digest is in the lock file")
