//! What people read of a text that is made for a terminal: without what colours it or moves about in it.

/// A text without escape sequences (ECMA-48, 5.3 to 5.6) and without characters that do the same by themselves.
pub(super) fn shown(text: &str) -> String {
    let mut pieces = text.split('\u{1b}');
    let first = pieces.next().unwrap_or_default();
    let kept = std::iter::once(first).chain(pieces.map(after_sequence)).flat_map(str::chars);
    kept.filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// What follows a sequence, which began before this text. One that is not as it should be ends where that shows.
fn after_sequence(text: &str) -> &str {
    match text.strip_prefix('[') {
        Some(control) => without(control, |c| matches!(c, ' '..='?'), |c| matches!(c, '@'..='~')),
        None => match text.strip_prefix(']') {
            // Such as a window's title or the address of a link: up to a bell, else up to the next sequence, which ends it.
            Some(command) => without(command, |c| !c.is_control(), |c| c == '\u{7}'),
            None => without(text, |c| matches!(c, ' '..='/'), |c| matches!(c, '0'..='~')),
        },
    }
}

/// A text without its first characters that `parts` accepts and the one after them, if `last` accepts it.
fn without(text: &str, parts: fn(char) -> bool, last: fn(char) -> bool) -> &str {
    let rest = text.trim_start_matches(parts);
    rest.strip_prefix(last).unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sequences_are_left_out_and_everything_else_stays() {
        for (text, plain) in [
            ("plain é\n", "plain é\n"),
            ("\u{1b}[31;1merror\u{1b}[0m: no", "error: no"),
            ("\u{1b}(B\u{1b}[mdone\u{1b}[?25h", "done"),
            ("\u{1b}]0;title\u{7}a \u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "a link"),
            ("\u{1b}[31\nnext \u{1b}", "\nnext "),
            ("\u{1b}cé", "é"),
            ("a\r\tb\u{8}\u{7}\u{9b}31mc", "a\tb31mc"),
        ] {
            assert_eq!(shown(text), plain, "{text:?}");
        }
    }
}
