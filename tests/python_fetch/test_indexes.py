"""Where bytes come from, who gets a login, and which digests count."""

import contextlib
import io
import json
import ssl
import urllib.request
from unittest import mock

from support import Case, sdist, sha, wheel

import index
from package import Wrong

FLASK = "flask-3.0-py3-none-any.whl"


def pipfile_lock(version="==3.0", hashes=(), source=None, name="flask"):
    meta = {"sources": [{"name": "own", "url": source}] if source else []}
    entry = {"version": version, "hashes": list(hashes), **({"index": "own"} if source else {})}
    return {"Pipfile.lock": json.dumps({"_meta": meta, "default": {name: entry}}), "Pipfile": ""}


def poetry_lock(*digests, source=""):
    files = ", ".join(f'{{file = "{FLASK}", hash = "{digest}"}}' for digest in digests)
    text = f'[[package]]\nname = "flask"\nversion = "3.0"\nfiles = [{files}]\n{source}'
    return {"poetry.lock": text, "pyproject.toml": '[tool.poetry.dependencies]\nflask = "*"\n'}


class Indexes(Case):
    def test_only_the_web_is_asked(self):
        secret = self.work / "netrc"
        secret.write_text("machine example.com login me password s3cret")
        page = json.dumps({"files": [{"filename": "flask-3.0.tar.gz", "url": secret.as_uri()}]})
        for address in (secret.as_uri() + "#", "data:application/json," + page + "#", "ftp://127.0.0.1/x"):
            with self.subTest(address):
                lock = pipfile_lock(hashes=[sha(secret.read_bytes())], source=address)
                self.refuses("only `http:` and `https:`", "pipenv", "Pipfile.lock", lock)
        for leads, said in ((secret.as_uri(), "302"), ("ftp://127.0.0.1/flask", "only `http:` and `https:`")):
            with self.subTest(leads):
                self.index.answers[f"/files/{FLASK}"] = leads
                self.refuses(said, "pipenv", "Pipfile.lock", pipfile_lock(hashes=[sha(self.content)]))
        self.index.answers["/simple/flask/"] = page.encode()
        self.refuses("only `http:` and `https:`", "pipenv", "Pipfile.lock", pipfile_lock(hashes=[sha(secret.read_bytes())]))
        self.refuses("only `http:` and `https:`", "pip", "requirements.txt",
                     {"requirements.txt": f"--index-url {secret.as_uri()}\nflask\n"})

    def test_names_write_nowhere_else(self):
        self.refuses("is no name of a package", "pipenv", "Pipfile.lock", pipfile_lock(name="../../x/foo", hashes=[sha(b"")]))
        self.index.add("flask", {"..%2f..%2fflask-3.0.tar.gz": self.content})
        page = json.dumps({"files": [{"filename": "../../x/flask-3.0.tar.gz", "url": f"/files/{FLASK}"}]}).encode()
        for answer in (page, b'<a href="/files/..%2fflask-3.0.tar.gz">flask</a>'):
            self.index.answers["/simple/flask/"] = answer
            self.refuses("no index has a file", "pipenv", "Pipfile.lock", pipfile_lock(hashes=[sha(self.content)]))
        self.assertFalse(list(self.work.rglob("*flask*")))

    def test_a_login_stays_with_its_origin(self):
        other = type(self.index)()
        self.addCleanup(other.server_close)
        self.addCleanup(other.shutdown)
        self.settings = f"[global]\nindex-url = {self.index.url.replace('//', '//me:s3cret@')}/simple\n"
        self.index.answers["/simple/flask/"] = f'<a href="{other.url}/files/{FLASK}">x</a>'.encode()
        other.answers[f"/files/{FLASK}"] = "/again"
        other.answers["/again"] = self.content
        lock = poetry_lock(sha(self.content), source=f'source = {{type = "legacy", url = "{self.index.url}/simple"}}\n')
        self.fetches([FLASK], "poetry", "poetry.lock", lock)
        self.assertEqual(self.index.asked, [("/simple/flask/", "Basic bWU6czNjcmV0")])
        self.assertEqual(other.asked, [(f"/files/{FLASK}", None), ("/again", None)])

    def test_a_page_changes_no_login_and_a_redirect_keeps_that_of_its_origin(self):
        self.settings = f"[global]\nextra-index-url = {self.index.url.replace('//', '//me:s3cret@')}/simple\nindex-url = {self.index.url}/none\n"
        self.index.answers["/simple/flask/"] = f'<a href="{self.index.url.replace("//", "//x:y@")}/files/{FLASK}">x</a>'.encode()
        self.index.answers.update({f"/files/{FLASK}": "/moved", "/moved": self.content})
        self.fetches([FLASK], "poetry", "poetry.lock", poetry_lock(sha(self.content)))
        self.assertEqual({login for _, login in self.index.asked}, {"Basic bWU6czNjcmV0"})

    def test_variables_are_known_where_indexes_are_named_and_stay_secret(self):
        line = f"--index-url {self.index.url.replace('//', '//${USER_OF_INDEX}:${TOKEN}@')}/simple\n"
        self.settings = ""
        self.fetches([FLASK], "pip", "requirements.txt", {"requirements.txt": f"{line}flask==3.0 --hash={sha(self.content)}\n"})
        self.assertIn("Basic bWU6czNjcmV0", dict(self.index.asked).values())
        done = self.refuses("requirements.txt:1", "pip", "requirements.txt", {"requirements.txt": "--no-index ${TOKEN}\n"})
        self.assertNotIn("s3cret", done.said)

    def test_settings_of_pip_that_cannot_be_read_are_told_without_their_lines(self):
        self.settings = "index-url = https://me:s3cret@example.com\n"
        done = self.refuses("pip cannot read its configuration", "pipenv", "Pipfile.lock", pipfile_lock())
        self.assertNotIn("s3cret", done.said)

    def test_the_proxy_of_pip_is_used(self):
        self.settings = f"[global]\nindex-url = http://index.example/simple\nproxy = {self.index.url}\n"
        self.index.answers = {f"http://index.example{path}": answer for path, answer in self.index.answers.items()}
        self.fetches([FLASK], "poetry", "poetry.lock", poetry_lock(sha(self.content)))

    def test_digests_are_demanded_and_compared_by_their_kind(self):
        for kind in ("sha256", "sha384", "sha512"):
            self.fetches([FLASK], "poetry", "poetry.lock", poetry_lock("md5:0", sha(self.content, kind)))
            self.refuses("whose digest is in the lock file", "poetry", "poetry.lock", poetry_lock(sha(b"other", kind)))
        for digests in ((), (sha(self.content, "md5"),), (sha(self.content)[7:],)):
            self.refuses("digest of flask==3.0 is locked", "poetry", "poetry.lock", poetry_lock(*digests))
            self.refuses("digest of flask==3.0 is locked", "pipenv", "Pipfile.lock", pipfile_lock(hashes=digests))
        lock = poetry_lock()
        lock["poetry.lock"] = lock["poetry.lock"].replace("files = []\n", "")
        for content, check in ((self.content, self.fetches), (b"other", self.refuses)):
            files = f'[metadata]\nlock-version = "1.1"\n[metadata.files]\nflask = [{{file = "x", hash = "{sha(content)}"}}]\n'
            expected = [FLASK] if content is self.content else "whose digest is in the lock file"
            check(expected, "poetry", "poetry.lock", {**lock, "poetry.lock": lock["poetry.lock"] + files})

    def test_nothing_is_read_without_an_end(self):
        with mock.patch.object(index, "configuration", dict):
            index.configure()
        for limit, fits in ((len(self.content), True), (len(self.content) - 1, False)):
            with contextlib.nullcontext() if fits else self.assertRaisesRegex(Wrong, "has more than"):
                index.get(f"{self.index.url}/files/{FLASK}", io.BytesIO(), limit)

    def test_certificates_are_checked_but_for_trusted_hosts(self):
        https = index.Https(None, ["one.example", "two.example:8443"])
        for address, checked in (("one.example", False), ("two.example:8443", False), ("two.example", True), ("x", True)):
            with mock.patch.object(https, "do_open") as opened:
                https.https_open(urllib.request.Request(f"https://{address}/"))
            self.assertEqual(opened.call_args[1]["context"].verify_mode == ssl.CERT_REQUIRED, checked, address)
        with self.assertRaises(FileNotFoundError):
            index.Https(str(self.work / "none.pem"), [])

    def test_what_the_author_took_back_comes_last_and_is_told(self):
        self.index.add("flask", {FLASK: self.content}, yanked="broken")
        done = self.fetches([FLASK], "poetry", "poetry.lock", poetry_lock(sha(self.content)))
        self.assertIn("has taken flask-3.0-py3-none-any.whl back", done.said)

    def test_what_breaks_off_is_tried_again(self):
        self.index.broken[f"/files/{FLASK}"] = True
        self.fetches([FLASK], "poetry", "poetry.lock", poetry_lock(sha(self.content)))
        self.assertEqual([path for path, _ in self.index.asked].count(f"/files/{FLASK}"), 2)


class Builders(Case):
    """What builds packages that come as source."""

    def sources(self, **requires):
        packages, digests = {}, {}
        for name, texts in requires.items():
            content = sdist(name, "1.0", texts if isinstance(texts, str) else f"[build-system]\nrequires = {json.dumps(texts)}\n")
            self.index.add(name, {f"{name}-1.0.tar.gz": content})
            packages[name], digests[name] = content, sha(content)
        lines = "".join(f"{name}==1.0 --hash={digest}\n" for name, digest in digests.items())
        return {"requirements.txt": lines}

    def setUp(self):
        super().setUp()
        kits = {f"kit-{version}-py3-none-any.whl": wheel("kit", version) for version in ("1.0", "2.0")}
        self.index.add("kit", kits)

    def test_each_source_has_builders_of_its_own(self):
        files = self.sources(old=["kit<2"], new=["kit>=2"], plain=[])
        done = self.fetches(["old-1.0.tar.gz", "new-1.0.tar.gz", "plain-1.0.tar.gz"], "pip", "requirements.txt", files)
        self.assertEqual(done.build, {"kit-1.0-py3-none-any.whl", "kit-2.0-py3-none-any.whl"})
        self.assertIn("kit 2.0", done.said)
        self.refuses("what builds old-1.0.tar.gz from source: kit<1", "pip", "requirements.txt", self.sources(old=["kit<1"]))

    def test_builders_are_pinned_by_constraints_with_digests(self):
        for line in ("kit==1.0\n", f"kit==1.0 --hash={sha(wheel('kit', '1.0'))}\n"):
            files = {**self.sources(new=["kit"]), "build-constraints.txt": line}
            done = self.fetch("pip", "requirements.txt", files)
            self.assertEqual((done.build, done.said), ({"kit-1.0-py3-none-any.whl"}, ""))
        files = {**self.sources(new=["kit"]), "build-constraints.txt": f"kit==1.0 --hash={sha(b'other')}\n"}
        self.refuses("none of kit-1.0-py3-none-any.whl", "pip", "requirements.txt", files)
        files["build-constraints.txt"] = "kit @ file:///kit.whl\n"
        self.refuses("build-constraints.txt:1", "pip", "requirements.txt", files)

    def test_sources_that_are_none_are_told_by_name(self):
        for text in ("build-system = 3\n", "[build-system]\nrequires = 3\n", "[", f"#{'x' * (1 << 20)}"):
            self.refuses("bad-1.0.tar.gz", "pip", "requirements.txt", self.sources(bad=text))
        for name in ("bad-1.0.tar.gz", "bad-1.0.zip"):
            self.index.add("bad", {name: b"bogus"})
            self.refuses(f"{name}: ", "pip", "requirements.txt", {"requirements.txt": f"bad==1.0 --hash={sha(b'bogus')}\n"})

