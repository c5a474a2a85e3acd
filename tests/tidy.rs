//! The repository's own rules: the floors of the source, its documents, its size, and its words.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The floors from the ground up: a module imports only modules of lower floors.
const FLOORS: &[&[&str]] = &[
    &["text", "diagnostic", "name", "wire"],
    &["yaml", "rule", "tree", "step", "contract", "llb"],
    &["manifest", "sbom"],
    &["model"],
    &["facts"],
    &["plan"],
    &["lower", "verify", "inspect"],
    &["report"],
    &["gateway", "inside", "cli"],
];

/// Imports within a floor, each with its reason.
const NEIGHBOURS: &[(&str, &str, &str)] = &[("diagnostic", "text", "a diagnostic points at source text")];

/// What a module may import, where that is less than its floor allows: the provers share nothing with what they
/// prove.
const APART: &[(&str, &[&str])] = &[
    ("verify", &["wire", "rule", "contract", "name", "diagnostic", "text", "step"]),
    ("inspect", &["tree", "rule", "step", "sbom", "name", "diagnostic"]),
];

/// The modules that touch the world outside: the edges, and the one door through which the provers see an image.
const DOORS: &[&str] = &["gateway", "inside", "cli", "tree"];

/// What the others do not name; a group of the standard library would hide one of them.
const OUTSIDE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::os",
    "std::net::Tcp",
    "std::net::Udp",
    "rustix",
    "tokio",
    "std::{fs",
];

/// The longest a source file may be.
const MOST_LINES: usize = 500;

/// Words that promise work instead of doing it, or that belong to no finished text.
const FORBIDDEN: &[&str] = &["TODO", "FIXME", "XXX", "HACK", "todo!(", "unimplemented!(", "dbg!("];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a directory with one of the extensions, sorted.
fn files(below: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut directories = vec![root().join(below)];
    while let Some(directory) = directories.pop() {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && name != "dist" {
                directories.push(path);
            } else if extensions.iter().any(|extension| path.extension().is_some_and(|e| e == *extension)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

fn lines_of(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

/// A line of code without its comment and without the inside of its string literals, so that prose is no import.
fn code(line: &str) -> String {
    let mut out = String::new();
    let mut quoted = false;
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if quoted => drop(characters.next()),
            '"' => quoted = !quoted,
            '/' if !quoted && characters.peek() == Some(&'/') => break,
            _ if quoted => {}
            _ => out.push(character),
        }
    }
    out
}

/// The modules of the crate that a text of code names, as `crate::x` or as `use crate::{x, y::…}`.
fn imports(code: &str) -> BTreeSet<String> {
    let word = |text: &str| {
        text.trim_start().chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>()
    };
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        if at > 0 && code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        let Some(group) = rest.strip_prefix('{') else {
            found.insert(word(rest));
            continue;
        };
        let mut depth = 1;
        let mut start = 0;
        for (i, character) in group.char_indices() {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if depth == 0 || (depth == 1 && character == ',') {
                found.insert(word(&group[start..i]));
                start = i + 1;
            }
            if depth == 0 {
                break;
            }
        }
    }
    found.remove("");
    found
}

/// Which modules each module names in its code, with a file that does so.
fn edges() -> BTreeMap<(String, String), String> {
    let mut edges = BTreeMap::new();
    for path in files("src", &["rs"]) {
        let relative = path.strip_prefix(root().join("src")).unwrap();
        let Some(module) = relative.parent().filter(|parent| *parent != Path::new("")) else { continue };
        let from = module.iter().next().unwrap().to_string_lossy().into_owned();
        let text: String = lines_of(&path).iter().map(|line| code(line) + "\n").collect();
        for to in imports(&text) {
            edges.entry((from.clone(), to)).or_insert_with(|| shown(&path));
        }
    }
    edges
}

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

#[test]
fn modules_import_lower_floors_only() {
    let mut wrong = Vec::new();
    let edges = edges();
    for ((from, to), file) in &edges {
        if from == to {
            continue;
        }
        let (Some(above), Some(below)) = (floor(from), floor(to)) else {
            wrong.push(format!("{file}: `{from}` or `{to}` stands on no floor; add it to FLOORS"));
            continue;
        };
        let neighbours = NEIGHBOURS.iter().any(|(a, b, _)| a == from && b == to);
        let apart = APART.iter().find(|(module, _)| module == from);
        if above <= below && !neighbours {
            wrong.push(format!("{file}: `{from}` (floor {above}) imports `{to}` (floor {below})"));
        }
        if apart.is_some_and(|(_, allowed)| !allowed.contains(&to.as_str())) {
            wrong.push(format!("{file}: `{from}` must stay apart from `{to}`"));
        }
    }
    let unused =
        NEIGHBOURS.iter().filter(|(a, b, _)| !edges.contains_key(&((*a).to_owned(), (*b).to_owned())));
    wrong.extend(
        unused.map(|(a, b, _)| format!("NEIGHBOURS allows `{a}` to import `{b}`, which it does not")),
    );
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_core_does_no_io() {
    let mut wrong = Vec::new();
    for module in FLOORS.iter().flat_map(|floor| floor.iter()).filter(|module| !DOORS.contains(module)) {
        for path in files(&format!("src/{module}"), &["rs"]) {
            // Tests may read what they want; they stand last in a file.
            let lines = lines_of(&path).into_iter().take_while(|line| line != "#[cfg(test)]");
            for (number, line) in lines.enumerate() {
                for name in OUTSIDE.iter().filter(|name| code(&line).contains(*name)) {
                    wrong.push(format!("{}:{}: {name}", shown(&path), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_module_stands_on_one_floor_and_in_the_module_list() {
    let listed: BTreeSet<&str> = FLOORS.iter().flat_map(|floor| floor.iter().copied()).collect();
    assert_eq!(listed.len(), FLOORS.iter().map(|floor| floor.len()).sum::<usize>(), "a module stands twice");
    let library = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert!(listed.contains(name.as_str()), "src/{name} stands on no floor");
            assert!(library.contains(&format!("pub mod {name};")), "src/{name} is not in lib.rs");
        }
    }
}

#[test]
fn the_reader_of_imports_reads_imports() {
    let read = |text: &str| imports(&code(text)).into_iter().collect::<Vec<_>>();
    assert_eq!(read("use crate::text::Span;"), ["text"]);
    assert_eq!(read("use crate::{name::{Digest, Path}, text, wire::pb};"), ["name", "text", "wire"]);
    assert_eq!(read("let x = crate::llb::op();"), ["llb"]);
    assert_eq!(read("// see crate::text"), [""; 0]);
    assert_eq!(read(r#"let x = "crate::text";"#), [""; 0]);
    assert_eq!(read("$crate::yaml::x()"), [""; 0]);
}

#[test]
fn every_source_file_begins_with_a_sentence_about_it() {
    let mut wrong = Vec::new();
    for path in files("src", &["rs"]).into_iter().chain(files("tests", &["rs"])) {
        let first = lines_of(&path).into_iter().next().unwrap_or_default();
        let sentence = first.strip_prefix("//! ").unwrap_or_default();
        let capital = sentence.starts_with(|c: char| c.is_uppercase() || c == '`');
        if !capital || !sentence.ends_with(['.', ':']) {
            wrong.push(format!("{}: {first:?} is no one-line sentence", shown(&path)));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn files_stay_short() {
    let mut wrong = Vec::new();
    for below in ["src", "tests", "proto", "lab", "bench"] {
        for path in files(below, &["rs", "proto", "go", "sh"]) {
            let count = lines_of(&path).len();
            if count > MOST_LINES {
                wrong.push(format!("{}: {count} lines, more than {MOST_LINES}", shown(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_for_later_in_the_text() {
    let own = root().join(file!());
    let mut wrong = Vec::new();
    for below in ["src", "tests", "proto", "lab", "bench", "examples", "demo", "docs"] {
        for path in files(below, &["rs", "proto", "go", "sh", "yaml", "md", "toml"]) {
            // Digests in lock files spell what they like.
            let is_lock = path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with("-lock"));
            if path == own || is_lock {
                continue;
            }
            for (number, line) in lines_of(&path).iter().enumerate() {
                for word in FORBIDDEN.iter().filter(|word| line.contains(*word)) {
                    wrong.push(format!("{}:{}: {word}", shown(&path), number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn lock_files_name_no_place_that_packages_come_from() {
    let (mut looked, mut wrong) = (0, Vec::new());
    for path in ["examples", "tests"].iter().flat_map(|below| files(below, &["json", "lock", "txt", "yaml"]))
    {
        let name = path.file_name().unwrap().to_string_lossy().to_lowercase();
        if !name.contains("lock") && !name.starts_with("requirements") {
            continue;
        }
        looked += 1;
        let is_archive = |line: &str| [".tgz", ".whl", ".gz", ".zip"].iter().any(|end| line.contains(end));
        for (number, line) in lines_of(&path).iter().enumerate() {
            if line.contains("://") && (line.contains("resol") || is_archive(line)) {
                wrong.push(format!("{}:{}: {}", shown(&path), number + 1, line.trim()));
            }
        }
    }
    assert!(looked > 8, "only {looked} lock files were looked at");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut wrong = Vec::new();
    let top = fs::read_dir(root()).unwrap().map(|entry| entry.unwrap().path());
    let documents = top.filter(|path| path.extension().is_some_and(|e| e == "md"));
    for path in documents.chain(files("docs", &["md"])).chain(files("lab", &["md"])) {
        let text = fs::read_to_string(&path).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            let local = !target.is_empty() && !target.contains("://") && !target.starts_with("mailto:");
            if local && !path.parent().unwrap().join(target).exists() {
                wrong.push(format!("{}: {target} does not exist", shown(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
