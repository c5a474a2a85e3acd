//! From the manifest as written to the checked image: defaults, build arguments, and every semantic error at once.

use std::collections::BTreeMap;

use super::defaults;
use super::{
    Build, Command, Exception, Fetch, File, Image, Language, Runtime, Secret, SecretKind, SourceTree, options,
};
use crate::diagnostic::{Diagnostic, Diagnostics, did_you_mean};
use crate::manifest::{self, KnownSecret, Manifest, Map, Text, interpolate};
use crate::name::{ContextPath, ImagePath, Platform, Reference};
use crate::rule;
use crate::text::{Source, Span, Spanned};

/// What a build brings besides the manifest.
#[derive(Debug, Clone, Default)]
pub struct Inputs {
    /// The build arguments that were given.
    pub args: BTreeMap<String, String>,
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
    let mut checker = Checker { found: Diagnostics::new(), args: BTreeMap::new() };
    checker.arguments(manifest, inputs, platform);
    checker.undeclared_arguments(manifest, inputs);
    checker.platforms(&manifest.platforms, platform);
    let image = checker.image(manifest);
    match image {
        Some(image) => checker.found.result(image),
        None => Err(checker.found),
    }
}

/// Collects errors while it fills in defaults.
pub(super) struct Checker {
    found: Diagnostics,
    args: BTreeMap<String, String>,
}

/// The prefix of labels and annotations that only the frontend sets.
pub const RESERVED_PREFIX: &str = "io.cofferdam.";

impl Checker {
    fn image(&mut self, manifest: &Manifest) -> Option<Image> {
        let source = self.source(&manifest.source);
        let language = self.language(manifest);
        let (fetch, build) = (self.fetch(&manifest.fetch), self.build(&manifest.build));
        let runtime = self.runtime(&manifest.runtime);
        let exceptions = manifest.exceptions.iter().filter_map(|entry| self.exception(entry)).collect();
        let name = self.optional(manifest.name.as_ref()).unwrap_or_else(|| defaults::NAME.to_owned());
        Some(Image {
            name,
            source: source?,
            language: language?,
            fetch,
            build,
            runtime: runtime?,
            exceptions,
        })
    }

    /// Notes an error.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// A text with its build arguments filled in.
    pub(super) fn text(&mut self, text: &Text) -> Option<String> {
        let names: Vec<&str> = self.args.keys().map(String::as_str).collect();
        match interpolate(text, &names, |name| self.args.get(name).cloned()) {
            Ok(value) => Some(value),
            Err(error) => {
                self.found.push(error);
                None
            }
        }
    }

    /// The texts of a list.
    pub(super) fn texts(&mut self, texts: &[Text]) -> Vec<String> {
        texts.iter().filter_map(|text| self.text(text)).collect()
    }

    /// A text that may be left out.
    pub(super) fn optional(&mut self, text: Option<&Text>) -> Option<String> {
        text.and_then(|text| self.text(text))
    }

    /// A path in the context.
    pub(super) fn context_path(&mut self, text: &Text) -> Option<Spanned<ContextPath>> {
        let value = self.text(text)?;
        let path = ContextPath::parse(&value).map_err(|error| error.to_string());
        self.located(path, "path", text.span)
    }

    /// A path in the image.
    pub(super) fn image_path(&mut self, text: &Text) -> Option<Spanned<ImagePath>> {
        let value = self.text(text)?;
        self.literal_path(&Spanned::new(value, text.span))
    }

    /// A path in the image in which build arguments mean nothing.
    fn literal_path(&mut self, text: &Text) -> Option<Spanned<ImagePath>> {
        let path = ImagePath::parse(&text.value).map_err(|error| error.to_string());
        self.located(path, "path", text.span)
    }

    fn located<T>(&mut self, value: Result<T, String>, code: &'static str, span: Span) -> Option<Spanned<T>> {
        match value {
            Ok(value) => Some(Spanned::new(value, span)),
            Err(message) => {
                self.report(Diagnostic::error(code, message).at(span));
                None
            }
        }
    }

    fn arguments(&mut self, manifest: &Manifest, inputs: &Inputs, platform: &Platform) {
        for (name, default) in &manifest.args {
            let given = inputs.args.get(&name.value).cloned();
            match given.or_else(|| default.0.as_ref().map(|text| text.value.clone())) {
                Some(value) => drop(self.args.insert(name.value.clone(), value)),
                None => self.report(
                    Diagnostic::error(
                        "missing-argument",
                        format!("the build argument `{}` is not given", name.value),
                    )
                    .at(name.span)
                    .why("it has no default")
                    .help(format!("build with `--build-arg {}=…`", name.value)),
                ),
            }
        }
        let target = [
            ("TARGETOS", platform.os()),
            ("TARGETARCH", platform.architecture()),
            ("TARGETVARIANT", platform.variant()),
        ];
        for (name, value) in target {
            self.args.insert(name.to_owned(), value.to_owned());
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

    /// The one language that the manifest names, by word or by block.
    fn language(&mut self, manifest: &Manifest) -> Option<Spanned<Language>> {
        let mut named = manifest.languages.given();
        named.extend(manifest.language);
        let Some(first) = named.first().copied() else {
            let error =
                Diagnostic::error("no-language", "the manifest does not name the application's language")
                    .at(Span::default())
                    .help("write `language: go`, `language: rust`, or a `binary:` block");
            self.report(error);
            return None;
        };
        if let Some(other) = named.iter().find(|other| other.value != first.value) {
            let error = Diagnostic::error("two-languages", "the manifest names two languages").at(other.span);
            self.report(error.help("keep one of them; an application that needs both is two images"));
            return None;
        }
        let language = options::language(self, &manifest.languages, first)?;
        Some(Spanned::new(language, manifest.language.map_or(first.span, |word| word.span)))
    }

    fn fetch(&mut self, fetch: &manifest::Fetch) -> Fetch {
        let secrets = fetch.secrets.iter().filter_map(|secret| self.secret(secret)).collect();
        Fetch { env: self.pairs(&fetch.env), secrets, ssh: fetch.ssh.clone() }
    }

    fn secret(&mut self, secret: &manifest::Secret) -> Option<Secret> {
        match secret {
            manifest::Secret::Known(word) => {
                let (id, kind) = match word.value {
                    KnownSecret::Netrc => ("netrc", SecretKind::Netrc),
                    KnownSecret::CargoCredentials => ("cargo-credentials", SecretKind::CargoCredentials),
                    KnownSecret::CaCertificates => ("ca-certificates", SecretKind::CaCertificates),
                };
                Some(Secret { id: Spanned::new(id.to_owned(), word.span), kind, required: true })
            }
            manifest::Secret::Custom(custom) => {
                let required = custom.required.is_none_or(|required| required.value);
                let kind = match (&custom.target, &custom.env) {
                    (Some(target), None) => SecretKind::File(self.literal_path(target)?.value),
                    (None, Some(name)) => SecretKind::Env(name.value.clone()),
                    (None, None) => {
                        let path = format!("/run/secrets/{}", custom.id.value);
                        SecretKind::File(self.literal_path(&Spanned::new(path, custom.id.span))?.value)
                    }
                    (Some(_), Some(env)) => {
                        let error = Diagnostic::error("secret", "a secret is a file or a variable, not both");
                        self.report(error.at(env.span).help("write two entries if both are needed"));
                        return None;
                    }
                };
                Some(Secret { id: custom.id.clone(), kind, required })
            }
        }
    }

    fn build(&mut self, build: &manifest::Build) -> Build {
        let base = build.base.as_ref().and_then(|text| {
            let value = self.text(text)?;
            self.located(Reference::parse(&value).map_err(|error| error.to_string()), "reference", text.span)
        });
        let packages = build.packages.iter().filter_map(|package| self.package(package)).collect();
        let artifacts = build.artifacts.iter();
        let artifacts = artifacts
            .filter_map(|file| self.file(&file.from, &file.to, file.mode.map(|mode| u32::from(mode.value.0))))
            .collect();
        let run = build.run.iter().filter_map(|command| self.command(command)).collect();
        Build { base, packages, env: self.pairs(&build.env), run, artifacts }
    }

    fn command(&mut self, command: &manifest::Command) -> Option<Spanned<Command>> {
        let value = match command {
            manifest::Command::Shell(line) => Command::Shell(self.text(line)?),
            manifest::Command::Words(words) => Command::Program(self.texts(words)),
        };
        Some(Spanned::new(value, command.span()))
    }

    /// A Debian package name, possibly with a version or an architecture ("Debian Policy", 5.6.1).
    fn package(&mut self, text: &Text) -> Option<Spanned<String>> {
        let name = self.text(text)?;
        let allowed = |b: u8| b.is_ascii_alphanumeric() || b"+-.:~=".contains(&b);
        if name.bytes().all(allowed)
            && name.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        {
            return Some(Spanned::new(name, text.span));
        }
        self.report(
            Diagnostic::error("package", format!("`{name}` is not the name of a Debian package"))
                .at(text.span),
        );
        None
    }

    fn file(&mut self, from: &Text, to: &Text, mode: Option<u32>) -> Option<File> {
        let (from, to) = (self.context_path(from), self.image_path(to));
        Some(File { from: from?, to: to?.value, mode })
    }

    fn runtime(&mut self, runtime: &manifest::Runtime) -> Option<Runtime> {
        let base = self.base(runtime.base.as_ref());
        let user = self.user(&runtime.user);
        let workdir = match &runtime.workdir {
            Some(text) => self.image_path(text).map(|path| path.value),
            None => ImagePath::parse(defaults::WORKDIR).ok(),
        };
        let files = runtime.files.iter();
        let files = files
            .filter_map(|file| {
                let mode = file.mode.map_or(defaults::FILE_MODE, |mode| u32::from(mode.value.0));
                self.file(&file.from, &file.to, Some(mode))
            })
            .collect();
        let entrypoint = self.entrypoint(&runtime.entrypoint);
        let name =
            self.optional(runtime.user.name.as_ref()).unwrap_or_else(|| defaults::USER_NAME.to_owned());
        let stop_signal = self.stop_signal(runtime.stop_signal.as_ref());
        Some(Runtime {
            ca_certificates: runtime
                .ca_certificates
                .iter()
                .filter_map(|text| self.context_path(text))
                .collect(),
            tzdata: runtime.tzdata.is_some_and(|wanted| wanted.value),
            files,
            user_name: self.user_name(name.clone(), runtime.user.name.as_ref()),
            env: self.pairs(&runtime.env),
            entrypoint,
            cmd: self.texts(&runtime.cmd),
            ports: runtime.ports.iter().map(|port| port.value.get()).collect(),
            writable: self.writable(&runtime.writable),
            stop_signal: stop_signal.unwrap_or_else(|| defaults::STOP_SIGNAL.to_owned()),
            labels: self.labels(&runtime.labels),
            annotations: self.labels(&runtime.annotations),
            base: base?,
            user: user?,
            workdir: workdir?,
        })
    }

    fn entrypoint(&mut self, words: &[Text]) -> Option<Spanned<Vec<String>>> {
        let span = words.iter().map(|word| word.span).reduce(Span::to)?;
        Some(Spanned::new(self.texts(words), span))
    }

    /// Patterns of files, which the daemon must be able to read.
    fn patterns(&mut self, texts: &[Text]) -> Vec<String> {
        let mut patterns = Vec::new();
        for text in texts {
            let Some(pattern) = self.text(text) else { continue };
            if !is_pattern(&pattern) {
                let message = format!("`{pattern}` is not a pattern of file names");
                let error = Diagnostic::error("pattern", message).at(text.span);
                self.report(error.why("its `[` has no `]`, or nothing follows its `\\`"));
            }
            patterns.push(pattern);
        }
        patterns
    }

    fn labels(&mut self, labels: &Map<Text>) -> Vec<(String, String)> {
        for (key, _) in labels.into_iter().filter(|(key, _)| key.value.starts_with(RESERVED_PREFIX)) {
            let message = format!("`{}` is set by the build alone", key.value);
            self.report(Diagnostic::error("reserved-label", message).at(key.span));
        }
        self.pairs(labels)
    }

    fn pairs(&mut self, map: &Map<Text>) -> Vec<(String, String)> {
        map.into_iter().filter_map(|(key, value)| Some((key.value.clone(), self.text(value)?))).collect()
    }

    fn exception(&mut self, entry: &manifest::Exception) -> Option<Exception> {
        let path = entry.path.as_ref().and_then(|path| self.literal_path(path)).map(|path| path.value);
        let name = &entry.rule.value;
        let refusal = match rule::find(name) {
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

/// Whether a text is a pattern of file names (Go `path/filepath`, "Match").
fn is_pattern(text: &str) -> bool {
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let whole = match c {
            '\\' => rest.next().is_some(),
            '[' => rest.next().is_some_and(|first| first != ']') && rest.any(|c| c == ']'),
            _ => true,
        };
        if !whole {
            return false;
        }
    }
    true
}
