//! Image references, normalised as the distribution project normalises them ("reference" grammar).

use std::fmt;

use super::digest::Digest;

/// A normalised image reference: registry, repository, and a tag or a digest or both.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    registry: String,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

/// The text is not an image reference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceError {
    text: String,
    reason: &'static str,
}

const DEFAULT_REGISTRY: &str = "docker.io";

impl Reference {
    /// A reference from what users write (`golang:1.26`, `gcr.io/x/y@sha256:…`); the tag defaults to `latest`.
    pub fn parse(text: &str) -> Result<Reference, ReferenceError> {
        let fail = |reason| ReferenceError { text: text.to_owned(), reason };
        let (rest, digest) = match text.split_once('@') {
            None => (text, None),
            Some((rest, digest)) => (
                rest,
                Some(Digest::parse(digest).map_err(|_| fail("its digest is not sha256:<64 hex digits>"))?),
            ),
        };
        let (name, tag) = match rest.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (rest, None),
        };
        if tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(fail("its tag has a character that tags cannot have"));
        }
        let (registry, repository) = split_registry(name);
        if !is_registry(&registry) {
            return Err(fail("its registry is not a host name"));
        }
        if repository.len() > 255 || !repository.split('/').all(is_path_component) {
            return Err(fail(
                "its repository name may have lower-case letters, digits and . _ - between them",
            ));
        }
        let tag = tag.map(str::to_owned).or_else(|| digest.is_none().then(|| "latest".to_owned()));
        Ok(Reference { registry, repository, tag, digest })
    }

    /// An official image of the default registry; a tag that is none falls back to `latest`.
    pub fn official(name: &str, tag: &str) -> Reference {
        let tag = if is_tag(tag) { tag } else { "latest" };
        let repository = format!("library/{name}");
        Reference {
            registry: DEFAULT_REGISTRY.to_owned(),
            repository,
            tag: Some(tag.to_owned()),
            digest: None,
        }
    }

    /// A distroless image, in the variant whose default user is not root.
    pub fn distroless(name: &str) -> Reference {
        let (registry, repository) = ("gcr.io".to_owned(), format!("distroless/{name}"));
        Reference { registry, repository, tag: Some("nonroot".to_owned()), digest: None }
    }

    /// The same reference, pinned.
    #[must_use]
    pub fn with_digest(mut self, digest: Digest) -> Reference {
        self.digest = Some(digest);
        self
    }

    /// The digest, if the reference is pinned.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }

    /// The tag, if there is one.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// Registry and repository, without tag and digest.
    pub fn name(&self) -> String {
        format!("{}/{}", self.registry, self.repository)
    }

    /// The short form that users write: no default registry, no `library/`, no `:latest`.
    pub fn familiar(&self) -> String {
        let name = self.name();
        let short = name.strip_prefix("docker.io/library/").or(name.strip_prefix("docker.io/"));
        let mut text = short.unwrap_or(&name).to_owned();
        if let Some(tag) = self.tag.as_deref().filter(|&tag| tag != "latest" || self.digest.is_some()) {
            text = format!("{text}:{tag}");
        }
        match &self.digest {
            Some(digest) => format!("{text}@{digest}"),
            None => text,
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.registry, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        self.digest.as_ref().map_or(Ok(()), |digest| write!(f, "@{digest}"))
    }
}

impl fmt::Display for ReferenceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not an image reference: {}", self.text, self.reason)
    }
}

impl std::error::Error for ReferenceError {}

fn split_registry(name: &str) -> (String, String) {
    match name.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => {
            let official = matches!(first, "docker.io" | "index.docker.io");
            let registry = if official { DEFAULT_REGISTRY } else { first };
            let library = official && !rest.contains('/');
            (registry.to_owned(), if library { format!("library/{rest}") } else { rest.to_owned() })
        }
        Some(_) => (DEFAULT_REGISTRY.to_owned(), name.to_owned()),
        None => (DEFAULT_REGISTRY.to_owned(), format!("library/{name}")),
    }
}

fn is_tag(tag: &str) -> bool {
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    tag.len() <= 128
        && tag.bytes().enumerate().all(|(i, b)| word(b) || (i > 0 && matches!(b, b'.' | b'-')))
        && !tag.is_empty()
}

fn is_registry(registry: &str) -> bool {
    let (host, port) = registry.split_once(':').unwrap_or((registry, "0"));
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    host.split('.').all(label) && !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit())
}

/// Lower-case letters and digits, with single `.`, one or two `_`, or any number of `-` between them.
fn is_path_component(component: &str) -> bool {
    let alphanumeric = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let ends = [component.bytes().next(), component.bytes().last()];
    ends.iter().all(|end| end.is_some_and(alphanumeric))
        && component
            .split(|c: char| c.is_ascii() && alphanumeric(c as u8))
            .all(|gap| matches!(gap, "" | "." | "_" | "__") || gap.bytes().all(|b| b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised_and_shortened_again() {
        for (written, normal, familiar) in [
            ("golang:1.26", "docker.io/library/golang:1.26", "golang:1.26"),
            ("alpine", "docker.io/library/alpine:latest", "alpine"),
            ("acme/app", "docker.io/acme/app:latest", "acme/app"),
            ("gcr.io/distroless/static", "gcr.io/distroless/static:latest", "gcr.io/distroless/static"),
            ("localhost:5000/a_b/c--d:x", "localhost:5000/a_b/c--d:x", "localhost:5000/a_b/c--d:x"),
        ] {
            let reference = Reference::parse(written).unwrap();
            assert_eq!(reference.to_string(), normal);
            assert_eq!(reference.familiar(), familiar);
        }
    }

    #[test]
    fn a_digest_needs_no_tag() {
        let text = format!("alpine@{}", Digest::of(b""));
        let reference = Reference::parse(&text).unwrap();
        assert_eq!(reference.tag(), None);
        assert_eq!(reference.familiar(), text);
    }

    #[test]
    fn nonsense_is_refused() {
        for wrong in
            ["", "A", "a//b", "a:", "a:-x", "a@sha256:1", "../a", "a b", "a/..", "-a", "x.y:z/a", "a:b:c"]
        {
            assert!(Reference::parse(wrong).is_err(), "{wrong}");
        }
    }
}
