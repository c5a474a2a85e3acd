//! What every check uses: texts with their build arguments filled in, paths, and the errors that were found.

use super::File;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::manifest::{Arguments, Map, Text, interpolate};
use crate::name::{ContextPath, ImagePath, PathError, Reference};
use crate::rule;
use crate::text::{Span, Spanned};

/// Collects errors while it fills in defaults.
pub(super) struct Checker {
    pub(super) found: Diagnostics,
    pub(super) args: Arguments,
}

impl Checker {
    /// Notes an error.
    pub(super) fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// A text with its build arguments filled in.
    pub(super) fn text(&mut self, text: &Text) -> Option<String> {
        match interpolate(text, &self.args) {
            Ok(value) => Some(value),
            Err(error) => {
                self.found.extend(error);
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
        match ContextPath::parse(&value) {
            Ok(path) => Some(Spanned::new(path, text.span)),
            Err(error) => {
                self.report(outside(error).at(text.span));
                None
            }
        }
    }

    /// A path in the image.
    pub(super) fn image_path(&mut self, text: &Text) -> Option<Spanned<ImagePath>> {
        let value = self.text(text)?;
        self.literal_path(&Spanned::new(value, text.span))
    }

    /// A path in the image in which build arguments mean nothing.
    pub(super) fn literal_path(&mut self, text: &Text) -> Option<Spanned<ImagePath>> {
        let path = ImagePath::parse(&text.value).map_err(|error| error.to_string());
        self.located(path, "path", text.span)
    }

    /// An image; a warning where its name means something else after every release.
    pub(super) fn reference(&mut self, text: &str, span: Span) -> Option<Spanned<Reference>> {
        let reference = self.located(Reference::parse(text).map_err(|e| e.to_string()), "reference", span)?;
        if reference.value.digest().is_none() && reference.value.tag() == Some("latest") {
            let message = format!("`{text}` is whatever was released last");
            let warning = Diagnostic::warning(rule::LATEST_TAG.name, message).at(span);
            self.report(warning.why(rule::LATEST_TAG.why).help(rule::LATEST_TAG.mend));
        }
        Some(reference)
    }

    pub(super) fn located<T>(
        &mut self,
        value: Result<T, String>,
        code: &'static str,
        span: Span,
    ) -> Option<Spanned<T>> {
        match value {
            Ok(value) => Some(Spanned::new(value, span)),
            Err(message) => {
                self.report(Diagnostic::error(code, message).at(span));
                None
            }
        }
    }

    pub(super) fn pairs(&mut self, map: &Map<Text>) -> Vec<(String, String)> {
        map.into_iter().filter_map(|(key, value)| Some((key.value.clone(), self.text(value)?))).collect()
    }

    pub(super) fn file(&mut self, from: &Text, to: &Text, mode: Option<u32>) -> Option<File> {
        let from = self.context_path(from);
        let to = Spanned::new(self.text(to)?, to.span);
        let into = to.value.ends_with('/');
        let to = self.literal_path(&to);
        Some(File { from: from?, to: to?.value, into, mode })
    }

    /// Patterns of files, which the daemon must be able to read.
    pub(super) fn patterns(&mut self, texts: &[Text]) -> Vec<String> {
        let mut patterns = Vec::new();
        for text in texts {
            let Some(pattern) = self.text(text) else { continue };
            if pattern.trim_start_matches('!').split('/').any(|part| part == "..") {
                self.report(outside(PathError::Parent).at(text.span));
            } else if !is_pattern(&pattern) {
                let message = format!("`{pattern}` is not a pattern of file names");
                let error = Diagnostic::error("pattern", message).at(text.span);
                self.report(error.why("its `[` has no `]`, or nothing follows its `\\`"));
            }
            patterns.push(pattern);
        }
        patterns
    }
}

/// What is wrong with a path that is no path in the context.
fn outside(error: PathError) -> Diagnostic {
    let found = Diagnostic::error("path", error.to_string());
    match error {
        PathError::Parent => found.help(
            "write it without `..`; what lies beside the build context is reached from a context further above",
        ),
        _ => found,
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
