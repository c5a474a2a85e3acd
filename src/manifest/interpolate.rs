//! Build arguments in the manifest's texts: `${NAME}`.

use std::collections::BTreeMap;

use super::value::Text;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::text::Span;

/// The build arguments by name; without a value where one is declared and not given.
pub type Arguments = BTreeMap<String, Option<String>>;

/// A text with every `${NAME}` replaced by that argument, and every `$$` by `$`; any other `$` stays.
///
/// The error points at the place in the text where that can be told: in texts without escapes on one line. There is none
/// for an argument that is not given: that is an error where it is declared.
pub fn interpolate(text: &Text, arguments: &Arguments) -> Result<String, Option<Diagnostic>> {
    let mut result = String::with_capacity(text.value.len());
    let mut rest = text.value.as_str();
    while let Some(index) = rest.find('$') {
        let (before, dollar) = rest.split_at(index);
        let offset = text.value.len() - dollar.len();
        result.push_str(before);
        if let Some(after) = dollar.strip_prefix("$$") {
            result.push('$');
            rest = after;
        } else if let Some(after) = dollar.strip_prefix("${") {
            let Some((name, after)) = after.split_once('}') else {
                return Err(Some(unclosed().at(place(text, offset, dollar.len()))));
            };
            match arguments.get(name) {
                Some(Some(value)) => result.push_str(value),
                Some(None) => return Err(None),
                None => return Err(Some(unknown(name, arguments).at(place(text, offset, name.len() + 3)))),
            }
            rest = after;
        } else {
            result.push('$');
            rest = &dollar[1..];
        }
    }
    result.push_str(rest);
    Ok(result)
}

/// The place of some bytes of a text's value, or of the whole text where its value was written otherwise.
fn place(text: &Text, offset: usize, length: usize) -> Span {
    let (start, end) = (text.span.start as usize, text.span.end as usize);
    let quote = match (end - start).checked_sub(text.value.len()) {
        Some(0) => 0,
        Some(2) => 1,
        _ => return text.span,
    };
    let start = start + quote + offset;
    Span::new(start, start + length)
}

fn unclosed() -> Diagnostic {
    Diagnostic::error("interpolation", "`${` has no closing `}`")
        .help("write `${NAME}` for a build argument, or `$${` for the characters themselves")
}

fn unknown(name: &str, arguments: &Arguments) -> Diagnostic {
    let shown = super::decode::shown(name);
    let found = Diagnostic::error("unknown-argument", format!("there is no build argument `{shown}`"));
    let word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if name.is_empty() || !name.bytes().all(word) {
        return found
            .why("between `${` and `}` stands the name of a build argument, nothing else")
            .help("a default is declared with the argument: `args: {NAME: default}`");
    }
    match did_you_mean(name, arguments.keys().map(String::as_str)) {
        Some(near) => found.help(format!("did you mean `{near}`?")),
        None => found
            .why("only arguments that `args` declares, and the target platform's, can be used")
            .help(format!("declare it with `args: {{{shown}: default}}`, or write `$${{{shown}}}` to keep the characters")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Text {
        Text::new(value.to_owned(), Span::new(10, 10 + value.len()))
    }

    fn try_it(value: &str) -> Result<String, Option<Diagnostic>> {
        let arguments = [("VERSION", Some("1.2")), ("OPEN", None)];
        let arguments = arguments.map(|(name, value)| (name.to_owned(), value.map(str::to_owned)));
        interpolate(&text(value), &arguments.into())
    }

    fn error(value: &str) -> Diagnostic {
        try_it(value).unwrap_err().unwrap()
    }

    #[test]
    fn names_are_replaced_and_other_dollars_stay() {
        for (written, meant) in [
            ("v${VERSION}-${VERSION}", "v1.2-1.2"),
            ("$$", "$"),
            ("$${VERSION}", "${VERSION}"),
            ("$HOME $", "$HOME $"),
            ("", ""),
        ] {
            assert_eq!(try_it(written).as_deref(), Ok(meant));
        }
    }

    #[test]
    fn an_error_points_at_the_name() {
        let near = error("a${VERSON}b");
        assert_eq!(near.span, Some(Span::new(11, 20)));
        assert_eq!(near.help.as_deref(), Some("did you mean `VERSION`?"));
        assert_eq!(error("ab${").span, Some(Span::new(12, 14)));
        assert!(error("${}").why.is_some());
        assert!(error("${VERSION:-1}").help.is_some());
    }

    #[test]
    fn an_argument_that_is_not_given_is_told_once_and_not_here() {
        assert_eq!(try_it("${VERSION}-${OPEN}"), Err(None));
    }

    #[test]
    fn where_the_text_was_written_otherwise_the_whole_of_it_is_named() {
        let folded = Text::new("${X}".to_owned(), Span::new(0, 40));
        let error = interpolate(&folded, &Arguments::new()).unwrap_err().unwrap();
        assert_eq!(error.span, Some(Span::new(0, 40)));
    }
}
