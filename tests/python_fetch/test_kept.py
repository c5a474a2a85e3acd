"""What earlier fetches downloaded saves a download, and can change nothing of what is fetched."""

import errno
import hashlib
import io
import os
import shutil
from unittest import mock

from support import Quick, sha, wheel

import kept

FLASK, SIX = "flask-3.0-py3-none-any.whl", "six-1.0-py3-none-any.whl"


class Kept(Quick):
    def setUp(self):
        super().setUp()
        self.kept = self.work / "kept"
        self.kept.mkdir()
        self.six = wheel("six", "1.0")
        for name, file, content in (("flask", FLASK, self.content), ("six", SIX, self.six)):
            self.index.add(name, {file: content}, hashes={"sha256": hashlib.sha256(content).hexdigest()})

    def tree(self, *contents, files=None):
        """The files that a fetch of these hands on, and those that it downloads."""
        self.index.asked.clear()
        lines = [f"{name}=={version} --hash={sha(content)}\n" for name, version, content in contents]
        done = self.fetch("pip", "requirements.txt", files or {"requirements.txt": "".join(lines)}, kept=self.kept)
        self.assertEqual(done.status, 0, done.said)
        found = {str(path.relative_to(done.output)): (path.lstat().st_mode, path.read_bytes())
                 for path in done.output.rglob("*") if not path.is_dir()}
        return found, [path.rpartition("/")[2] for path, _ in self.index.asked if path.startswith("/files/")]

    def test_an_edited_lock_downloads_what_is_new(self):
        flask, six = ("flask", "3.0", self.content), ("six", "1.0", self.six)
        cold, downloaded = self.tree(flask)
        self.assertEqual(downloaded, [FLASK])
        both, downloaded = self.tree(flask, six)
        self.assertEqual(downloaded, [SIX])
        self.assertEqual((self.tree(flask, six), self.tree(flask)), ((both, []), (cold, [])))
        shutil.rmtree(self.kept)
        self.kept.mkdir()
        self.assertEqual(self.tree(flask, six)[0], both)
        self.assertEqual({path.name for path in self.kept.iterdir()}, {sha(self.content), sha(self.six)})

    def test_what_is_something_else_is_downloaded_again(self):
        good, _ = self.tree(("flask", "3.0", self.content))
        entry, aside = self.kept / sha(self.content), self.work / "aside"
        poisons = {
            "other bytes": lambda: entry.write_bytes(wheel("flask", "3.0", "evil")),
            "more bytes": lambda: entry.write_bytes(self.content + b"\0"),
            "nothing": lambda: entry.write_bytes(b""),
            "a link": lambda: (aside.write_bytes(b"kept"), entry.symlink_to(aside)),
            "a link to nothing": lambda: entry.symlink_to(self.work / "nothing"),
            "a pipe": lambda: os.mkfifo(entry),
            "a directory": lambda: (entry / "within").mkdir(parents=True),
        }
        for kind, poison in poisons.items():
            with self.subTest(kind):
                entry.unlink()
                poison()
                self.assertEqual(self.tree(("flask", "3.0", self.content)), (good, [FLASK]))
                self.assertEqual((entry.is_symlink(), entry.read_bytes()), (False, self.content))
        self.assertEqual(aside.read_bytes(), b"kept")

    def test_what_cannot_be_kept_fails_nothing(self):
        flask, full = ("flask", "3.0", self.content), OSError(errno.ENOSPC, "full")
        with mock.patch.object(kept.shutil, "copyfileobj", side_effect=full):
            good, downloaded = self.tree(flask)
        self.assertEqual((downloaded, list(self.kept.iterdir())), ([FLASK], []))
        (self.kept / sha(self.content)).write_bytes(b"")
        denied = PermissionError(errno.EROFS, "read-only")
        with mock.patch.object(kept.os, "unlink", side_effect=denied), mock.patch.object(kept.os, "replace", side_effect=denied):
            self.assertEqual(self.tree(flask), (good, [FLASK]))
        shutil.rmtree(self.kept)
        self.assertEqual(self.tree(flask), (good, [FLASK]))

    def test_what_is_larger_than_any_package_may_be_is_not_taken(self):
        digest, there = sha(self.content), kept.Kept(self.kept)
        for limit, fits in ((len(self.content), True), (len(self.content) - 1, False)):
            (self.kept / digest).write_bytes(self.content)
            into = io.BytesIO()
            self.assertEqual(there.take(digest, into, limit), fits)
            self.assertEqual((into.getvalue(), (self.kept / digest).exists()), (self.content if fits else b"", fits))

    def test_another_locked_file_of_a_package_does_not_take_the_place_of_one(self):
        other = wheel("flask", "3.0", "six")
        (self.kept / sha(self.content)).write_bytes(other)
        lines = f"flask==3.0 --hash={sha(self.content)} --hash={sha(other)}\n"
        found, downloaded = self.tree(files={"requirements.txt": lines})
        self.assertEqual((found[f"dist/{FLASK}"][1], downloaded), (self.content, [FLASK]))

    def test_what_no_lock_vouches_for_is_not_kept(self):
        self.tree(files={"requirements.txt": "flask==3.0\n"})
        self.assertEqual(list(self.kept.iterdir()), [])
        self.index.add("flask", {FLASK: self.content}, hashes={"sha256": hashlib.sha256(b"").hexdigest()})
        lines = f"flask==3.0 --hash={sha(self.content)} --hash={sha(b'')}\n"
        self.tree(files={"requirements.txt": lines})
        self.assertEqual(list(self.kept.iterdir()), [], "the index lied of the digest")
