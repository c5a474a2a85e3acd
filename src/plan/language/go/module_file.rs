//! The parts of `go.mod` and `go.work` that planning needs ("Go Modules Reference", `go.mod` and `go.work` files).

use crate::name::ContextPath;

/// What a `go.mod` or `go.work` file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ModuleFile {
    /// The module's path.
    pub(super) module: String,
    /// The version of the `go` directive.
    pub(super) go: Option<String>,
    /// The version of the `toolchain` directive, without its `go` prefix.
    pub(super) toolchain: Option<String>,
    /// The paths of the modules that it requires.
    pub(super) requires: Vec<String>,
    /// The modules that directories replace, and these relative directories.
    pub(super) replacements: Vec<(String, String)>,
    /// The relative directories that a workspace uses.
    pub(super) uses: Vec<String>,
}

/// Reads a file leniently: what the go command would refuse, it refuses with a better message.
pub(super) fn parse(bytes: &[u8]) -> ModuleFile {
    let text = String::from_utf8_lossy(bytes);
    let mut file = ModuleFile::default();
    let mut block: Option<String> = None;
    for line in text.lines() {
        let words = words(line);
        match (words.first().map(String::as_str), &block) {
            (None, _) => {}
            (Some(")"), _) => block = None,
            (Some(verb), None) if words.get(1).is_some_and(|word| word == "(") => {
                block = Some(verb.to_owned());
            }
            (Some(verb), None) => file.directive(verb, &words[1..]),
            (Some(_), Some(verb)) => file.directive(&verb.clone(), &words),
        }
    }
    file
}

/// The first two numbers of a version.
pub(super) fn minor_version(version: &str) -> Option<(u16, u16)> {
    let mut parts = version.split(['.', '-', 'r', 'b']);
    let (major, minor) = (parts.next()?, parts.next()?);
    Some((major.parse().ok()?, minor.parse().ok()?))
}

impl ModuleFile {
    /// The version of the toolchain image: 1.26 for both `go 1.26` and `toolchain go1.26.3`.
    pub(super) fn minor_version(&self) -> Option<(u16, u16)> {
        minor_version(self.toolchain.as_deref().or(self.go.as_deref())?)
    }

    /// The modules that must be downloaded: those that no directory replaces.
    pub(super) fn remote(&self) -> impl Iterator<Item = &str> {
        let local = |path: &&str| self.replacements.iter().any(|(module, _)| module == path);
        self.requires.iter().map(String::as_str).filter(move |path| !local(path))
    }

    /// The relative directories that replace modules.
    pub(super) fn replacing(&self) -> Vec<String> {
        self.replacements.iter().map(|(_, directory)| directory.clone()).collect()
    }

    /// The last part of the module's path, as `go build` would name the program; a major version does not count.
    pub(super) fn program_name(&self) -> &str {
        let mut parts = self.module.rsplit('/');
        let last = parts.next().unwrap_or_default();
        let is_major =
            last.strip_prefix('v').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        if is_major { parts.next().unwrap_or(last) } else { last }
    }

    fn directive(&mut self, verb: &str, rest: &[String]) {
        let Some(first) = rest.first() else { return };
        match verb {
            "module" => self.module.clone_from(first),
            "go" => self.go = Some(first.clone()),
            "toolchain" => self.toolchain = first.strip_prefix("go").map(str::to_owned),
            "require" => self.requires.push(first.clone()),
            "use" => self.uses.push(first.clone()),
            "replace" => self.replacements.extend(replacement(rest)),
            _ => {}
        }
    }
}

/// Whether a source file belongs to a program: its package is `main`, and no build constraint leaves it out of every build.
pub(super) fn is_program(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let mut in_comment = false;
    for line in text.lines().map(|line| line.trim_start_matches('\u{feff}').trim()) {
        if in_comment || line.starts_with("/*") {
            in_comment = !line.contains("*/");
        } else if line == "//go:build ignore" || line == "// +build ignore" {
            return false;
        } else if !line.is_empty() && !line.starts_with("//") {
            let code = line.split("//").next().unwrap_or_default();
            let words: Vec<&str> = code.split([' ', '\t', ';']).filter(|word| !word.is_empty()).collect();
            return words.starts_with(&["package", "main"]);
        }
    }
    false
}

/// The directories of `relative` paths seen from `from`; those that leave the context are returned apart.
pub(super) fn directories(from: &ContextPath, relative: &[String]) -> (Vec<ContextPath>, Vec<String>) {
    let mut inside = Vec::new();
    let mut outside = Vec::new();
    for path in relative {
        match from.join(path) {
            Ok(directory) => inside.push(directory),
            Err(_) => outside.push(path.clone()),
        }
    }
    (inside, outside)
}

/// The directory of a `replace a [v] => ./directory`; other modules are no directory.
fn replacement(words: &[String]) -> Option<(String, String)> {
    let arrow = words.iter().position(|word| word == "=>")?;
    let module = words.first()?;
    let target = words.get(arrow + 1)?;
    let local = target.starts_with("./")
        || target.starts_with("../")
        || target.starts_with('/')
        || target == "."
        || target == "..";
    local.then(|| (module.clone(), target.clone()))
}

/// The words of a line, without its comment and without quotes.
fn words(line: &str) -> Vec<String> {
    let code = line.split("//").next().unwrap_or_default();
    code.split_whitespace().map(|word| word.trim_matches(['"', '`']).to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_file_tells_its_needs() {
        let file = parse(
            b"module example.com/acme/billing/v2 // x\n\ngo 1.24.0\ntoolchain go1.26.3\nrequire (\n\ta.b/c v1.0.0 // indirect\n)\n\
              replace a.b/c => ../lib/c\nreplace (\n\t\"x.y/z\" v1 => ./z\n\tq.r/s => t.u/v v1.2.3\n)\n",
        );
        assert_eq!(file.program_name(), "billing");
        assert_eq!(file.minor_version(), Some((1, 26)));
        assert_eq!(file.requires, ["a.b/c"]);
        assert_eq!(file.replacing(), ["../lib/c", "./z"]);
        assert_eq!(file.remote().count(), 0, "a directory replaces the only one");
    }

    #[test]
    fn a_workspace_file_tells_its_members() {
        let file = parse(b"go 1.22\nuse ./one\nuse (\n ./two // second\n\n ../three\n)\n");
        assert_eq!(file.uses, ["./one", "./two", "../three"]);
        assert_eq!(file.minor_version(), Some((1, 22)));
        let (inside, outside) = directories(&ContextPath::root(), &file.uses);
        assert_eq!((inside.len(), outside), (2, vec!["../three".to_owned()]));
    }

    #[test]
    fn a_program_is_told_from_a_library_and_from_a_generator() {
        for program in
            ["package main\n", "// x\n\n/* a\n b */\npackage main // y", "//go:build linux\npackage main;"]
        {
            assert!(is_program(program.as_bytes()), "{program}");
        }
        for other in
            ["package lib\n", "package mainly", "//go:build ignore\n\npackage main\n", "", "/* package main"]
        {
            assert!(!is_program(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn odd_versions_and_junk_do_not_panic() {
        assert_eq!(parse(b"go 1.21rc2").minor_version(), Some((1, 21)));
        assert_eq!(parse(b"go x").minor_version(), None);
        assert_eq!(parse(b"\xff(\n)\n=> => module").program_name(), "");
    }
}
