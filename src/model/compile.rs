//! The two compartments that do not ship, checked: fetch and build.

use super::checker::Checker;
use super::{Build, Command, Fetch, Secret, SecretKind};
use crate::diagnostic::Diagnostic;
use crate::manifest::field::Keys;
use crate::manifest::{self, KnownSecret, Text};
use crate::text::Spanned;

impl Checker {
    pub(super) fn fetch(&mut self, fetch: &manifest::Fetch) -> Fetch {
        let secrets = fetch.secrets.iter().filter_map(|secret| self.secret(secret)).collect();
        Fetch { env: self.pairs(&fetch.env), secrets, ssh: fetch.ssh.clone() }
    }

    fn secret(&mut self, secret: &manifest::Secret) -> Option<Secret> {
        match secret {
            manifest::Secret::Known(word) => {
                let (id, kind) = match word.value {
                    KnownSecret::Netrc => ("netrc", SecretKind::Netrc),
                    KnownSecret::CargoCredentials => ("cargo-credentials", SecretKind::CargoCredentials),
                    KnownSecret::Npmrc => ("npmrc", SecretKind::Npmrc),
                    KnownSecret::MavenSettings => ("maven-settings", SecretKind::MavenSettings),
                    KnownSecret::PipConf => ("pip-conf", SecretKind::PipConf),
                    KnownSecret::KnownHosts => ("known-hosts", SecretKind::KnownHosts),
                    KnownSecret::CaCertificates => ("ca-certificates", SecretKind::CaCertificates),
                };
                Some(Secret { id: Spanned::new(id.to_owned(), word.span), kind, required: true })
            }
            manifest::Secret::Custom(custom) => {
                let required = custom.required.is_none_or(|required| required.value);
                let kind = match (&custom.target, &custom.env) {
                    (Some(target), None) => SecretKind::File(self.literal_path(target)?.value),
                    (None, Some(name)) => {
                        let checked = Keys::Variable.check(&name.value).map_err(ToOwned::to_owned);
                        self.located(checked, "secret", name.span)?;
                        SecretKind::Env(name.value.clone())
                    }
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

    pub(super) fn build(&mut self, build: &manifest::Build) -> Build {
        let base = build.base.as_ref().and_then(|text| {
            let value = self.text(text)?;
            self.reference(&value, text.span)
        });
        let packages = build.packages.iter().filter_map(|package| self.package(package)).collect();
        let artifacts = build.artifacts.iter();
        let artifacts = artifacts
            .filter_map(|file| self.file(&file.from, &file.to, file.mode.map(|mode| u32::from(mode.value.0))))
            .collect();
        let run = build.run.iter().filter_map(|command| self.command(command)).collect();
        Build { base, packages, env: self.pairs(&build.env), run, artifacts }
    }

    pub(super) fn command(&mut self, command: &manifest::Command) -> Option<Spanned<Command>> {
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
}
