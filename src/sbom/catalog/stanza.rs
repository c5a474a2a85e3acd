//! Stanzas of fields, as in `deb-control(5)`, in machine-readable copyright files and in Python's core metadata.

/// One stanza: its fields in order, each with the rest of its first line.
#[derive(Debug)]
pub(super) struct Stanza<'a> {
    fields: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Stanza<'a> {
    /// The first line of a field; names of fields do not care for case.
    pub(super) fn get(&self, name: &str) -> Option<&'a [u8]> {
        let is_it = |field: &&(&[u8], &[u8])| field.0.eq_ignore_ascii_case(name.as_bytes());
        self.fields.iter().find(is_it).map(|&(_, value)| value)
    }

    /// The first lines of all fields of a name.
    pub(super) fn all(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let is_it = move |field: &&(&[u8], &[u8])| field.0.eq_ignore_ascii_case(name.as_bytes());
        self.fields.iter().filter(is_it).map(|&(_, value)| value)
    }
}

/// The stanzas of a text, one at a time.
pub(super) fn stanzas(text: &[u8]) -> impl Iterator<Item = Stanza<'_>> {
    let mut lines = text.split(|&b| b == b'\n');
    std::iter::from_fn(move || {
        let mut fields = Vec::new();
        loop {
            let line = lines.next();
            match line.map(<[u8]>::trim_ascii_end) {
                None if fields.is_empty() => return None,
                Some(b"") if fields.is_empty() => {}
                None | Some(b"") => return Some(Stanza { fields }),
                // The further lines of a field begin with a blank; none of the fields that are read here has any.
                Some(line) if line.starts_with(b" ") || line.starts_with(b"\t") || line.starts_with(b"#") => {
                }
                Some(line) => {
                    if let Some(colon) = line.iter().position(|&b| b == b':') {
                        fields.push((&line[..colon], line[colon + 1..].trim_ascii()));
                    }
                }
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stanzas_end_at_empty_lines() {
        let text = b"\nPackage: a\nDescription: x\n more\n .\nversion:1\n\n\nPackage: b\r\nnonsense\n";
        let stanzas: Vec<_> = stanzas(text).collect();
        assert_eq!(stanzas.len(), 2);
        assert_eq!(stanzas[0].get("Version"), Some(b"1".as_slice()));
        assert_eq!(stanzas[0].get("Description"), Some(b"x".as_slice()));
        assert_eq!(stanzas[1].get("package"), Some(b"b".as_slice()));
        assert_eq!(stanzas[1].get("Version"), None);
    }

    #[test]
    fn text_without_stanzas_has_none() {
        for text in ["", "\n\n", " a\n b\n"] {
            assert_eq!(stanzas(text.as_bytes()).count(), 0);
        }
    }
}
