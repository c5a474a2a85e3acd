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
    /// Whether other modules are required.
    pub(super) requires: bool,
    /// The relative directories that replace modules.
    pub(super) replacements: Vec<String>,
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

impl ModuleFile {
    /// The version of the toolchain image: `1.26` for both `go 1.26` and `toolchain go1.26.3`.
    pub(super) fn minor_version(&self) -> Option<String> {
        let version = self.toolchain.as_deref().or(self.go.as_deref())?;
        let mut parts = version.split(['.', '-', 'r', 'b']);
        let (major, minor) = (parts.next()?, parts.next()?);
        let number =
            |part: &str| !part.is_empty() && part.len() < 6 && part.bytes().all(|b| b.is_ascii_digit());
        (number(major) && number(minor)).then(|| format!("{major}.{minor}"))
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
            "require" => self.requires = true,
            "use" => self.uses.push(first.clone()),
            "replace" => self.replacements.extend(replacement(rest)),
            _ => {}
        }
    }
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
fn replacement(words: &[String]) -> Option<String> {
    let arrow = words.iter().position(|word| word == "=>")?;
    let target = words.get(arrow + 1)?;
    let local = target.starts_with("./")
        || target.starts_with("../")
        || target.starts_with('/')
        || target == "."
        || target == "..";
    local.then(|| target.clone())
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
        assert_eq!(file.minor_version().as_deref(), Some("1.26"));
        assert!(file.requires);
        assert_eq!(file.replacements, ["../lib/c", "./z"]);
    }

    #[test]
    fn a_workspace_file_tells_its_members() {
        let file = parse(b"go 1.22\nuse ./one\nuse (\n ./two // second\n\n ../three\n)\n");
        assert_eq!(file.uses, ["./one", "./two", "../three"]);
        assert_eq!(file.minor_version().as_deref(), Some("1.22"));
        let (inside, outside) = directories(&ContextPath::root(), &file.uses);
        assert_eq!((inside.len(), outside), (2, vec!["../three".to_owned()]));
    }

    #[test]
    fn odd_versions_and_junk_do_not_panic() {
        assert_eq!(parse(b"go 1.21rc2").minor_version().as_deref(), Some("1.21"));
        assert_eq!(parse(b"go x").minor_version(), None);
        assert_eq!(parse(b"\xff(\n)\n=> => module").program_name(), "");
    }
}
