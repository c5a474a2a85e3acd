"""What each format of a lock file means, and that none leaves anything out or builds what is stale."""

import json
import platform
from pathlib import Path

from support import Quick, sha, wheel

import locks
from package import Wrong, applies

FLASK = "flask-3.0-py3-none-any.whl"
CLICK = "click-8.0-py3-none-any.whl"


class Locks(Quick):
    def setUp(self):
        super().setUp()
        self.click = wheel("click", "8.0")
        self.index.add("click", {CLICK: self.click})

    def pinned(self, name="flask", content=None):
        version = {"flask": "3.0", "click": "8.0"}[name]
        return f"{name}=={version} --hash={sha(content or (self.content if name == 'flask' else self.click))}\n"

    def requirements(self, said_or_dist, text, pyproject=None, **files):
        more = {"pyproject.toml": pyproject} if pyproject else {}
        files = {"requirements.txt": text, **more, **{f"{name}.txt": text for name, text in files.items()}}
        check = self.refuses if isinstance(said_or_dist, str) else self.fetches
        return check(said_or_dist, "pip", "requirements.txt", files)

    def test_one_digest_asks_for_all(self):
        self.requirements([FLASK, CLICK], self.pinned() + self.pinned("click"))
        self.requirements("requirements.txt:2: `click==8.0` needs an exact version", self.pinned() + "click==8.0\n")
        self.requirements("requirements.txt:3: `click` needs", self.pinned() + "\n" + self.pinned("click").replace("==8.0", ""))
        self.requirements("requirements.txt:2", "--require-hashes\nclick==8.0\n")
        self.requirements("constraints.txt:1", "-rconstraints.txt\n" + self.pinned(), constraints="click==8.0\n")
        self.requirements([FLASK], self.pinned() + "click==8.0; python_version < '3'\n")
        self.requirements([FLASK], self.pinned().replace("--hash=", "\\\n  --hash "))

    def test_constraints_count(self):
        self.index.add("flask", {FLASK: self.content, "flask-4.0-py3-none-any.whl": wheel("flask", "4.0")})
        self.requirements(["flask-4.0-py3-none-any.whl"], "flask\n")
        self.requirements([FLASK], "-c constraints.txt\nflask\n", constraints="flask<4\nclick==7\n")
        self.requirements([FLASK], "--constraint=constraints.txt\nflask\n", constraints=self.pinned())
        self.requirements("exclude each other", "-cconstraints.txt\n" + self.pinned(), constraints="flask<3\n")

    def test_options_that_choose_otherwise_are_refused(self):
        self.index.add("flask", {FLASK: self.content, "flask-4.0rc1-py3-none-any.whl": wheel("flask", "4.0rc1")})
        self.requirements(["flask-4.0rc1-py3-none-any.whl"], "--pre\nflask\n")
        self.requirements([FLASK], "--prefer-binary\n--trusted-host=example.com\nflask\n")
        for line in ("--no-binary flask", "--no-binary=:all:", "-f wheels", "--find-links=wheels", "--no-index", "/libs/foo",
                     "-e git+https://example.com/foo#egg=foo", "foo @ file:///foo", "file:///foo",
                     "git+https://example.com/foo", "flask --config-settings=x=y",
                     "--index-url https://example.com --pre"):
            with self.subTest(line):
                self.requirements("requirements.txt:2: `", f"# what is needed\n{line}\n")

    def test_the_application_itself_brings_its_dependencies(self):
        pyproject = ('[project]\nname = "app"\ndependencies = ["flask"]\n[project.optional-dependencies]\n'
                     'api = ["click"]\nall = ["app[api]"]\n[dependency-groups]\ndev = [{include-group = "dev"}, "click"]\n')
        for line in (".", "-e .", "--editable=.", "-e ./"):
            self.requirements([FLASK], f"{line}\n", pyproject)
        self.requirements([FLASK, CLICK], "-e .[all]\n", pyproject)
        self.requirements("has no extra `web`; there are: all, api", ".[web]\n", pyproject)
        self.requirements([FLASK], ".\n" + self.pinned(), pyproject)
        self.requirements("does not hold `flask`", ".\n" + self.pinned("click"), pyproject)
        self.assertIn("the dependencies of `.` stand where no fetch looks", self.requirements([FLASK], ".\nflask\n").said)
        for more, dist in (({"extras": ["ALL"]}, [FLASK, CLICK]), ({"groups": ["Dev"]}, [FLASK, CLICK]), ({}, [FLASK])):
            self.fetches(dist, "pip", "", {"pyproject.toml": pyproject}, **more)
        self.refuses("has no group `test`", "pip", "", {"pyproject.toml": pyproject}, groups=["test"])
        self.refuses("neither extras nor groups", "pip", "requirements.txt", {"requirements.txt": "flask\n"}, extras=["x"])
        dynamic = '[project]\nname = "app"\ndynamic = ["dependencies"]\n'
        self.refuses("code tells its dependencies", "pip", "", {"pyproject.toml": dynamic})

    def poetry(self, said_or_dist, lock, pyproject, **more):
        check = self.refuses if isinstance(said_or_dist, str) else self.fetches
        return check(said_or_dist, "poetry", "poetry.lock", {"poetry.lock": lock, "pyproject.toml": pyproject}, **more)

    def package(self, name="flask", more=""):
        version, content = {"flask": ("3.0", self.content), "click": ("8.0", self.click)}[name]
        return f'[[package]]\nname = "{name}"\nversion = "{version}"\n{more}files = [{{hash = "{sha(content)}"}}]\n'

    def test_poetry(self):
        pyproject = '[tool.poetry.dependencies]\npython = "^3.8"\nflask = "^3"\n[tool.poetry.group.My_Group.dependencies]\nclick = "*"\n'
        self.poetry([FLASK, CLICK], self.package() + self.package("click"), pyproject, groups=["my-group"])
        nested = pyproject + '[tool.poetry.group.all]\ninclude-groups = ["my_group", "all"]\n'
        self.poetry([FLASK, CLICK], self.package() + self.package("click"), nested, groups=["all"])
        self.poetry("has no group `dev`; there are: my-group", self.package(), pyproject, groups=["dev"])
        self.poetry("does not hold `click`, which flask needs", self.package(more='dependencies = {click = "*"}\n'), pyproject)
        self.poetry("poetry.lock: ", "package = 3\n", pyproject)
        self.poetry("poetry.lock cannot be read", "[[package]\n", pyproject)
        chain = "".join(f'[[package]]\nname = "p{n}"\nversion = "1"\nsource = {{type = "directory", url = "."}}\n'
                        f'dependencies = {{p{n + 1} = "*"}}\n' for n in range(2000))
        self.poetry("does not hold `p2000`", chain, '[tool.poetry.dependencies]\np0 = "*"\n')

    def test_a_stale_lock_of_poetry_is_refused(self):
        # As Poetry 2.5.1 writes them, and 2.2 the last.
        classic = '[tool.poetry.dependencies]\nflask = "^3"\n[tool.poetry.group.dev.dependencies]\nclick = "*"\n'
        standard = '[project]\nname = "app"\nrequires-python = ">=3.8"\ndependencies = ["flask"]\n[dependency-groups]\ndev = ["click"]\n'
        for pyproject, digest in ((classic, "74b3948d8badb182e52a2b9ba9b0da32226a908fe1c37f3b467f5d246de8e12b"),
                                  (standard, "43e979c507aa1a8434d70d002be9f2c9568798cfafa50b10a5a682baad9276c8"),
                                  (standard, "8765a6b1954c4f4020afe5e2263a7b2f9b6dceada61519062a8149accc77ef13")):
            lock = f'{self.package()}[metadata]\ncontent-hash = "{digest}"\n'
            self.poetry([FLASK], lock, pyproject)
            self.poetry("before what it locks was changed", lock, pyproject.replace("^3", "^2").replace('["flask"]', '["flask>1"]'))

    def test_locks_as_poetry_wrote_them(self):
        """Of Poetry 1.2.2, 1.8.5 and 2.2.1, for an application with an extra, a group, and a package for Python 3.9 alone."""
        for kind, lock in (("classic", "1.1"), ("classic", "2.0"), ("standard", "2.1")):
            with self.subTest(lock):
                place = Path(__file__).with_name("poetry") / kind
                needed = {"python-dateutil", "six"} | ({"tzdata"} if kind == "standard" else set())
                for extras, groups, more in (([], [], set()), (["color"], [], {"colorama"}), (["color"], ["dev"], {"colorama", "iniconfig"})):
                    request = {"root": place, "directory": place, "extras": extras, "groups": groups}
                    packages, places = locks.poetry(request, place / f"{lock}.lock")
                    self.assertEqual({package.name for package in packages}, needed | more)
                    self.assertTrue(all(package.digests for package in packages) and not places)
                with self.assertRaisesRegex(Wrong, "has no extra `colour`"):
                    locks.poetry({**request, "extras": ["colour"]}, place / f"{lock}.lock")

    def test_pipenv_groups(self):
        def pipenv(said_or_dist, groups, pipfile, **sections):
            entries = {"flask": {"version": "==3.0", "hashes": [sha(self.content)]}, "click": {"version": "==8.0", "hashes": [sha(self.click)]}}
            lock = {section: {name: entries[name] for name in held} for section, held in sections.items()}
            check = self.refuses if isinstance(said_or_dist, str) else self.fetches
            return check(said_or_dist, "pipenv", "Pipfile.lock", {"Pipfile": pipfile, "Pipfile.lock": json.dumps(lock)}, groups=groups)

        usual = '[packages]\nflask = "*"\n[dev-packages]\nclick = "*"\n'
        pipenv([FLASK], [], usual, default=["flask"], develop=["click"])
        pipenv([FLASK, CLICK], ["dev"], usual, default=["flask"], develop=["click"])
        pipenv("does not hold `click`", ["dev"], usual, default=["flask"], develop=[])
        pipenv([FLASK, CLICK], ["docs"], usual.replace("dev-packages", "docs"), default=["flask"], develop=[], docs=["click"])
        pipenv("has no category `docs`", ["docs"], usual, default=["flask"], develop=["click"])

    def test_pipenv(self):
        entry = {"version": "==3.0", "hashes": [sha(self.content)]}

        def pipenv(said_or_dist, pipfile='[packages]\nflask = "*"\n', digest=None, install=False, **more):
            meta = {"sources": [], "hash": {"sha256": digest}} if digest else {}
            lock = json.dumps({"_meta": meta, "default": {"flask": entry, **more}})
            files = {"Pipfile": pipfile, "Pipfile.lock": lock, "pyproject.toml": "[build-system]\nrequires = []\n"}
            check = self.refuses if isinstance(said_or_dist, str) else self.fetches
            return check(said_or_dist, "pipenv", "Pipfile.lock", files, install=install)

        digest = "f226f2c246fa4694a5658fd6793e384e9b5ea4b2502a4da2f7d0a795e3efb63f"  # as pipenv writes it
        pipenv([FLASK], digest=digest)
        pipenv("before what it locks was changed", pipfile='[packages]\nflask = "^4"\n', digest=digest)
        pipenv("`foo` comes from `./foo`", foo={"git": "./foo", "editable": True})
        pipenv("`foo` comes from `./foo`", foo={"path": "./foo", "subdirectory": "bar"})
        pipenv("`foo` comes from `https://example.com/foo.whl`", foo={"file": "https://example.com/foo.whl"})
        pipenv("`foo.tar.gz` is an archive of source", foo={"file": "foo.tar.gz"})
        self.assertEqual(pipenv([FLASK], Flask=entry).output.joinpath("requirements.txt").read_text(), "flask==3.0\n")
        pipenv([FLASK], app={"path": ".", "editable": True}, install=True)
        pipenv("`app` comes from `.`", app={"path": ".", "editable": True})

    def test_pylock(self):
        def pylock(said_or_dist, more="", pyproject="", **request):
            lock = f'{more}[[packages]]\nname = "flask"\nversion = "3.0"\nwheels = [{{hashes = {{sha256 = "{sha(self.content)[7:]}"}}}}]\n'
            lock += f'[[packages]]\nname = "click"\nversion = "8.0"\nmarker = "\'api\' in extras or \'My_Dev\' in dependency_groups"\n'
            lock += f'wheels = [{{hashes = {{sha512 = "{sha(self.click, "sha512")[7:]}"}}}}]\n'
            check = self.refuses if isinstance(said_or_dist, str) else self.fetches
            return check(said_or_dist, "pylock", "pylock.toml", {"pylock.toml": lock, "pyproject.toml": pyproject}, **request)

        pylock([FLASK])
        pylock([FLASK, CLICK], 'extras = ["api"]\n', extras=["api"])
        pylock([FLASK, CLICK], 'default-groups = ["my-dev"]\n')
        pylock("has no extra `api`", extras=["api"])
        pylock("asks for `flask<3`", pyproject='[project]\nname = "app"\ndependencies = ["flask<3"]\n')
        pylock("does not hold `attrs`", pyproject='[project]\nname = "app"\ndependencies = ["attrs"]\n')
        pylock("is for Python <3", 'requires-python = "<3"\n')
        pylock("other environments", 'environments = ["sys_platform == \'none\'"]\n')
        pylock("`foo` comes from vcs", '[[packages]]\nname = "foo"\nvcs = {url = "."}\n')

    def uv(self, said_or_dist, more, pyproject="", top="", **request):
        lock = f'{top}[[package]]\nname = "app"\nsource = {{ virtual = "." }}\n{more}'
        for name, version, content in (("flask", "3.0", self.content), ("click", "8.0", self.click)):
            lock += (f'[[package]]\nname = "{name}"\nversion = "{version}"\nsource = {{ registry = "{self.index.url}/simple" }}\n'
                     f'wheels = [{{ hash = "{sha(content)}" }}]\n')
        check = self.refuses if isinstance(said_or_dist, str) else self.fetches
        return check(said_or_dist, "uv", "uv.lock", {"uv.lock": lock, "pyproject.toml": pyproject}, **request)

    def test_uv(self):
        asks = '[project]\nname = "app"\ndependencies = ["flask<2"]\n'
        self.uv("holds flask 3.0", 'dependencies = [{ name = "flask" }]\n', asks)
        overridden = '[manifest]\noverrides = [{ name = "Flask", specifier = "==3.0" }]\n'
        self.uv([FLASK], 'dependencies = [{ name = "flask" }]\n', asks, overridden)
        groups = '[package.dev-dependencies]\nmy-group = [{ name = "click" }]\n'
        self.uv([CLICK], groups, '[dependency-groups]\nMy_Group = ["click"]\n', groups=["My_Group"])

    def test_extras_of_uv_that_exclude_each_other(self):
        conflicts = 'conflicts = [[{ package = "app", extra = "cpu" }, { package = "app", extra = "gpu" }]]\n'
        table = ('[package.optional-dependencies]\ncpu = [{ name = "flask" }]\ngpu = [{ name = "click", marker = "extra == '
                 '\'extra-3-app-gpu\' and extra != \'extra-3-app-cpu\'" }]\n')
        self.uv([FLASK], table, top=conflicts, extras=["cpu"])
        self.uv([CLICK], table, top=conflicts, extras=["gpu"])
        self.uv("`cpu` and `gpu` exclude each other", table, top=conflicts, extras=["cpu", "gpu"])
        self.uv("between packages of a workspace", table, top=conflicts.replace('"app", extra = "gpu"', '"lib", extra = "x"'))

    def test_a_dependency_of_uv_says_which_of_several_versions_it_means(self):
        content = wheel("flask", "2.0")
        self.index.add("flask", {FLASK: self.content, "flask-2.0-py3-none-any.whl": content})
        older = (f'[[package]]\nname = "flask"\nversion = "2.0"\nsource = {{ registry = "{self.index.url}/simple" }}\n'
                 f'wheels = [{{ hash = "{sha(content)}" }}]\n')
        self.uv(["flask-2.0-py3-none-any.whl"], f'dependencies = [{{ name = "flask", version = "2.0" }}]\n{older}')

    def test_markers_know_several_extras_at_once(self):
        self.assertTrue(applies("extra == 'a' and extra == \"B_c\" and extra != 'd'", ["a", "b-c"]))
        self.assertFalse(applies("extra == 'a' and extra != 'b'", ["a", "b"]))
        self.assertTrue(applies("python_version >= '3' and extra != 'a'"))

    def test_markers_know_the_very_patch_of_the_interpreter(self):
        version = platform.python_version()
        self.assertTrue(applies(f"python_full_version == '{version}' and implementation_version >= '{version}'"))
        self.assertFalse(applies(f"python_full_version < '{version}'"))
        self.assertFalse(applies(f"python_full_version > '{version}' or python_full_version == '{version}.1'"))

    PROJECT = "[build-system]\nrequires = []\n[project]\nname = '{}'\ndependencies = [{}]\n[project.optional-dependencies]\nx = ['click']\n"
    VENDORED = "vendor/foo-1.0-py3-none-any.whl"

    def places(self, done):
        """What is installed from the context: paths, each with its digest."""
        root = f"{(self.work / 'src').as_uri()}/"
        return [line.removeprefix(root) for line in done.output.joinpath("local.txt").read_text().splitlines()]

    def test_requirements_name_places_of_the_context(self):
        files = {"libs/a/pyproject.toml": self.PROJECT.format("a", "'flask', 'B'"), "libs/b/pyproject.toml": self.PROJECT.format("b", "")}
        for lines, dist in (("./libs/a\nlibs/b\n", [FLASK]), ("-e ./libs/a\n-e libs/b[x]\n", [FLASK, CLICK]),
                            ("a @ file:libs/a\nb[x] @ file:libs/b ; python_version > '3'\n", [FLASK, CLICK]),
                            (f"{self.pinned()}--editable=./libs/a#egg=a\nfile:libs/b\n", [FLASK])):
            done = self.fetches(dist, "pip", "requirements.txt", {"requirements.txt": lines, **files})
            self.assertEqual(self.places(done), ["libs/a", "libs/b"], lines)
        done = self.fetches([FLASK], "pip", "requirements.txt", {"requirements.txt": "flask\nlibs/b; python_version < '3'\n", **files})
        self.assertEqual(self.places(done), [])
        for lines, said in ((f"{self.pinned('click')}libs/a\nlibs/b\n", "does not hold `flask`"), ("libs/b[y]\n", "`libs/b` has no extra `y`"),
                            ("../b\n", "outside of the build context"), ("-c constraints.txt\n", "constraints.txt:1: `libs/b` names")):
            self.refuses(said, "pip", "requirements.txt", {"requirements.txt": lines, "constraints.txt": "libs/b\n", **files})

    def test_packages_of_the_context_ask_for_extras_of_each_other(self):
        files = {"libs/a/pyproject.toml": self.PROJECT.format("a", "'B[x]'"), "libs/c/pyproject.toml": self.PROJECT.format("c", "'b[X]'"),
                 "libs/b/pyproject.toml": self.PROJECT.format("b", "'flask'"), "pyproject.toml": self.PROJECT.format("app", "'b[x]'")}
        for lines in ("libs/a\nlibs/b\n", "libs/b\nlibs/c\n", ".\nlibs/b\nlibs/a\n"):
            self.fetches([FLASK, CLICK], "pip", "requirements.txt", {"requirements.txt": lines, **files})
            self.refuses("does not hold `click`", "pip", "requirements.txt", {"requirements.txt": self.pinned() + lines, **files})
        self.fetches([FLASK], "pip", "requirements.txt", {"requirements.txt": "libs/b\n", **files})
        files["libs/b/pyproject.toml"] = self.PROJECT.format("b", "'flask', 'a[x]'")
        self.fetches([FLASK, CLICK], "pip", "requirements.txt", {"requirements.txt": "libs/a\nlibs/b\n", **files})

    def test_extras_that_no_standard_table_states_are_not_judged(self):
        poetry = "[tool.poetry]\nname = 'b'\n[tool.poetry.extras]\ny = ['click']\n"
        dynamic = "[project]\nname = 'b'\ndynamic = ['optional-dependencies']\ndependencies = ['click']\n"
        both = f"[project]\nname = 'b'\ndependencies = ['click']\n{poetry}"
        for place, pyproject, dist in (("libs/b", "", [FLASK]), ("libs/b", poetry, [FLASK]), ("libs/b", dynamic, [FLASK, CLICK]),
                                       ("libs/b", both, [FLASK, CLICK]), (self.VENDORED, "", [FLASK])):
            with self.subTest(place + pyproject):
                files = {"requirements.txt": f"flask\n./{place}[y]\n", "libs/b/pyproject.toml": f"[build-system]\nrequires = []\n{pyproject}"}
                done = self.fetches(dist, "pip", "requirements.txt", files)
                self.assertEqual(done.said.count(f"the dependencies of `{place}` stand where no fetch looks"), 1)
        self.requirements([FLASK], "flask\n.[y]\n", poetry)
        for known in (both, "[project]\nname = 'b'\ndynamic = ['dependencies']\n"):
            self.requirements("has no extra `z`", "flask\n.[z]\n", known)
        self.refuses("code tells its dependencies", "pip", "", {"pyproject.toml": dynamic}, extras=["y"])
        self.fetches([CLICK], "pip", "", {"pyproject.toml": dynamic})

    def test_no_index_takes_the_place_of_what_lies_in_the_context(self):
        b, plugin, needs = wheel("b", "9.0"), "plugin-1.0-py3-none-any.whl", wheel("plugin", "1.0", "B")
        self.index.add("b", {"b-9.0-py3-none-any.whl": b})
        self.index.add("plugin", {plugin: needs})
        files = {"libs/shared/pyproject.toml": self.PROJECT.format("b", "")}
        for lines in ("plugin\n", "b\n", f"b==9.0 --hash={sha(b)}\n"):
            self.refuses("an index has a `b` that is asked for, but so is called what lies in `shared`", "pip", "requirements.txt",
                         {"requirements.txt": f"{lines}libs/shared\n", **files})
        app = {"pyproject.toml": self.PROJECT.format("b", "'plugin'"), "requirements.txt": "plugin\n"}
        for lock in ("", "requirements.txt"):
            self.refuses("what lies in `src`", "pip", lock, app, install=True)
            self.fetches(["b-9.0-py3-none-any.whl", plugin], "pip", lock, app)
        files["requirements.txt"] = f"plugin==1.0 --hash={sha(needs)}\nlibs/shared\n"
        done = self.fetches([plugin], "pip", "requirements.txt", files)
        self.assertEqual(self.places(done), ["libs/shared"])

    def test_wheels_of_the_context_keep_their_digests(self):
        digest, other = sha(b"1"), sha(b"2")
        listed = lambda lines: self.fetches([FLASK], "pip", "requirements.txt", {"requirements.txt": lines})
        done = listed(f"flask\n./{self.VENDORED}\n")
        self.assertEqual(self.places(done), [self.VENDORED])
        self.assertIn("the dependencies of `vendor/foo-1.0-py3-none-any.whl` stand where no fetch looks", done.said)
        pinned = f"{self.VENDORED}#sha256={digest[7:]}"
        self.assertEqual(self.places(listed(f"{self.pinned()}{self.VENDORED} --hash={digest}\n")), [pinned])
        for lines, said in ((f"{self.pinned()}{self.VENDORED}\n", "needs its one"), ("vendor/foo-1.0.tar.gz\n", "is an archive of source"),
                            (f"{self.VENDORED} --hash={digest} --hash={other}\n", "needs its one"), ("foo/foo.whl\n", "Invalid wheel")):
            self.requirements(said, lines)

    def test_locks_name_places_of_the_context(self):
        digest, both = sha(b"1"), ["libs/b", f"{self.VENDORED}#sha256={sha(b'1')[7:]}"]
        files = {"libs/b/pyproject.toml": self.PROJECT.format("b", "")}
        package = "[[package]]\nname = '{}'\nversion = '1.0'\nsource = {{ {} }}\n"
        asks = "[project]\nname = 'app'\ndependencies = ['b', 'foo']\n"
        poetry = (package.format("b", "type = 'directory', url = 'libs/b'") +
                  package.format("foo", f"type = 'file', url = '{self.VENDORED}'") + "files = [{hash = 'DIGEST'}]\n")
        uv = (package.format("app", "virtual = '.'") + "dependencies = [{ name = 'b' }, { name = 'foo' }]\n" +
              package.format("b", "editable = 'libs/b'") + package.format("foo", f"path = '{self.VENDORED}'") + "wheels = [{ hash = 'DIGEST' }]\n")
        pylock = ("[[packages]]\nname = 'b'\ndirectory = { path = 'libs/b' }\n[[packages]]\nname = 'foo'\nversion = '1.0'\n"
                  f"archive = {{ path = '{self.VENDORED}', hashes = {{ sha256 = 'DIGEST' }} }}\n").replace("'DIGEST'", f"'{digest[7:]}'", 1)
        pipenv = json.dumps({"_meta": {}, "default": {"b": {"path": "./libs/b", "editable": True},
                                                      "foo": {"file": self.VENDORED, "hashes": ["DIGEST"]}}})
        for manager, name, lock in (("poetry", "poetry.lock", poetry), ("uv", "uv.lock", uv), ("pylock", "pylock.toml", pylock),
                                    ("pipenv", "Pipfile.lock", pipenv)):
            with self.subTest(manager):
                files = {**files, "pyproject.toml": asks, "Pipfile": ""}
                done = self.fetches([], manager, name, {**files, name: lock.replace("DIGEST", digest)})
                self.assertEqual(self.places(done), both)
                self.refuses("needs its one", manager, name, {**files, name: lock.replace("DIGEST", "md5:0").replace(digest[7:], "").replace("sha256", "md5")})

    def test_files_lead_nowhere_else(self):
        (self.work / "secret.txt").write_text("s3cret")
        for name in ("../secret.txt", str(self.work / "secret.txt")):
            self.assertNotIn("s3cret", self.requirements("leads out of the application", f"-r {name}\n").said)
