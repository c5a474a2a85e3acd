//! What a process wrote, against what a test expects of it.

use crate::step::Output;

/// How much of a text a message shows.
const SHOWN: usize = 300;

/// An error unless a text is like this; `name` is what it is called.
pub(super) fn check(name: &str, text: &str, like: &Output) -> Result<(), String> {
    let whole = text.strip_suffix('\n').unwrap_or(text);
    let claims = [
        ("have", &like.contains, (|part, text| text.contains(part)) as fn(&str, &str) -> bool),
        ("equal", &like.equals, |whole, text| text == whole),
        ("match", &like.matches, matches),
    ];
    for (verb, expected, holds) in claims {
        let Some(expected) = expected.as_deref().filter(|expected| !holds(expected, whole)) else { continue };
        let shown: String = whole.chars().take(SHOWN).map(told).collect();
        return Err(format!("its {name} is `{shown}`, and should {verb} `{expected}`"));
    }
    Ok(())
}

/// A character as it is told: what a terminal would obey counts, so it is named.
fn told(character: char) -> String {
    match character {
        '\n' | '\t' => character.to_string(),
        _ if character.is_control() => format!("\\x{:02x}", u32::from(character)),
        _ => character.to_string(),
    }
}

/// Whether a text is like a pattern, in which each `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let (middle, end) = rest.rsplit_once('*').unwrap_or(("", rest));
    let between = text.strip_prefix(start).and_then(|text| text.strip_suffix(end));
    let found = between.and_then(|text| {
        middle.split('*').try_fold(text, |text, part| text.split_once(part).map(|(_, rest)| rest))
    });
    found.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("a", "a"),
            ("v*.*.0", "v1.22.0"),
            ("a*a", "aa"),
            ("*b*", "abc\nd"),
            ("a**c", "abc"),
            ("*ab*ab*", "xababx"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("", "a"), ("a", "ab"), ("a*a", "a"), ("v*.*.0", "v1.0"), ("*ab*ab*", "xabax"), ("a*", "ba")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn the_line_break_at_the_end_does_not_count() {
        let like = |text: &str| Output { equals: Some(text.to_owned()), ..Output::default() };
        assert_eq!(check("standard output", "1.2\n", &like("1.2")), Ok(()));
        assert_eq!(
            check("standard output", "1.2\n\n", &like("1.3")),
            Err("its standard output is `1.2\n`, and should equal `1.3`".to_owned())
        );
        assert_eq!(
            check("standard output", "\u{1b}[1m1.2\u{9b}m\t\r", &like("1.2")),
            Err("its standard output is `\\x1b[1m1.2\\x9bm\t\\x0d`, and should equal `1.2`".to_owned())
        );
        let all =
            Output { contains: Some("b".to_owned()), matches: Some("a*".to_owned()), ..Output::default() };
        assert_eq!(check("standard error", "ab", &all), Ok(()));
        assert!(check("standard error", "a", &all).is_err_and(|wrong| wrong.contains("should have `b`")));
    }
}
