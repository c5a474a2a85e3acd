//! What earlier fetches of Node packages downloaded: it saves a download, and can change nothing of what is fetched.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha512};
use tempfile::TempDir;

const ARCHIVE: &[u8] = b"an archive";
/// What the locks below are of, and where each manager looks for its archive (in its home).
const LOCKS: [(&str, &str, &str); 4] = [
    (
        "package-lock.json",
        r#"{"packages": {"node_modules/ms": {"version": "2.1.3", "integrity": "sha512-BASE64"}}}"#,
        ".npm/_cacache/content-v2/sha512/H0/H2/H4",
    ),
    (
        "yarn.lock",
        "# yarn lockfile v1\n\n\n\"@a/ms@2\":\n  version \"2.1.3\"\n  resolved \"https://example.com/@a/ms/-/ms-2.1.3.tgz#aa\"\n  integrity sha512-BASE64\n",
        ".yarn-mirror/@a-ms-2.1.3.tgz",
    ),
    (
        "yarn.lock",
        "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n\"ms@npm:2.1.3\":\n  version: 2.1.3\n  resolution: \"ms@npm:2.1.3\"\n  checksum: 10c0/HEX\n  languageName: node\n",
        ".yarn/berry/cache/ms-npm-2.1.3-81ff3cfac1-10c0.zip",
    ),
    (
        "yarn.lock",
        "__metadata:\n  version: 6\n  cacheKey: 8\n\n\"@types/node@npm:22.0.0\":\n  version: 22.0.0\n  resolution: \"@types/node@npm:22.0.0\"\n  checksum: HEX\n  languageName: node\n",
        ".yarn/berry/cache/@types-node-npm-22.0.0-5a106da8ed-8.zip",
    ),
];

/// A fetch: a manager's home, its lock file, and what earlier fetches downloaded.
struct Fetch {
    directory: TempDir,
    lock: PathBuf,
}

impl Fetch {
    /// A fetch by a lock file, whose words for the archive's digest are replaced.
    fn of(name: &str, lock: &str) -> Fetch {
        let directory = tempfile::tempdir().unwrap();
        let digest = Sha512::digest(ARCHIVE);
        let text = lock.replace("BASE64", &STANDARD.encode(digest)).replace("HEX", &hex());
        for name in ["home", "kept"] {
            fs::create_dir(directory.path().join(name)).unwrap();
        }
        let lock = directory.path().join(name);
        fs::write(&lock, text).unwrap();
        Fetch { directory, lock }
    }

    fn kept(&self) -> PathBuf {
        self.directory.path().join("kept")
    }

    fn home(&self, path: &str) -> PathBuf {
        let hex = hex();
        let path = path.replace("H0", &hex[..2]).replace("H2", &hex[2..4]).replace("H4", &hex[4..]);
        self.directory.path().join("home").join(path)
    }

    /// What the manager would have downloaded.
    fn download(&self, path: &str) {
        let path = self.home(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, ARCHIVE).unwrap();
    }

    fn keep(&self) {
        self.run("keep", &["", "/nowhere"]);
    }

    /// Takes what is kept, into a home in which nothing was downloaded yet; what was said.
    fn take(&self) -> String {
        fs::remove_dir_all(self.home("")).unwrap();
        fs::create_dir(self.home("")).unwrap();
        self.run("take", &["", "/nowhere"])
    }

    fn run(&self, how: &str, manager: &[&str]) -> String {
        let program =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("src/plan/language/node/builder/downloads.mjs");
        let paths = [program.as_path(), Path::new(how), &self.kept(), &self.home(""), &self.lock];
        let done = Command::new("node").args(paths).args(manager).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap()
    }

    /// The names of what is kept.
    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.kept()).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }
}

fn hex() -> String {
    let bytes: Vec<String> = Sha512::digest(ARCHIVE).iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.concat()
}

#[test]
fn what_is_locked_is_where_the_managers_look_for_it() {
    for (name, lock, path) in LOCKS {
        let fetch = Fetch::of(name, lock);
        assert_eq!(fetch.take(), "0 of 1 archives were downloaded before\n");
        fetch.download(path);
        fs::write(fetch.home("").join("unlocked.tgz"), "x").unwrap();
        fetch.keep();
        assert_eq!(fetch.names(), [format!("sha512-{}", hex())], "{path}");
        assert_eq!(fetch.take(), "1 of 1 archives were downloaded before\n", "{path}");
        assert_eq!(fs::read(fetch.home(path)).unwrap(), ARCHIVE, "{path}");
    }
}

#[test]
fn what_is_something_else_is_not_taken() {
    let poisons: [fn(&Path); 6] = [
        |path| fs::write(path, "another archive").unwrap(),
        |path| fs::write(path, "").unwrap(),
        |path| symlink(path.with_file_name("aside"), path).unwrap(),
        |path| symlink("/nowhere", path).unwrap(),
        |path| fs::create_dir_all(path.join("within")).unwrap(),
        |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success()),
    ];
    for (name, lock, manager) in LOCKS {
        let fetch = Fetch::of(name, lock);
        let entry = fetch.kept().join(format!("sha512-{}", hex()));
        // The very bytes, but where a link leads: out of what is kept.
        fs::write(entry.with_file_name("aside"), ARCHIVE).unwrap();
        for poison in poisons {
            poison(&entry);
            assert_eq!(fetch.take(), "0 of 1 archives were downloaded before\n", "{manager}");
            assert!(!fetch.home(manager).exists() && entry.symlink_metadata().is_err(), "{manager}");
            fetch.download(manager);
            fetch.keep();
            assert_eq!(fs::read(&entry).unwrap(), ARCHIVE, "{manager}");
            assert!(entry.symlink_metadata().unwrap().is_file(), "{manager}");
            fs::remove_file(&entry).unwrap();
        }
        assert_eq!(fs::read(entry.with_file_name("aside")).unwrap(), ARCHIVE);
    }
}

#[test]
fn what_no_lock_vouches_for_is_neither_kept_nor_taken() {
    for (name, lock, path) in LOCKS {
        let vouching = |line: &&str| !line.contains("BASE64") && !line.contains("HEX");
        let lock: Vec<&str> = lock.split('\n').filter(vouching).collect();
        let fetch = Fetch::of(name, &lock.join("\n"));
        fetch.download(path);
        fetch.keep();
        assert!(fetch.names().is_empty(), "{path}");
        fs::write(fetch.kept().join(format!("sha512-{}", hex())), ARCHIVE).unwrap();
        fetch.take();
        assert!(!fetch.home(path).exists(), "{path}");
    }
}

#[test]
fn an_archive_of_the_old_yarn_does_not_stand_for_another_of_its_name() {
    let other = "\nms@https://example.org/ms:\n  resolved \"https://example.org/@a/ms/-/ms-2.1.3.tgz\"\n";
    let (name, lock, _) = LOCKS[1];
    for lock in [format!("{lock}{other}"), format!("{lock}{other}").replace('\n', "\r\n")] {
        let fetch = Fetch::of(name, &lock);
        fs::write(fetch.kept().join(format!("sha512-{}", hex())), ARCHIVE).unwrap();
        fetch.take();
        assert!(!fetch.home(".yarn-mirror").exists(), "it would look there for both");
    }
}

#[test]
fn addresses_that_npm_would_ask_for_are_there_only_while_it_installs() {
    let lock = "{\n\t\"packages\": {\n\t\t\"node_modules/ms\": {\n\t\t\t\"version\": \"2.1.3\",\n\t\t\t\"integrity\": \"sha512-BASE64\"\n\t\t},\n\t\t\"node_modules/a\": {\n\t\t\t\"version\": \"1.0.0\",\n\t\t\t\"integrity\": \"sha512-AAAA\"\n\t\t}\n\t}\n}\n";
    let fetch = Fetch::of("package-lock.json", lock);
    let before = fs::read_to_string(&fetch.lock).unwrap();
    fetch.take();
    assert_eq!(fs::read_to_string(&fetch.lock).unwrap(), before);
    fs::write(fetch.kept().join(format!("sha512-{}", hex())), ARCHIVE).unwrap();
    fetch.take();
    let during = fs::read_to_string(&fetch.lock).unwrap();
    assert_eq!(during.matches("\"resolved\": \"http://127.0.0.1:9/").count(), 1, "{during}");
    let installed = fetch.lock.with_file_name("node_modules/.package-lock.json");
    fs::create_dir(installed.parent().unwrap()).unwrap();
    fs::write(&installed, during).unwrap();
    fetch.keep();
    assert_eq!(fs::read_to_string(&fetch.lock).unwrap(), before);
    assert_eq!(fs::read_to_string(&installed).unwrap(), before);
}

#[test]
fn a_manager_is_taken_by_its_checksum() {
    let fetch = Fetch::of("pnpm-lock.yaml", "lockfileVersion: '9.0'\n");
    let (checksum, program) = (format!("sha512-{}", hex()), fetch.home("manager.tgz"));
    let arguments = [checksum.as_str(), program.to_str().unwrap()];
    fs::write(&program, ARCHIVE).unwrap();
    fetch.run("keep", &arguments);
    fs::remove_file(&program).unwrap();
    assert_eq!(fetch.run("take", &arguments), "1 of 1 archives were downloaded before\n");
    assert_eq!(fs::read(&program).unwrap(), ARCHIVE);
    fs::write(fetch.kept().join(&checksum), "another").unwrap();
    fs::remove_file(&program).unwrap();
    fetch.run("take", &arguments);
    assert!(!program.exists(), "it is not what its checksum says");
}
