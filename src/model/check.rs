//! From the manifest as written to the checked image: defaults, build arguments, and every semantic error at once.

use std::collections::BTreeMap;

use super::checker::Checker;
use super::{Exception, Image, LanguageChoice, SourceTree, defaults, options};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::manifest::{self, Arguments, Manifest, Text};
use crate::name::{ContextPath, Platform};
use crate::rule;
use crate::text::{Source, Span, Spanned};

/// What a build brings besides the manifest.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The build arguments that were given.
    pub args: BTreeMap<String, String>,
    /// The process that the image is to start, where the build names one.
    pub target: Option<String>,
}

/// The image that a manifest describes, checked for one platform, with warnings; or everything that is wrong with it.
pub fn read(
    source: &Source,
    inputs: &Inputs,
    platform: &Platform,
) -> Result<(Image, Diagnostics), Diagnostics> {
    let (manifest, mut found) = manifest::decode(source);
    let Some(manifest) = manifest else { return Err(found) };
    let damaged = found.has_errors();
    match check(&manifest, inputs, platform) {
        Ok((image, warnings)) => {
            found.extend(warnings);
            found.result(image)
        }
        Err(more) => {
            // What could not be read counts as left out, and errors about that would only mislead: they have no place.
            found.extend(
                more.into_iter().filter(|error| !damaged || error.span.is_some_and(|span| !span.is_empty())),
            );
            Err(found)
        }
    }
}

/// The checked image for one platform, with warnings; or everything that is wrong with the manifest.
pub fn check(
    manifest: &Manifest,
    inputs: &Inputs,
    platform: &Platform,
) -> Result<(Image, Diagnostics), Diagnostics> {
    let mut checker = Checker { found: Diagnostics::new(), args: Arguments::new() };
    checker.arguments(manifest, inputs, platform);
    checker.undeclared_arguments(manifest, inputs);
    checker.platforms(&manifest.platforms, platform);
    let image = checker.image(manifest, inputs);
    match image {
        Some(image) => checker.found.result(image),
        None => Err(checker.found),
    }
}

/// The prefix of labels and annotations that only the frontend sets.
pub const RESERVED_PREFIX: &str = "io.cofferdam.";
/// The code of the error that tells of a build argument that must be given.
pub const MISSING_ARGUMENT: &str = "missing-argument";

impl Checker {
    fn image(&mut self, manifest: &Manifest, inputs: &Inputs) -> Option<Image> {
        let source = self.source(&manifest.source);
        let language = self.language(manifest);
        let (fetch, build) = (self.fetch(&manifest.fetch), self.build(&manifest.build));
        let runtime = self.runtime(&manifest.runtime, inputs);
        let tests = self.tests(manifest);
        let exceptions = manifest.exceptions.iter().filter_map(|entry| self.exception(entry)).collect();
        let name = self.optional(manifest.name.as_ref()).unwrap_or_else(|| defaults::NAME.to_owned());
        Some(Image {
            name,
            source: source?,
            language: language?,
            fetch,
            build,
            runtime: runtime?,
            tests,
            exceptions,
        })
    }

    fn arguments(&mut self, manifest: &Manifest, inputs: &Inputs, platform: &Platform) {
        for (name, default) in &manifest.args {
            let given = inputs.args.get(&name.value).cloned();
            let value = given.or_else(|| default.0.as_ref().map(|text| text.value.clone()));
            if value.is_none() {
                let message = format!("the build argument `{}` is not given", name.value);
                let error =
                    Diagnostic::error(MISSING_ARGUMENT, message).at(name.span).why("it has no default");
                self.report(error.help(format!("build with `--build-arg {}=…`", name.value)));
            }
            self.args.insert(name.value.clone(), value);
        }
        let target = [
            ("TARGETOS", platform.os()),
            ("TARGETARCH", platform.architecture()),
            ("TARGETVARIANT", platform.variant()),
        ];
        for (name, value) in target {
            self.args.insert(name.to_owned(), Some(value.to_owned()));
        }
    }

    /// Warns of build arguments that the manifest does not declare and nothing else reads.
    fn undeclared_arguments(&mut self, manifest: &Manifest, inputs: &Inputs) {
        const KNOWN: [&str; 3] = ["BUILDKIT_", "COFFERDAM_", "SOURCE_DATE_EPOCH"];
        let proxy = |name: &str| name.to_ascii_lowercase().ends_with("_proxy");
        for name in inputs.args.keys().filter(|name| manifest.args.get(name).is_none()) {
            if proxy(name) || KNOWN.iter().any(|prefix| name.starts_with(prefix)) {
                continue;
            }
            let message =
                format!("the build argument `{name}` is given, but the manifest does not declare it");
            let warning = Diagnostic::warning(rule::UNDECLARED_ARG.name, message);
            self.report(warning.help(format!("declare it with `args: {{{name}: null}}`, or leave it out")));
        }
    }

    fn platforms(&mut self, allowed: &[Text], target: &Platform) {
        let mut parsed = Vec::new();
        for text in allowed {
            match Platform::parse(&text.value) {
                Ok(platform) => parsed.push(platform),
                Err(error) => self.report(Diagnostic::error("platform", error.to_string()).at(text.span)),
            }
        }
        if let (Some(first), false) = (allowed.first(), parsed.is_empty() || parsed.contains(target)) {
            let last = allowed.last().unwrap_or(first);
            let message = format!("the image is not meant for {target}");
            let error = Diagnostic::error("platform", message).at(first.span.to(last.span));
            self.report(error.help("build for one of these platforms, or add it to the list"));
        }
    }

    fn source(&mut self, source: &manifest::SourceDirectory) -> Option<SourceTree> {
        let path = match &source.path {
            Some(text) => self.context_path(text)?,
            None => Spanned::new(ContextPath::root(), Span::default()),
        };
        Some(SourceTree { path, exclude: self.patterns(&source.exclude) })
    }

    /// The one language that the manifest names, by word or by block; none is detected.
    fn language(&mut self, manifest: &Manifest) -> Option<Spanned<LanguageChoice>> {
        let mut named = manifest.languages.given();
        named.extend(manifest.language);
        if named.iter().any(|one| one.value == manifest::Language::Site) {
            // A site may be built by Node: both together are one language.
            named.retain(|one| one.value != manifest::Language::Node);
        }
        let Some(first) = named.first().copied() else {
            let start = manifest.span.start as usize;
            return Some(Spanned::new(LanguageChoice::Detected, Span::new(start, start)));
        };
        if let Some(other) = named.iter().find(|other| other.value != first.value) {
            let error = Diagnostic::error("two-languages", "the manifest names two languages").at(other.span);
            self.report(error.help("keep one of them; an application that needs both is two images"));
            return None;
        }
        let language = options::language(self, manifest, first)?;
        Some(Spanned::new(
            LanguageChoice::Named(language),
            manifest.language.map_or(first.span, |word| word.span),
        ))
    }

    fn exception(&mut self, entry: &manifest::Exception) -> Option<Exception> {
        let path = entry.path.as_ref().and_then(|path| self.literal_path(path)).map(|path| path.value);
        let name = &entry.rule.value;
        let refusal = match rule::find(name) {
            Some(rule) if rule.proof == rule::Proof::Lint && path.is_some() => {
                Some(Diagnostic::error("exception", format!("`{name}` is about no path: leave `path` out")))
            }
            Some(rule) if rule.exception == rule::Exception::WithReason => None,
            Some(_) => Some(Diagnostic::error("exception", format!("there is no exception to `{name}`"))),
            None => {
                let error = Diagnostic::error("exception", format!("there is no rule `{name}`"));
                let near = did_you_mean(name, rule::all().iter().map(|rule| rule.name));
                Some(match near {
                    Some(near) => error.help(format!("did you mean `{near}`?")),
                    None => error,
                })
            }
        };
        if let Some(error) = refusal {
            self.report(error.at(entry.rule.span));
            return None;
        }
        let span = entry.rule.span.to(entry.reason.span);
        Some(Exception { rule: entry.rule.clone(), reason: entry.reason.value.clone(), path, span })
    }
}
