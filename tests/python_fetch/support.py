"""An index on this machine, packages made up for it, and our program that fetches them as a step would."""

import contextlib
import hashlib
import http.server
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest
import zipfile
from pathlib import Path
from unittest import mock

SCRIPTS = Path(__file__).resolve().parents[2] / "src/plan/language/python/fetch"
sys.dont_write_bytecode = True
sys.path.insert(0, str(SCRIPTS))

import fetch
import index
from kept import Kept
from package import Wrong, telling


def wheel(name, version, *requires):
    """The bytes of a wheel without a module."""
    stem, content = f"{name}-{version}.dist-info", io.BytesIO()
    needs = "".join(f"Requires-Dist: {one}\n" for one in requires)
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(f"{stem}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        archive.writestr(f"{stem}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{stem}/RECORD", "")
    return content.getvalue()


def sdist(name, version, pyproject="", more=None):
    """The bytes of a source distribution that is nothing but its `pyproject.toml`, and more files by their paths."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        for path, text in {"pyproject.toml": pyproject, **(more or {})}.items():
            member = tarfile.TarInfo(f"{name}-{version}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return content.getvalue()


def sha(content, kind="sha256"):
    return f"{kind}:{hashlib.new(kind, content).hexdigest()}"


class Index(http.server.ThreadingHTTPServer):
    """Serves answers by path: bytes, or an address to go on to; notes who asked for what with which login."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.asked, self.broken = {}, [], {}
        self.url = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()

    def add(self, name, files, **more):
        """A project with files by name."""
        self.answers.update({f"/files/{file}": content for file, content in files.items()})
        listed = [{"filename": file, "url": f"/files/{file}", **more} for file in files]
        self.answers[f"/simple/{name}/"] = json.dumps({"files": listed}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Authorization")))
        answer = self.server.answers.get(self.path)
        self.send_response(404 if answer is None else 302 if isinstance(answer, str) else 200)
        if isinstance(answer, str):
            self.send_header("Location", answer)
        body = answer if isinstance(answer, bytes) else b""
        self.send_header("Content-Type", "application/vnd.pypi.simple.v1+json" if body[:1] == b"{" else "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[:-1] if self.server.broken.pop(self.path, False) else body)

    def log_message(self, *_):
        pass


class Fetched:
    """What a fetch left and said."""

    def __init__(self, status, said, output):
        self.status, self.said = status, said
        self.dist, self.build = ({path.name for path in (output / place).glob("*")} for place in ("dist", "build"))
        self.output = output


class Case(unittest.TestCase):
    """A test with an index and an application's directory."""

    def setUp(self):
        self.index, self.work = Index(), Path(tempfile.mkdtemp()).resolve()
        self.addCleanup(shutil.rmtree, self.work)
        self.addCleanup(self.index.server_close)
        self.addCleanup(self.index.shutdown)
        self.settings = f"[global]\nindex-url = {self.index.url}/simple\n"
        self.content = wheel("flask", "3.0")
        self.index.add("flask", {"flask-3.0-py3-none-any.whl": self.content})

    def fetch(self, manager, lock, files, **more):
        """Fetches with these files in the application's directory."""
        root, home = self.work / "src", self.work / "home"
        output = Path(tempfile.mkdtemp(dir=self.work))
        shutil.rmtree(root, ignore_errors=True)
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        home.mkdir(exist_ok=True)
        (self.work / "pip.conf").write_text(self.settings)
        kept = more.pop("kept", None)
        request = {"root": str(root), "directory": str(root), "lock": str(root / lock) if lock else "", "manager": manager,
                   "extras": [], "groups": [], "install": False, **more}
        env = {key: text for key, text in os.environ.items() if not key.lower().startswith(("pip_", "http")) and "proxy" not in key}
        env.update(HOME=str(home), PIP_CONFIG_FILE=str(self.work / "pip.conf"), USER_OF_INDEX="me", TOKEN="s3cret")
        return Fetched(*self.run_program(request, output, kept, env), output)

    def run_program(self, request, output, kept, env):
        """Runs the program as a step does; its status and what it said."""
        command = [sys.executable, "-B", str(SCRIPTS / "fetch.py"), json.dumps(request), str(output), *([kept] if kept else [])]
        done = subprocess.run(command, capture_output=True, text=True, env=env, timeout=100)
        return done.returncode, done.stderr

    def refuses(self, said, manager, lock, files, **more):
        done = self.fetch(manager, lock, files, **more)
        self.assertNotEqual(done.status, 0, "it was fetched")
        self.assertNotIn("Traceback", done.said)
        self.assertIn(said, done.said)
        return done

    def fetches(self, dist, manager, lock, files, **more):
        done = self.fetch(manager, lock, files, **more)
        self.assertEqual((done.status, done.dist), (0, set(dist)), done.said)
        return done


class Quick(Case):
    """Fetches in this process, without asking pip for its settings: there is much to try."""

    def run_program(self, request, output, kept, env):
        said, settings = io.StringIO(), {"index-url": f"{self.index.url}/simple"}
        with mock.patch.dict(os.environ, env, clear=True), mock.patch.object(index, "configuration", lambda: settings), \
                contextlib.redirect_stderr(said):
            try:
                with telling("the packages could not be fetched"):
                    fetch.main(request, output, Kept(kept))
                    return 0, said.getvalue()
            except Wrong as error:
                return 1, f"{said.getvalue()}error: {error}"
