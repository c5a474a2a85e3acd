//! The options of each language, checked.

use super::checker::Checker;
use super::{Binary, Custom, FetchScripts, Go, Java, Jre, Language, Node, Python, Rust, Site};
use crate::diagnostic::Diagnostic;
use crate::manifest::{self, Manifest, Text};
use crate::text::Spanned;

/// The language with its options.
pub(super) fn language(
    checker: &mut Checker,
    manifest: &Manifest,
    named: Spanned<manifest::Language>,
) -> Option<Language> {
    let blocks = &manifest.languages;
    match named.value {
        manifest::Language::Go => go(checker, blocks.go.as_ref()).map(Language::Go),
        manifest::Language::Rust => rust(checker, blocks.rust.as_ref()).map(Language::Rust),
        manifest::Language::Python => python(checker, blocks.python.as_ref()).map(Language::Python),
        manifest::Language::Node => node(checker, blocks.node.as_ref()).map(Language::Node),
        manifest::Language::Java => java(checker, blocks.java.as_ref()).map(Language::Java),
        manifest::Language::Site => site(checker, manifest).map(Language::Site),
        manifest::Language::Binary => binary(checker, blocks.binary.as_ref(), named).map(Language::Binary),
        manifest::Language::Custom => Some(Language::Custom(custom(checker, blocks.custom.as_ref()))),
    }
}

fn go(checker: &mut Checker, block: Option<&manifest::Go>) -> Option<Go> {
    let Some(block) = block else { return Some(Go::default()) };
    Some(Go {
        version: version(checker, block.version.as_ref())?,
        main: match &block.main {
            Some(main) => Some(checker.context_path(main)?),
            None => None,
        },
        tags: checker.texts(&block.tags),
        ldflags: checker.texts(&block.ldflags),
        cgo: block.cgo.is_some_and(|cgo| cgo.value),
        private: checker.texts(&block.private),
    })
}

fn rust(checker: &mut Checker, block: Option<&manifest::Rust>) -> Option<Rust> {
    let usual = Rust::default();
    let Some(block) = block else { return Some(usual) };
    let profile = match &block.profile {
        Some(text) => word(checker, text)?,
        None => usual.profile,
    };
    let bins: Vec<_> = block.bin.iter().map(|bin| word(checker, bin)).collect::<Option<_>>()?;
    Some(Rust {
        version: version(checker, block.version.as_ref())?,
        bins,
        features: checker.texts(&block.features),
        default_features: block.default_features.is_none_or(|on| on.value),
        profile,
    })
}

fn python(checker: &mut Checker, block: Option<&manifest::Python>) -> Option<Python> {
    let Some(block) = block else { return Some(Python::default()) };
    Some(Python {
        version: version(checker, block.version.as_ref())?,
        manager: block.package_manager,
        extras: checker.texts(&block.extras),
        groups: checker.texts(&block.groups),
        bytecode: block.bytecode.is_none_or(|on| on.value),
    })
}

fn node(checker: &mut Checker, block: Option<&manifest::Node>) -> Option<Node> {
    let Some(block) = block else { return Some(Node::default()) };
    Some(Node {
        version: version(checker, block.version.as_ref())?,
        manager: block.package_manager,
        script: match &block.script {
            Some(script) => Some(script_name(checker, script)?),
            None => None,
        },
        framework: block.framework,
        fetch_scripts: match &block.fetch_scripts {
            Some(manifest::FetchScripts::All(all)) if all.value => FetchScripts::All(all.span),
            None | Some(manifest::FetchScripts::All(_)) => FetchScripts::None,
            Some(manifest::FetchScripts::Packages(names)) => {
                let names = names.iter().map(|name| script_name(checker, name));
                FetchScripts::Packages(names.collect::<Option<_>>()?)
            }
        },
    })
}

fn java(checker: &mut Checker, block: Option<&manifest::Java>) -> Option<Java> {
    let Some(block) = block else { return Some(Java::default()) };
    let mut words = |texts: &[Text]| {
        let words = texts.iter().map(|text| script_name(checker, text).map(|word| word.value));
        words.collect::<Option<Vec<String>>>()
    };
    let (profiles, modules) = (words(&block.profiles)?, words(&block.modules)?);
    Some(Java {
        version: version(checker, block.version.as_ref())?,
        build_tool: block.build_tool,
        profiles,
        full: block.jre.is_some_and(|jre| jre.value == Jre::Full),
        modules,
    })
}

/// The name of a script or of an npm package, which reaches a command line.
fn script_name(checker: &mut Checker, text: &Text) -> Option<Spanned<String>> {
    let value = checker.text(text)?;
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"-_.:@/".contains(&b);
    if value.starts_with('-') || value.is_empty() || !value.bytes().all(allowed) {
        let message = format!("`{value}` is not a name of letters, digits and `-_.:@/`");
        checker.report(Diagnostic::error("name", message).at(text.span));
        return None;
    }
    Some(Spanned::new(value, text.span))
}

fn site(checker: &mut Checker, manifest: &Manifest) -> Option<Site> {
    let block = manifest.languages.node.as_ref();
    let is_built =
        block.is_some() || manifest.language.is_some_and(|word| word.value == manifest::Language::Node);
    let node = if is_built { Some(node(checker, block)?) } else { None };
    let Some(block) = &manifest.languages.site else { return Some(Site { node, ..Site::default() }) };
    let path = |checker: &mut Checker, text: &Option<Text>| match text {
        Some(text) => Some(Some(checker.context_path(text)?)),
        None => Some(None),
    };
    let (root, fallback) = (path(checker, &block.root), path(checker, &block.fallback));
    Some(Site { root: root?, fallback: fallback?, node })
}

fn binary(
    checker: &mut Checker,
    block: Option<&manifest::Binary>,
    named: Spanned<manifest::Language>,
) -> Option<Binary> {
    let Some(block) = block else {
        let error = Diagnostic::error("no-binary", "the manifest does not say which file is the program");
        checker.report(error.at(named.span).help("write `binary: {from: path/in/the/context}`"));
        return None;
    };
    let from = checker.context_path(&block.from)?;
    let sha256 = match &block.sha256 {
        Some(text) => Some(sha256(checker, text)?),
        None => None,
    };
    Some(Binary { from, sha256 })
}

fn custom(checker: &mut Checker, block: Option<&manifest::Custom>) -> Custom {
    let Some(block) = block else { return Custom::default() };
    let mut commands = |written: &[manifest::Command]| {
        written.iter().filter_map(|command| checker.command(command)).collect()
    };
    Custom { fetch: commands(&block.fetch), build: commands(&block.build) }
}

/// A version such as `1`, `1.26` or `1.26.3`: it becomes part of an image's tag.
fn version(checker: &mut Checker, text: Option<&Text>) -> Option<Option<Spanned<String>>> {
    let Some(text) = text else { return Some(None) };
    let value = checker.text(text)?;
    let parts: Vec<&str> = value.split('.').collect();
    let number =
        |part: &&str| !part.is_empty() && part.len() <= 5 && part.bytes().all(|b| b.is_ascii_digit());
    if parts.len() > 3 || !parts.iter().all(number) {
        let error =
            Diagnostic::error("version", format!("`{value}` is not a version such as `1.26` or `1.26.3`"));
        checker.report(error.at(text.span));
        return None;
    }
    Some(Some(Spanned::new(value, text.span)))
}

/// A word that reaches a command line: letters, digits, `-` and `_`, not starting with `-`.
fn word(checker: &mut Checker, text: &Text) -> Option<Spanned<String>> {
    let value = checker.text(text)?;
    let allowed = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if value.starts_with('-') || value.is_empty() || !value.chars().all(allowed) {
        let error =
            Diagnostic::error("name", format!("`{value}` is not a name of letters, digits, `-` and `_`"));
        checker.report(error.at(text.span));
        return None;
    }
    Some(Spanned::new(value, text.span))
}

fn sha256(checker: &mut Checker, text: &Text) -> Option<String> {
    let value = checker.text(text)?.to_ascii_lowercase();
    let digits = value.strip_prefix("sha256:").unwrap_or(&value).to_owned();
    if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        let error = Diagnostic::error("sha256", "a SHA-256 digest has 64 hexadecimal digits").at(text.span);
        checker.report(error);
        return None;
    }
    Some(digits)
}
