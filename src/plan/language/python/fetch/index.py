"""Package indexes (PEP 503 and PEP 691): which file of a package suits this interpreter, and its bytes."""

import ast
import base64
import hashlib
import html.parser
import json
import netrc
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

from package import ENVIRONMENT, PUBLIC_INDEX, Wrong, admits
from pip._vendor.packaging.tags import sys_tags
from pip._vendor.packaging.utils import canonicalize_name, parse_wheel_filename
from pip._vendor.packaging.version import Version


def configuration():
    """The indexes that pip is configured to use, the first one first."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True)
    values = dict(re.findall(r"(?m)^([^=\n]+)=(.*)$", listed.stdout))
    found = {}
    for scope in ("global", "download", "install", ":env:"):
        for key in ("index-url", "extra-index-url"):
            if f"{scope}.{key}" in values:
                found[key] = ast.literal_eval(values[f"{scope}.{key}"])
    return [found.get("index-url", PUBLIC_INDEX)] + found.get("extra-index-url", "").split()


INDEXES = []
# Users and passwords of hosts, as the addresses of indexes carry them: those of files do not.
LOGINS = {}


def option(line):
    """An option of a requirements file: those about indexes count, `--require-hashes` and the like hold anyway."""
    found = re.match(r"(-i|--index-url|--extra-index-url)[\s=]+(\S+)", line)
    if found and not found.group(2).startswith(PUBLIC_INDEX):
        INDEXES.insert(len(INDEXES) if found.group(1) == "--extra-index-url" else 0, found.group(2))


class Links(html.parser.HTMLParser):
    """The files of a project's page (PEP 503): name, address, and whether the interpreter or its author refuses it."""

    def __init__(self, base):
        super().__init__()
        self.base, self.files = base, []

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "a" and attributes.get("href"):
            address = urllib.parse.urljoin(self.base, attributes["href"])
            name = urllib.parse.unquote(urllib.parse.urlsplit(address).path.rpartition("/")[2])
            self.files.append((name, address, attributes.get("data-requires-python")))


def get(address, accept="*/*"):
    """The bytes at an address; what the network breaks off is tried again."""
    split = urllib.parse.urlsplit(address)
    request = urllib.request.Request(urllib.parse.urlunsplit(split._replace(netloc=split.netloc.rpartition("@")[2])))
    request.add_header("Accept", accept)
    request.add_header("User-Agent", "cofferdam")
    login = password(split)
    if login:
        request.add_unredirected_header("Authorization", "Basic " + base64.b64encode(":".join(login).encode()).decode())
    for attempt in range(4):
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.read(), answer.geturl()
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429 or attempt == 3:
                raise
        except OSError:
            if attempt == 3:
                raise
        time.sleep(2**attempt)


def password(split):
    """The user and password for a host: those of an address that was asked before, or of the netrc file."""
    host = split.netloc.rpartition("@")[2]
    if split.username:
        LOGINS[host] = (urllib.parse.unquote(split.username), urllib.parse.unquote(split.password or ""))
    if host in LOGINS:
        return LOGINS[host]
    try:
        found = netrc.netrc().authenticators(split.hostname or "")
    except (OSError, netrc.NetrcParseError):
        return None
    return (found[0], found[2] or "") if found else None


def files_of(index, name):
    """The files that an index has of a project; none where it does not know it."""
    address = f"{index.rstrip('/')}/{name}/"
    try:
        page, base = get(address, "application/vnd.pypi.simple.v1+json, text/html;q=0.5")
    except urllib.error.HTTPError as error:
        if error.code in (403, 404, 410):
            return []
        raise
    if page.lstrip().startswith(b"{"):
        files = json.loads(page)["files"]
        return [(file["filename"], urllib.parse.urljoin(base, file["url"]), file.get("requires-python")) for file in files]
    links = Links(base)
    links.feed(page.decode("utf-8", "replace"))
    return links.files


RANK = {tag: rank for rank, tag in enumerate(sys_tags())}


def rank(file, package):
    """How well a file suits: the lowest number best, source distributions last; `None` where it does not."""
    name, _, python = file
    if python and not admits(python, ENVIRONMENT["python_full_version"]):
        return None
    try:
        if name.endswith(".whl"):
            project, version, _, tags = parse_wheel_filename(name)
            ranks = [RANK[tag] for tag in tags if tag in RANK]
            return min(ranks) if ranks and (project, version) == (package.name, Version(package.version)) else None
    except ValueError:
        return None
    stem = re.sub(r"\.(tar\.gz|zip|tar\.bz2|tgz)$", "", name)
    project, _, version = stem.rpartition("-")
    is_own = stem != name and canonicalize_name(project) == package.name
    try:
        return len(RANK) if is_own and Version(version) == Version(package.version) else None
    except ValueError:
        return None


def fetch(package, into):
    """Puts the file of a package that suits best into a directory; its digest must be one of the locked ones."""
    for index in [package.index] if package.index else INDEXES:
        ranked = [(rank(file, package), file) for file in files_of(index, package.name)]
        for _, (name, address, _) in sorted((one for one in ranked if one[0] is not None), key=lambda one: one[0]):
            content, _ = get(address)
            digest = hashlib.sha256(content).hexdigest()
            if package.digests and digest not in package.digests:
                continue
            (into / name).write_bytes(content)
            return into / name
    locked = " whose digest is in the lock file" if package.digests else ""
    raise Wrong(f"no index has a file of {package} for Python {ENVIRONMENT['python_version']} on this platform{locked}")
