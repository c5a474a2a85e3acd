//! Go programs: what the linker wrote down of the build.

use super::component::{Catalog, Component, Key};
use super::files::File;
use super::purl::purl;
use crate::tree::Content;
use crate::tree::elf::{data_start, section};

/// The beginning of the record, on a boundary of 16 bytes (Go's `debug/buildinfo`).
const MAGIC: &[u8] = b"\xff Go buildinf:";
const HEADER: usize = 32;
/// Set where the texts follow the header, as since Go 1.18; older programs only have pointers.
const INLINE: u8 = 2;
const LARGEST: usize = 16 << 20;

/// What a program tells of its build.
#[derive(Debug, Default, PartialEq, Eq)]
struct BuildInfo {
    go_version: String,
    main: Option<Module>,
    modules: Vec<Module>,
}

/// A module, or what replaced it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Module {
    path: String,
    version: String,
    /// The sum of `go.sum`, such as `h1:…`.
    sum: String,
}

/// Adds the modules of a program, if Go linked it.
pub(super) fn catalog(content: &dyn Content, file: &File, catalog: &mut Catalog) {
    let Some(info) = read(content) else { return };
    let go_version = info.go_version.strip_prefix("go").unwrap_or(&info.go_version).to_owned();
    let mut linked: Vec<Key> = info.modules.iter().map(|module| catalog.add(component(module))).collect();
    linked.push(catalog.add(Component {
        name: "stdlib".to_owned(),
        version: Some(info.go_version.clone()),
        purl: Some(purl("golang", "stdlib", Some(&go_version), &[])),
        licence: Some("BSD-3-Clause".to_owned()),
        ..Component::default()
    }));
    let main = info.main.unwrap_or_else(|| Module {
        // A program that was built from files instead of a module has no path of its own.
        path: "command-line-arguments".to_owned(),
        ..Module::default()
    });
    catalog.add(Component {
        built: [file.path.clone()].into(),
        depends_on: linked.into_iter().collect(),
        ..component(&main)
    });
}

fn component(module: &Module) -> Component {
    // A directory that replaces a module has no version; neither has what is built from a checkout.
    let version = Some(module.version.clone()).filter(|version| !matches!(version.as_str(), "" | "(devel)"));
    let is_path = module.path.starts_with(['.', '/']);
    Component {
        name: module.path.clone(),
        // The specification of the type `golang` wants lower case.
        purl: (!is_path).then(|| purl("golang", &module.path.to_lowercase(), version.as_deref(), &[])),
        version,
        source: (!module.sum.is_empty()).then(|| format!("go.sum {}", module.sum)),
        ..Component::default()
    }
}

fn read(content: &dyn Content) -> Option<BuildInfo> {
    let bytes = match section(content, b".go.buildinfo", LARGEST) {
        Ok(Some(bytes)) => bytes,
        _ => data_start(content, 1 << 20).ok().flatten()?,
    };
    let start = (0..bytes.len()).step_by(16).find(|&at| bytes[at..].starts_with(MAGIC))?;
    let record = &bytes[start..];
    if record.get(MAGIC.len() + 1)? & INLINE == 0 {
        return None;
    }
    let (go_version, rest) = text(record.get(HEADER..)?)?;
    let (modules, _) = text(rest).unwrap_or_default();
    let mut info = parse(&String::from_utf8_lossy(unwrapped(modules)));
    info.go_version =
        String::from_utf8(go_version.to_vec()).ok().filter(|version| version.starts_with("go"))?;
    Some(info)
}

/// A text with its length before it (a varint), and what follows.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut length = 0_usize;
    for (index, &byte) in bytes.iter().take(5).enumerate() {
        length |= usize::from(byte & 0x7f) << (7 * index);
        if byte & 0x80 == 0 {
            return bytes.get(index + 1..)?.split_at_checked(length);
        }
    }
    None
}

/// The module text without the 16 bytes before and after it, by which debuggers find it.
fn unwrapped(bytes: &[u8]) -> &[u8] {
    let inner = bytes.get(16..bytes.len().saturating_sub(16)).unwrap_or_default();
    if inner.ends_with(b"\n") { inner } else { &[] }
}

/// The text form of Go's `debug.BuildInfo`: one fact a line, its fields separated by tabs.
fn parse(text: &str) -> BuildInfo {
    let mut info = BuildInfo::default();
    let mut is_main = false;
    for line in text.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let module = || Module {
            path: fields.get(1).copied().unwrap_or_default().to_owned(),
            version: fields.get(2).copied().unwrap_or_default().to_owned(),
            sum: fields.get(3).copied().unwrap_or_default().to_owned(),
        };
        match fields[0] {
            "mod" => (info.main, is_main) = (Some(module()), true),
            "dep" => {
                info.modules.push(module());
                is_main = false;
            }
            "=>" if is_main => info.main = info.main.map(|main| replaced(main, module())),
            "=>" => info.modules = replace_last(info.modules, module()),
            _ => {}
        }
    }
    info
}

fn replace_last(mut modules: Vec<Module>, by: Module) -> Vec<Module> {
    if let Some(last) = modules.pop() {
        modules.push(replaced(last, by));
    }
    modules
}

/// What was linked in a module's place; a directory has no name of its own, so that the module's stays.
fn replaced(module: Module, by: Module) -> Module {
    if by.path.starts_with(['.', '/']) {
        Module { version: String::new(), sum: by.sum, ..module }
    } else {
        by
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replacements_take_their_modules_place() {
        let info = parse(
            "path\texample.com/app/cmd\nmod\texample.com/app\t(devel)\t\n\
             dep\texample.com/a\tv1.0.0\th1:aaa=\ndep\texample.com/b\tv1.0.0\n=>\texample.com/fork\tv1.1.0\th1:bbb=\n\
             dep\texample.com/c\tv1.2.0\n=>\t../c\t(devel)\t\nbuild\t-trimpath=true\n",
        );
        let names: Vec<String> = info.modules.iter().map(|m| format!("{}@{}", m.path, m.version)).collect();
        assert_eq!(names, ["example.com/a@v1.0.0", "example.com/fork@v1.1.0", "example.com/c@"]);
        let main = component(&info.main.unwrap());
        assert_eq!((main.purl.as_deref(), main.version), (Some("pkg:golang/example.com/app"), None));
    }

    #[test]
    fn lengths_are_not_believed() {
        assert_eq!(text(b"\x03abcd"), Some((&b"abc"[..], &b"d"[..])));
        for wrong in [&b""[..], b"\x80", b"\x05abc", b"\xff\xff\xff\xff\xff\xff\x01"] {
            assert_eq!(text(wrong), None);
        }
        assert_eq!(unwrapped(b"short"), b"");
    }
}
