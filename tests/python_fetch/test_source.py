"""Packages that come as source only, where nothing is locked: what they need is read, and nothing of them runs."""

import sys

from support import Case, sdist, sha, wheel

import source
from package import Wrong

BUILDERS = {"setuptools-80-py3-none-any.whl", "wheel-1-py3-none-any.whl"}
OLD = {"setup.py": "raise SystemExit('it ran')", "PKG-INFO": "Metadata-Version: 1.1\nName: mail\nVersion: 0.9\n"}


class Source(Case):
    def setUp(self):
        super().setUp()
        self.index.add("setuptools", {"setuptools-80-py3-none-any.whl": wheel("setuptools", "80")})
        self.index.add("wheel", {"wheel-1-py3-none-any.whl": wheel("wheel", "1")})
        self.mail = sdist("mail", "0.9", more={**OLD, "mail.egg-info/requires.txt": "flask>=3\n[x]\nabsent\n"})

    def add(self, files, name="mail", **more):
        self.index.add(name, files, **more)

    def test_what_it_needs_comes_along(self):
        self.add({"Mail-0.9.tar.gz": self.mail})
        done = self.fetches(["Mail-0.9.tar.gz", "flask-3.0-py3-none-any.whl"], "pip", "requirements.txt",
                            {"requirements.txt": "mail==0.9\n"})
        self.assertEqual(done.build, BUILDERS)
        self.assertEqual((done.output / "requirements.txt").read_text(), "flask==3.0\nmail==0.9\n")
        self.assertEqual({path.name for path in done.output.iterdir()}, {"dist", "build", "requirements.txt", "local.txt", "compiled.txt"})

    def test_what_others_need_may_be_source_too(self):
        self.add({"mail-0.9.tar.gz": self.mail, "mail-1.0.tar.gz": sdist("mail", "1.0"), "mail-2.0rc1.tar.gz": b""})
        self.add({"site-1-py3-none-any.whl": wheel("site", "1", "mail", "post; python_version > '3'")}, "site")
        self.add({"post-1.tar.gz": sdist("post", "1", "[build-system]\nrequires = []\n")}, "post")
        lists = {"requirements.txt": "site\n-c constraints.txt\n", "constraints.txt": "flask==3.0\n"}
        self.fetches(["site-1-py3-none-any.whl", "mail-1.0.tar.gz", "post-1.tar.gz"], "pip", "requirements.txt", lists)
        lists["constraints.txt"] = "mail==0.9\npost==1\nnone==1\n"
        self.fetches(["site-1-py3-none-any.whl", "mail-0.9.tar.gz", "post-1.tar.gz", "flask-3.0-py3-none-any.whl"], "pip",
                     "requirements.txt", lists)

    def test_a_wheel_counts_more(self):
        self.add({"mail-0.9.tar.gz": self.mail, "mail-0.8-py3-none-any.whl": wheel("mail", "0.8")})
        self.fetches(["mail-0.8-py3-none-any.whl"], "pip", "requirements.txt", {"requirements.txt": "mail\n"})
        self.fetches(["mail-0.9.tar.gz", "flask-3.0-py3-none-any.whl"], "pip", "requirements.txt",
                     {"requirements.txt": "mail>0.8\n"})

    def test_what_is_not_there_or_not_meant_is_refused(self):
        for files, more in (({"female-0.9.tar.gz": self.mail, "mail-0.8.tar.gz": self.mail}, {}),
                            ({"mail-0.9.tar.gz": self.mail}, {"yanked": True, "requires-python": ">3"}),
                            ({"mail-0.9.tar.gz": self.mail}, {"requires-python": "<3"})):
            with self.subTest(files=list(files), **more):
                self.add(files, **more)
                self.refuses("pip finds no packages that these requirements admit together", "pip", "requirements.txt",
                             {"requirements.txt": "mail>=0.9\n"})
        self.add({"mail-0.9.tar.gz": self.mail}, hashes={"sha256": sha(b"other")[7:]})
        self.refuses("has another digest than its index says", "pip", "requirements.txt", {"requirements.txt": "mail\n"})
        self.add({"mail-0.9.tar.gz": sdist("mail", "0.9", more={"mail.egg-info/requires.txt": "x @ https://127.0.0.1/x.zip\n"})})
        self.refuses("names an address", "pip", "requirements.txt", {"requirements.txt": "mail\n"})
        self.add({"mail-0.9.tar.gz": sdist("mail", "0.9", more={"PKG-INFO": "x" * (source.ABOUT + 1)})})
        self.refuses(f"has more than {source.ABOUT} bytes", "pip", "requirements.txt", {"requirements.txt": "mail\n"})

    def test_what_a_wheel_asks_for_at_an_address_does_not_run(self):
        ran = self.work / "ran"
        self.index.answers["/files/mail-0.9.tar.gz"] = sdist("mail", "0.9", more={"setup.py": f"open({str(ran)!r}, 'w')"})
        self.add({"site-1-py3-none-any.whl": wheel("site", "1", f"mail @ {self.index.url}/files/mail-0.9.tar.gz")}, "site")
        self.refuses("asks for source at an address, which would run here", "pip", "requirements.txt", {"requirements.txt": "site\n"})
        self.assertFalse(ran.exists())

    def test_where_compiling_fails_the_versions_that_have_wheels_are_told(self):
        older, newer = [minor for minor in (8, 9, 10) if minor != sys.version_info[1]][:2]
        wheels = ["mail-0.9-cp37-cp37m-any.whl", f"mail-0.9-cp3{older}-cp3{older}-any.whl", "mail-0.9-cp315-cp315-win32.whl",
                  f"mail-0.9-cp3{newer}-cp3{newer}-any.whl", "mail-0.8-cp315-cp315-any.whl"]
        self.add({"mail-0.9.tar.gz": self.mail, **dict.fromkeys(wheels, b"")})
        digest = f"mail==0.9 --hash={sha(self.mail)}\n"
        for lines, dist in (("mail==0.9\n", ["mail-0.9.tar.gz", "flask-3.0-py3-none-any.whl"]), (digest, ["mail-0.9.tar.gz"])):
            done = self.fetches(dist, "pip", "requirements.txt", {"requirements.txt": lines})
            said = (done.output / "compiled.txt").read_text()
            self.assertIn(f"of mail 0.9; for 3.{newer} there are: `python: {{version: '3.{newer}'}}` spares their compiling.", said)

    def test_markers_of_constraints_count(self):
        self.add({"mail-0.9.tar.gz": self.mail, "mail-1.0.tar.gz": sdist("mail", "1.0")})
        pins = "mail==0.9; python_version < '3'\nmail==1.0; python_version > '3'\n"
        self.fetches(["mail-1.0.tar.gz"], "pip", "requirements.txt", {"requirements.txt": "-c constraints.txt\nmail\n", "constraints.txt": pins})

    def declared(self, pyproject="", **more):
        path = self.work / "x-y-1.tar.gz"
        path.write_bytes(sdist("x-y", "1", pyproject, more))
        return source.declared(path, source.Candidate("x-y", "1"))

    def test_declarations(self):
        info = "Metadata-Version: 2.2\nName: X_y\nVersion: 1.0\nRequires-Python: >3\nRequires-Dist: a>1\nRequires-Dist: b; extra == 'c'\n"
        self.assertEqual(self.declared(), (None, []))
        self.assertEqual(self.declared(**{"PKG-INFO": info}), (">3", ["a>1", "b; (extra == \"c\")"]))
        project = "[project]\nrequires-python = '<4'\ndependencies = ['a']\noptional-dependencies = {c = ['b; os_name == \"x\"']}\n"
        self.assertEqual(self.declared(project), ("<4", ["a", "b; (extra == 'c') and (os_name == \"x\")"]))
        listed = {"tests/z.egg-info/requires.txt": "stranger", "src/X.y.egg-info/requires.txt": "a"}
        self.assertEqual(self.declared(**listed), (None, ["a"]))
        self.assertEqual(source.listed("a\n\n[c]\nb[d]>1\n[:os_name == 'x']\ne\n[c:os_name == 'x']\nf\n"), [
            "a", "b[d]>1; (extra == 'c')", "e; (os_name == 'x')", "f; (extra == 'c') and (os_name == 'x')"])

    def test_declarations_that_deceive_are_refused(self):
        for texts in ({"PKG-INFO": "Name: other\nVersion: 1\n"}, {"PKG-INFO": "Name: x-y\nVersion: 2\n"},
                      {"pyproject": "[project]\ndependencies = 'abc'\n"}, {"x_y.egg-info/requires.txt": "a @ file:///etc/passwd"}):
            with self.subTest(texts), self.assertRaises(Wrong):
                self.declared(**texts)
        evil = "Requires-Dist: evil @ https://127.0.0.1/evil.tar.gz\\nDescription: ("
        for text in (f"a; os_name != 'x\\\")\\n{evil}\\\"'", f"a\n[x')\\n{evil}']\nb\n"):
            with self.subTest(text):
                self.add({"mail-0.9.tar.gz": sdist("mail", "0.9", more={"mail.egg-info/requires.txt": text})})
                done = self.fetch("pip", "requirements.txt", {"requirements.txt": "mail\n"})
                self.assertNotEqual(done.status, 0)
                self.assertFalse([path for path, _ in self.index.asked if "evil" in path])
        extra = "[project]\n[project.optional-dependencies]\n\"x')\\nRequires-Dist: evil\\nDescription: ('\" = ['flask']\n"
        self.add({"mail-0.9.tar.gz": sdist("mail", "0.9", extra)})
        self.refuses("what mail 0.9 needs is not written plainly", "pip", "requirements.txt", {"requirements.txt": "mail\n"})
