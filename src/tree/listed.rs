//! Lists of files that were read, so that whoever finds them again need not read them again.

use std::collections::BTreeMap;
use std::io;

use super::{File, FilePath, Files};

/// As many hexadecimal digits as a SHA-1 has.
const SHA1: usize = 40;
/// As many as a SHA-256 has.
const SHA256: usize = 64;

/// The files of several lists.
#[derive(Debug, Default)]
pub struct Listed(BTreeMap<FilePath, File>);

impl Files {
    /// The list of the files: of each its digests, `E` where it begins like an ELF file, its size, and its path, which a
    /// NUL ends because it cannot have one.
    pub fn list(&self) -> Vec<u8> {
        let mut list = Vec::new();
        for file in self.all() {
            let elf = if file.elf { 'E' } else { '-' };
            list.extend(format!("{}{}{elf}{} ", file.sha1, file.sha256, file.size).into_bytes());
            list.extend_from_slice(file.path.as_bytes());
            list.push(0);
        }
        list
    }
}

impl Listed {
    /// Adds the files of a list, which count for more than those of the lists before; an error where it is no list.
    pub fn add(&mut self, list: &[u8]) -> io::Result<()> {
        for line in list.split_inclusive(|&byte| byte == 0) {
            let file = line.strip_suffix(&[0]).and_then(file);
            let file =
                file.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a list of files is damaged"))?;
            self.0.insert(file.path.clone(), file);
        }
        Ok(())
    }

    /// The file at a path, if it has this size.
    pub(super) fn get(&self, path: &FilePath, size: u64) -> Option<&File> {
        self.0.get(path).filter(|file| file.size == size)
    }
}

fn file(line: &[u8]) -> Option<File> {
    let (sha1, rest) = line.split_at_checked(SHA1)?;
    let (sha256, rest) = rest.split_at_checked(SHA256)?;
    let (elf, rest) = rest.split_first()?;
    let end = rest.iter().position(|&byte| byte == b' ')?;
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).ok().map(str::to_owned);
    Some(File {
        path: FilePath::new(&rest[end + 1..]),
        size: text(&rest[..end])?.parse().ok()?,
        sha1: text(sha1)?,
        sha256: text(sha256)?,
        elf: *elf == b'E',
        has_capabilities: false,
        is_of_base: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::memory::Memory;
    use crate::tree::{Index, Known};

    fn read(tree: &Memory, known: Known<'_>) -> Files {
        Files::read(&Index::of(tree).unwrap(), known).unwrap()
    }

    #[test]
    fn what_is_listed_is_not_read_again_unless_it_differs_or_the_base_has_it() {
        let first = Memory::new()
            .file("a b", 0o644, b"\x7fELF")
            .file("caf\u{e9}\nx", 0o644, b"1")
            .file("same", 0o644, b"1")
            .file("size", 0o644, b"12");
        let second = Memory::new().file("same", 0o644, b"2");
        let mut listed = Listed::default();
        listed.add(&read(&first, Known::default()).list()).unwrap();
        listed.add(&read(&second, Known::default()).list()).unwrap();
        // Other bytes of the same sizes, which nobody looks at but where the list does not hold.
        let image = Memory::new()
            .file("a b", 0o644, b"abcd")
            .capability("a b")
            .file("caf\u{e9}\nx", 0o644, b"x")
            .file("same", 0o644, b"x")
            .file("size", 0o644, b"x")
            .file("new", 0o644, b"x");
        let base = Memory::new().file("caf\u{e9}\nx", 0o644, b"x");
        let files = read(&image, Known { base: Some(&base), listed: Some(&listed) });
        let of = |content: &'static [u8]| {
            let tree = Memory::new().file("x", 0o644, content);
            let files = read(&tree, Known::default());
            let file = &files.all()[0];
            (file.sha1.clone(), file.sha256.clone())
        };
        let seen = files.all().iter().map(|file| (file.sha1.clone(), file.sha256.clone()));
        assert_eq!(seen.collect::<Vec<_>>(), [b"\x7fELF".as_slice(), b"x", b"x", b"2", b"x"].map(of));
        let (first, second) = (&files.all()[0], &files.all()[1]);
        assert!(first.elf && first.has_capabilities && !first.is_of_base);
        assert!(second.is_of_base && !second.has_capabilities);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let whole = read(&Memory::new().file("a", 0o644, b"1"), Known::default()).list();
        assert!(Listed::default().add(&[]).is_ok() && Listed::default().add(&whole).is_ok());
        for end in 1..whole.len() {
            assert!(Listed::default().add(&whole[..end]).is_err(), "{end}");
        }
        for wrong in
            [&b"\0"[..], b"x\0", &[&[b'0'; 105][..], b"x a\0"].concat(), &[&[b'0'; 105][..], b"1\0"].concat()]
        {
            assert!(Listed::default().add(wrong).is_err(), "{}", String::from_utf8_lossy(wrong));
        }
    }
}
