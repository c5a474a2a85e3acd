//! The compartment that ships, checked.

use super::checker::Checker;
use super::{BaseChoice, RESERVED_PREFIX, Runtime, defaults};
use crate::contract::User;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::manifest::{self, Map, Text};
use crate::name::{ImagePath, Reference};
use crate::text::{Span, Spanned};

impl Checker {
    pub(super) fn runtime(&mut self, runtime: &manifest::Runtime) -> Option<Runtime> {
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
        let stop_signal = self.optional(runtime.stop_signal.as_ref());
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
            writable: runtime.writable.iter().filter_map(|text| self.image_path(text)).collect(),
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

    /// What `runtime.base` means: a word, or an image reference that has a `/`.
    fn base(&mut self, text: Option<&Text>) -> Option<Spanned<BaseChoice>> {
        let Some(text) = text else { return Some(Spanned::new(BaseChoice::ByLanguage, Span::default())) };
        let value = self.text(text)?;
        let choice = match value.as_str() {
            "scratch" => Ok(BaseChoice::Scratch),
            "distroless" => Ok(BaseChoice::Distroless),
            named if named.contains('/') => Reference::parse(named)
                .map(BaseChoice::Image)
                .map_err(|error| Diagnostic::error("reference", error.to_string())),
            other => Err(bare_base(other)),
        };
        match choice {
            Ok(choice) => Some(Spanned::new(choice, text.span)),
            Err(error) => {
                self.report(error.at(text.span));
                None
            }
        }
    }

    fn user(&mut self, user: &manifest::User) -> Option<User> {
        let uid = user.uid.map_or(User::NONROOT.uid, |uid| uid.value);
        let gid = user.gid.map_or(uid, |gid| gid.value);
        if uid == 0 {
            let span = user.uid.map_or(Span::default(), |uid| uid.span);
            let error = Diagnostic::error("image-root-user", "the image would run as root")
                .at(span)
                .why("user 0 inside a container is user 0 for everything that the container can reach")
                .help("leave `user` out for 65532, or name another number");
            self.report(error);
            return None;
        }
        Some(User { uid, gid })
    }

    /// The name goes into a line of `/etc/passwd`, whose fields are split by colons.
    fn user_name(&mut self, name: String, written: Option<&Text>) -> String {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
        let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        if !(starts_well && name.chars().all(allowed) && name.len() <= 32) {
            let span = written.map_or(Span::default(), |text| text.span);
            let error = Diagnostic::error("user-name", format!("`{name}` is not a user's name"));
            self.report(
                error.at(span).help("use lower-case letters, digits, `_`, `-` and `.`, up to 32 characters"),
            );
        }
        name
    }

    fn labels(&mut self, labels: &Map<Text>) -> Vec<(String, String)> {
        for (key, _) in labels.into_iter().filter(|(key, _)| key.value.starts_with(RESERVED_PREFIX)) {
            let message = format!("`{}` is set by the build alone", key.value);
            self.report(Diagnostic::error("reserved-label", message).at(key.span));
        }
        self.pairs(labels)
    }
}

/// Why a base without a `/` is refused.
fn bare_base(word: &str) -> Diagnostic {
    let planned = ["debian", "wolfi", "alpine", "ubi-minimal"];
    if planned.contains(&word.split(':').next().unwrap_or_default()) {
        return Diagnostic::error("base", format!("this version cannot compose a base from {word}'s packages"))
            .help("use `scratch`, `distroless`, or an image reference such as `docker.io/library/debian:trixie-slim`");
    }
    let error = Diagnostic::error("base", format!("`{word}` is not a base"))
        .why("a base is `scratch`, `distroless`, or an image reference, which has a `/`");
    match did_you_mean(word, ["scratch", "distroless"]) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!("write `docker.io/library/{word}` if you mean the image of that name")),
    }
}
