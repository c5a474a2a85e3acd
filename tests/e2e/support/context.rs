//! Build contexts: a copy of an example, or files made up for one test.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

/// A directory that is removed with the value.
pub(crate) struct Context {
    path: PathBuf,
    /// A name that no other context of this run has.
    pub(crate) name: String,
}

static NUMBER: AtomicUsize = AtomicUsize::new(0);

impl Context {
    /// An empty context.
    pub(crate) fn empty(name: &str) -> Context {
        let name = format!("{name}-{}-{}", std::process::id(), NUMBER.fetch_add(1, Ordering::Relaxed))
            .to_lowercase();
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&name);
        fs::create_dir_all(&path).unwrap();
        Context { path, name }
    }

    /// A copy of an example.
    pub(crate) fn example(example: &str) -> Context {
        let context = Context::empty(example);
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example), &context.path);
        context
    }

    /// A context with the given files.
    pub(crate) fn of(name: &str, files: &[(&str, &str)]) -> Context {
        files.iter().fold(Context::empty(name), |context, (path, text)| context.with(path, text))
    }

    /// The same context with a file written.
    pub(crate) fn with(self, path: &str, text: impl AsRef<[u8]>) -> Context {
        let path = self.path.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// The same context with a text replaced, which must be there.
    pub(crate) fn replacing(self, path: &str, old: &str, new: &str) -> Context {
        let text = fs::read_to_string(self.path.join(path)).unwrap();
        assert!(text.contains(old), "{path} has no {old:?}");
        self.with(path, text.replace(old, new))
    }

    /// The same context with lines added at the end of a file.
    pub(crate) fn appending(self, path: &str, more: &str) -> Context {
        let text = fs::read_to_string(self.path.join(path)).unwrap();
        self.with(path, text + more)
    }

    /// The same context without a file.
    pub(crate) fn without(self, path: &str) -> Context {
        fs::remove_file(self.path.join(path)).unwrap();
        self
    }

    /// The same context as another umask would have checked it out.
    pub(crate) fn with_umask(self, umask: u32) -> Context {
        each(&self.path, &mut |path| {
            let mode = fs::metadata(path).unwrap().permissions().mode();
            let whole = if path.is_dir() || mode & 0o100 != 0 { 0o777 } else { 0o666 };
            fs::set_permissions(path, fs::Permissions::from_mode(whole & !umask)).unwrap();
        });
        self
    }

    /// The same context with every file of one modification time.
    pub(crate) fn touched(self, time: SystemTime) -> Context {
        each(&self.path, &mut |path| {
            let file = fs::File::open(path).unwrap();
            file.set_times(fs::FileTimes::new().set_modified(time).set_accessed(time)).unwrap();
        });
        self
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Context {
    fn drop(&mut self) {
        // A directory that stays behind is no reason to fail a test that passed.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Calls for every file and directory below a path, contents before their directory.
fn each(path: &Path, call: &mut dyn FnMut(&Path)) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            each(&entry.unwrap().path(), call);
        }
    }
    call(path);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name();
        if name == "target" || name == "dist" {
            continue;
        }
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(name));
        } else {
            fs::copy(entry.path(), to.join(name)).unwrap();
        }
    }
}

/// A word that no other run has, for what no cache may know.
pub(crate) fn new_word() -> String {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    format!("new-{}", now.as_nanos())
}
