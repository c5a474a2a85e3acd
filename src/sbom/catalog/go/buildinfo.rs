//! Go's build information: the format that Go 1.18 and later write, as `debug/buildinfo` documents it.

use std::io;

use crate::sbom::{clean, limits};
use crate::tree::Content;
use crate::tree::elf::{ElfError, data_start, section};

/// What a program says of its build.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct BuildInfo {
    /// The compiler's version, such as `go1.26.8`.
    pub(super) version: String,
    /// The path of the main package.
    pub(super) package: Option<String>,
    /// The main module.
    pub(super) main: Option<Module>,
    /// The modules that the program's packages are from.
    pub(super) dependencies: Vec<Dependency>,
    /// Settings of the build, as `key=value`.
    pub(super) settings: Vec<String>,
}

/// A module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Module {
    pub(super) path: String,
    /// Its version; none for what was built from a working copy or a directory.
    pub(super) version: Option<String>,
    /// Its checksum as in `go.sum`.
    pub(super) sum: Option<String>,
}

/// A module that the program needs, and the one that was taken instead.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Dependency {
    pub(super) module: Module,
    pub(super) replacement: Option<Module>,
}

/// What an ELF file turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// No Go program.
    Nothing,
    /// A program of a Go that wrote pointers instead of text.
    Old,
    /// A Go program.
    Info(BuildInfo),
}

const MAGIC: &[u8] = b"\xff Go buildinf:";
/// The linker aligns the information to so many bytes.
const ALIGNMENT: usize = 16;
/// Text begins so far from the magic.
const TEXT: usize = 32;
/// The information is among the first data of a program.
const SEARCHED: usize = 1 << 20;
/// Marks at both ends of the modules' text.
const MARK: usize = 16;

/// The build information in an ELF file.
pub(super) fn read(content: &dyn Content) -> io::Result<Found> {
    let data = match section(content, b".go.buildinfo", limits::METADATA) {
        Ok(Some(data)) => Ok(Some(data)),
        Ok(None) | Err(ElfError::Malformed(_)) => data_start(content, SEARCHED),
        Err(error) => Err(error),
    };
    match data {
        Ok(data) => Ok(find(&data.unwrap_or_default())),
        Err(ElfError::Io(error)) => Err(error),
        Err(ElfError::Malformed(_)) => Ok(Found::Nothing),
    }
}

fn find(data: &[u8]) -> Found {
    let aligned = (0..data.len()).step_by(ALIGNMENT);
    let Some(at) = aligned.into_iter().find(|&at| data[at..].starts_with(MAGIC)) else {
        return Found::Nothing;
    };
    let data = &data[at..];
    let Some(flags) = data.get(MAGIC.len() + 1) else { return Found::Nothing };
    if flags & 2 == 0 {
        return Found::Old;
    }
    let texts = data.get(TEXT..).and_then(|rest| {
        let (version, rest) = text(rest)?;
        Some((version, text(rest)?.0))
    });
    texts.map_or(Found::Nothing, |(version, modules)| Found::Info(parse(version, modules)))
}

/// The text that begins with its length, and what follows it.
fn text(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = data.iter().take(10).position(|b| b & 0x80 == 0)?;
    let length = data[..=end]
        .iter()
        .rev()
        .try_fold(0_usize, |length, byte| length.checked_mul(128)?.checked_add(usize::from(byte & 0x7f)))?;
    data.get(end + 1..)?.split_at_checked(length)
}

fn parse(version: &[u8], modules: &[u8]) -> BuildInfo {
    let mut info = BuildInfo { version: clean::line(version), ..BuildInfo::default() };
    let inner = modules.len().checked_sub(MARK).and_then(|end| modules.get(MARK..end)).unwrap_or_default();
    for line in inner.split(|&b| b == b'\n') {
        let mut parts = line.split(|&b| b == b'\t');
        let kind = parts.next().unwrap_or_default();
        let mut next = || parts.next().and_then(clean::some_line);
        match kind {
            b"path" => info.package = next(),
            b"build" => info.settings.extend(next()),
            b"mod" | b"dep" | b"=>" => {
                let Some(path) = next() else { continue };
                let module = Module { path, version: next().filter(|v| v != "(devel)"), sum: next() };
                match (kind, info.dependencies.last_mut()) {
                    (b"mod", _) => info.main = Some(module),
                    (b"=>", Some(last)) => last.replacement = Some(module),
                    // The main module can be replaced by nothing.
                    (b"=>", None) => {}
                    _ => info.dependencies.push(Dependency { module, replacement: None }),
                }
            }
            _ => {}
        }
    }
    info
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn encoded(version: &str, modules: &str) -> Vec<u8> {
        let mut data = vec![0; 16];
        data.extend(MAGIC);
        data.extend([8, 2]);
        data.resize(16 + TEXT, 0);
        let mark = "0123456789abcdef";
        for text in [version.to_owned(), format!("{mark}{modules}{mark}")] {
            let mut length = text.len();
            while length >= 128 {
                data.push(u8::try_from(length % 128).unwrap() | 128);
                length /= 128;
            }
            data.push(u8::try_from(length).unwrap());
            data.extend(text.bytes());
        }
        data
    }

    #[test]
    fn modules_replacements_and_settings_are_read() {
        let text = "path\ta/cmd\nmod\ta\t(devel)\t\ndep\tb\tv1.2.3\th1:x=\n=>\tc\tv2.0.0\th1:y=\n\
                    dep\td\tv0.1.0\n=>\t./d\t\t\nbuild\t-trimpath=true\nbuild\tCGO_ENABLED=0\n";
        let Found::Info(info) = find(&encoded("go1.26.8", text)) else { panic!() };
        assert_eq!(info.version, "go1.26.8");
        assert_eq!(info.main, Some(Module { path: "a".to_owned(), version: None, sum: None }));
        assert_eq!(info.settings, ["-trimpath=true", "CGO_ENABLED=0"]);
        let [b, d] = &info.dependencies[..] else { panic!("{info:?}") };
        assert_eq!(b.module.sum.as_deref(), Some("h1:x="));
        assert_eq!(b.replacement.as_ref().unwrap().version.as_deref(), Some("v2.0.0"));
        assert_eq!(d.replacement.as_ref().unwrap(), &Module { path: "./d".to_owned(), ..Module::default() });
    }

    #[test]
    fn lengths_that_lie_are_not_believed() {
        let good = encoded("go1.26.8", "mod\ta\tv1.0.0\n");
        for cut in 0..good.len() {
            assert_eq!(find(&good[..cut]), Found::Nothing, "{cut}");
        }
        let mut huge = good.clone();
        huge.splice(16 + TEXT.., [0xff; 12]);
        assert_eq!(find(&huge), Found::Nothing);
        let mut old = good;
        old[16 + MAGIC.len() + 1] = 0;
        assert_eq!(find(&old), Found::Old);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(tail: Vec<u8>) {
            find(&[MAGIC, &[8, 2], &[0; 16], &tail].concat());
            parse(&tail, &tail);
        }
    }
}
