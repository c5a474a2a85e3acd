//! Scripts and archives that an interpreter is told to run: whether they are there.
//!
//! Only what is certain is judged. What an option could change, and names that are not plainly those of files, are
//! passed over: a start that is fine must never be called broken.

use std::io;

use super::super::image::Image;
use super::super::names::is_one_of;
use super::lookup::{Lookup, follow, look_up, suggest};
use super::{Problem, check_way, directories_of};
use crate::tree::{FilePath, Stat};

/// What Node appends to a name that is not a file (Node.js, "Modules", "File modules").
const NODE_APPENDS: [&str; 3] = [".js", ".json", ".node"];
/// Directories of other people's files, which nobody means.
const OF_DEPENDENCIES: [&[u8]; 2] = [b"node_modules", b"site-packages"];

/// The file that a process tells its interpreter to run, where that can be told.
pub(super) fn script<'p>(image: &Image<'_>, argv: &'p [String]) -> io::Result<Option<&'p str>> {
    let Some((program, words)) = argv.split_first() else { return Ok(None) };
    // A script of that name may do with its arguments what it likes.
    let is_binary = match look_up(image, program.as_bytes())? {
        Lookup::Found(path, _) => image.binaries.contains_key(&path),
        Lookup::Not(_) => false,
    };
    let name = FilePath::new(program);
    let is = |interpreter| is_binary && is_one_of(name.name(), &[interpreter]);
    let mut words = words.iter().map(String::as_str);
    let (word, extensions): (_, &[&str]) = if is("java") {
        (archive(words), &[".jar"])
    } else if is("python") {
        (words.find(|word| !is_flag_of_python(word)), &[".py"])
    } else if is("node") && !image.request.env.contains_key("NODE_OPTIONS") {
        (words.next(), &[".js", ".mjs", ".cjs", ".ts", ".mts", ".cts"])
    } else if is("ruby") {
        (words.next(), &[".rb"])
    } else {
        return Ok(None);
    };
    let is_plain = |word: &&str| !word.starts_with('-') && extensions.iter().any(|end| word.ends_with(end));
    Ok(word.filter(is_plain))
}

/// What follows `-jar`. An option whose value is a word of its own ends the search.
fn archive<'p>(mut words: impl Iterator<Item = &'p str>) -> Option<&'p str> {
    let first = words.find(|word| !word.starts_with('-') || *word == "-jar");
    first.filter(|word| *word == "-jar").and_then(|_| words.next())
}

/// Flags that change nothing of what is run, such as `-u` and `-OO`.
fn is_flag_of_python(word: &str) -> bool {
    word.strip_prefix('-')
        .is_some_and(|flags| !flags.is_empty() && flags.chars().all(|flag| "bBEIOPsSu".contains(flag)))
}

/// What keeps an interpreter from reading a file.
pub(super) fn check(image: &Image<'_>, script: &str) -> io::Result<Option<Problem>> {
    match follow(image, script.as_bytes(), |path| suggest_script(image, path))? {
        Lookup::Found(path, stat) => check_reading(image, &path, stat),
        Lookup::Not(problem) if may_come_later(image, &problem.path)? || is_completed(image, script)? => {
            Ok(None)
        }
        Lookup::Not(problem) => Ok(Some(problem)),
    }
}

fn check_reading(image: &Image<'_>, path: &FilePath, stat: Stat) -> io::Result<Option<Problem>> {
    let (uid, gid) = (image.request.uid, image.request.gid);
    if !stat.is_file() || stat.permits_reading(uid, gid) {
        return check_way(image, path);
    }
    let message = format!("`{path}` is not readable for the user {uid}:{gid} (mode {:04o})", stat.mode);
    let help = "give the artifact `mode: 0444`, or let the build make it readable".to_owned();
    Ok(Some(Problem { path: path.clone(), message, help }))
}

/// Whether a volume may bring what is at a path, or an earlier start: it lies in a directory that the user may write, or
/// apart from the application in one that the image does not have.
fn may_come_later(image: &Image<'_>, path: &FilePath) -> io::Result<bool> {
    let (uid, gid) = (image.request.uid, image.request.gid);
    let is_own = path.below(&FilePath::new(&image.request.workdir)).is_some();
    if !is_own
        && path.parent().is_some_and(|parent| !parent.is_root() && !image.entries.contains_key(&parent))
    {
        return Ok(true);
    }
    for directory in directories_of(path) {
        if image.tree.stat(&directory)?.is_some_and(|stat| stat.permits_writing(uid, gid)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether there is a file of that name with what Node appends.
fn is_completed(image: &Image<'_>, script: &str) -> io::Result<bool> {
    for end in NODE_APPENDS {
        if let Lookup::Found(..) = follow(image, format!("{script}{end}").as_bytes(), |_| String::new())? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn suggest_script(image: &Image<'_>, path: &FilePath) -> String {
    let workdir = FilePath::new(&image.request.workdir);
    let is_own = |file: &FilePath| {
        file.below(&workdir).is_some_and(|file| !file.parts().any(|part| OF_DEPENDENCIES.contains(&part)))
    };
    let own =
        image.entries.iter().filter(|(file, stat)| stat.is_file() && is_own(file)).map(|(file, _)| file);
    let otherwise = format!(
        "name a file that the image has: from its working directory `{workdir}`, or with its whole path"
    );
    suggest(path.name(), &own.collect::<Vec<_>>(), &otherwise)
}

#[cfg(test)]
mod tests {
    use crate::inspect::tests::{found, good, proved, request};
    use crate::tree::elf::fixture::Fixture;
    use crate::tree::memory::Memory;

    /// An image with interpreters, and one file for each.
    fn image() -> Memory {
        let program = Fixture::program().bytes();
        let names = ["node", "python", "python3.13", "ruby", "java", "other"];
        let image =
            names.iter().fold(good(), |image, name| image.file(format!("bin/{name}"), 0o755, &program));
        ["server.js", "app.py", "app.rb", "app.jar", "lib/index.mjs"]
            .iter()
            .fold(image, |image, name| image.file(format!("app/{name}"), 0o644, b""))
    }

    fn told(image: &Memory, line: &str) -> String {
        found(image, &request(&line.split(' ').collect::<Vec<_>>())).join("\n")
    }

    #[test]
    fn what_an_interpreter_is_told_to_run_must_be_there() {
        let image = image();
        for (line, script, path) in [
            ("node nosuch.js --port 1", "nosuch.js", "/app/nosuch.js"),
            ("/bin/node ./dist/../x.cjs", "./dist/../x.cjs", "/app/x.cjs"),
            ("python nope.py", "nope.py", "/app/nope.py"),
            ("python3.13 -u -OO /bin/nope.py", "/bin/nope.py", "/bin/nope.py"),
            ("node dist/server.js", "dist/server.js", "/app/dist/server.js"),
            ("ruby nope.rb", "nope.rb", "/app/nope.rb"),
            ("java -Xmx64m -Dport=1 -jar none.jar --server", "none.jar", "/app/none.jar"),
        ] {
            let program = line.split(' ').next().unwrap();
            assert_eq!(
                told(&image, line),
                format!(
                    "entrypoint-unresolvable {path}: the process `web` cannot start `{script}` with \
                     `{program}`: `{path}` is not there"
                )
            );
        }
    }

    #[test]
    fn what_is_there_or_cannot_be_judged_is_fine() {
        let image = image()
            .link("app/main.js", "server.js")
            .directory("app/dir.js", 0o755)
            .file("app/whole.js.js", 0o644, b"")
            .file("opt/node", 0o755, b"#!/bin/other\n");
        for line in [
            "node server.js",
            "node main.js",
            "node dir.js",
            "node whole.js",
            "node lib/index.mjs",
            "node nosuch",
            "node --import hooks nosuch.js",
            "node",
            "/opt/node nosuch.js",
            "python -u app.py",
            "python -m nope.py",
            "python -c import nope.py",
            "python -X dev nope.py",
            "ruby -S nope.rb",
            "java -jar app.jar",
            "java -cp /x -jar none.jar",
            "java Main none.jar",
            "java -jar",
            "other nosuch.js",
        ] {
            assert_eq!(told(&image, line), "", "{line}");
        }
        let mut hooked = request(&["node", "nosuch.js"]);
        hooked.env.insert("NODE_OPTIONS".to_owned(), "--require ./.pnp.cjs".to_owned());
        assert_eq!(found(&image, &hooked), Vec::<String>::new());
    }

    #[test]
    fn a_script_of_a_volume_may_come_later() {
        assert!(told(&image().directory("data", 0o755), "python /data/job.py").contains("is not there"));
        assert_eq!(told(&image().directory("data", 0o777), "python /data/in/job.py"), "");
        assert_eq!(told(&image(), "python /scripts/job.py"), "");
    }

    #[test]
    fn a_script_must_be_readable_for_the_user() {
        let image =
            image().file("app/own.py", 0o600, b"").directory("srv", 0o700).file("srv/x.py", 0o644, b"");
        assert!(
            told(&image, "python own.py")
                .ends_with("`/app/own.py` is not readable for the user 65532:65532 (mode 0600)")
        );
        assert!(told(&image, "python /srv/x.py").ends_with("may not enter `/srv` (mode 0700)"));
    }

    #[test]
    fn help_names_the_applications_own_files() {
        let image = image().file("app/node_modules/a/main.js", 0o644, b"");
        let help = |line: &str| {
            let request = request(&line.split(' ').collect::<Vec<_>>());
            proved(&image, &Memory::new(), &request).findings[0].help.clone()
        };
        assert_eq!(help("node sever.js"), "did you mean `/app/server.js`?");
        assert_eq!(help("node index.mjs"), "the image has `/app/lib/index.mjs`: name it with its whole path");
        assert_eq!(
            help("node main.js"),
            "name a file that the image has: from its working directory `/app`, or with its whole path"
        );
    }
}
