//! Renders diagnostics for people: as plain text for a build's progress, and for the terminal.

use std::fmt::Write as _;

use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::text::{Position, Source};

/// How many diagnostics are shown; the rest is counted.
const SHOWN: usize = 50;
/// How many characters of a line are shown.
const WIDTH: usize = 100;

/// Plain text: for each diagnostic a line `file:line:column: error[code]: message`, the line of the source with
/// the place marked, the reason and the help; in the order of the source.
pub fn plain(found: &Diagnostics, source: &Source) -> String {
    let ordered = in_order(found);
    let mut text = String::new();
    for diagnostic in ordered.iter().take(SHOWN) {
        if !text.is_empty() {
            text.push('\n');
        }
        one(&mut text, diagnostic, source);
    }
    if ordered.len() > SHOWN {
        let _ = write!(text, "\nand {} more\n", ordered.len() - SHOWN);
    }
    text
}

/// One diagnostic on a single line, without the source: `file:line:column: error[code]: message`.
pub fn headline(diagnostic: &Diagnostic, source: &Source) -> String {
    let place = diagnostic.span.map(|span| source.position(span.start));
    let place = place.map_or(String::new(), |Position { line, column }| format!(":{line}:{column}"));
    let message = clean(&diagnostic.message);
    format!("{}{place}: {}[{}]: {message}", clean(source.name()), severity(diagnostic), diagnostic.code)
}

/// The reason and the help of a diagnostic, line by line.
pub fn details(diagnostic: &Diagnostic) -> Vec<String> {
    let mut lines = Vec::new();
    for (name, note) in [("why", &diagnostic.why), ("help", &diagnostic.help)] {
        let text = note.as_ref().map_or(String::new(), |note| format!("{name}: {note}"));
        lines.extend(text.lines().enumerate().map(|(index, line)| {
            let margin = if index == 0 { "" } else { "  " };
            format!("{margin}{}", clean(line))
        }));
    }
    lines
}

/// The form for terminals, with a wider snippet and, if asked, colours.
#[cfg(feature = "cli")]
pub fn terminal(found: &Diagnostics, source: &Source, colours: bool) -> String {
    use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    let (name, lines) = (clean(source.name()), source.text());
    let ordered = in_order(found);
    let mut texts = Vec::new();
    for diagnostic in ordered.iter().take(SHOWN) {
        let level = match diagnostic.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(clean(&diagnostic.message)).id(diagnostic.code);
        let mut group = Group::with_title(title);
        if let Some(span) = diagnostic.span {
            let end = lines.len();
            let range = span.range().start.min(end)..span.range().end.min(end);
            let snippet = Snippet::source(lines).path(name.as_str()).line_start(1);
            group = group.element(snippet.annotation(AnnotationKind::Primary.span(range)));
        }
        if let Some(why) = &diagnostic.why {
            group = group.element(Level::NOTE.message(clean(why)));
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(clean(help)));
        }
        texts.push(renderer.render(&[group]));
    }
    if ordered.len() > SHOWN {
        texts.push(format!("and {} more", ordered.len() - SHOWN));
    }
    let mut text = texts.join("\n\n");
    text.push('\n');
    text
}

/// The diagnostics in the order of the source, those without a place first.
fn in_order(found: &Diagnostics) -> Vec<&Diagnostic> {
    let mut ordered: Vec<&Diagnostic> = found.iter().collect();
    ordered.sort_by_key(|diagnostic| diagnostic.span.map(|span| span.start));
    ordered
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn one(text: &mut String, diagnostic: &Diagnostic, source: &Source) {
    let _ = writeln!(text, "{}", headline(diagnostic, source));
    if let Some(span) = diagnostic.span {
        let (first, last) = source.positions(span);
        let line = source.line(first.line);
        if !line.is_empty() {
            snippet(text, line, first, last);
        }
    }
    for detail in details(diagnostic) {
        let _ = writeln!(text, "  {detail}");
    }
}

/// The line with its number, and below it the marks; long lines are cut around the place.
fn snippet(text: &mut String, line: &str, first: Position, last: Position) {
    let column = first.column as usize - 1;
    let characters: Vec<char> = line.chars().collect();
    let end = if last.line > first.line { characters.len() } else { last.column as usize };
    let from = if characters.len() <= WIDTH { 0 } else { column.saturating_sub(WIDTH / 2) };
    let to = characters.len().min(from + WIDTH);
    let shown: String = characters[from.min(to)..to].iter().collect();
    let (before, after) = (if from > 0 { "…" } else { "" }, if to < characters.len() { "…" } else { "" });
    let number = first.line.to_string();
    let margin = " ".repeat(number.len());
    let indent = " ".repeat(column - from.min(column) + before.chars().count());
    let marks = "^".repeat(end.min(to).saturating_sub(column).max(1));
    let _ = writeln!(text, "  {number} | {before}{}{after}", clean(&shown));
    let _ = writeln!(text, "  {margin} | {indent}{marks}");
}

/// A text without characters that move a terminal's cursor or end a line, as others of our lines show it.
pub fn clean(text: &str) -> String {
    let visible = |c: char| match c {
        '\t' => ' ',
        // Marks that reorder the text around them could show another message than the one that is meant.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Span;

    fn source() -> Source {
        Source::new("cofferdam.yaml", "name: app\nruntme:\n  base: çà scratch\n")
    }

    #[test]
    fn places_are_marked_in_the_order_of_the_source() {
        let mut found = Diagnostics::new();
        found.push(Diagnostic::warning("later", "second").at(Span::new(26, 28)).help("mend"));
        found.push(Diagnostic::error("sooner", "first").at(Span::new(10, 16)).why("because"));
        insta::assert_snapshot!(plain(&found, &source()), @r"
        cofferdam.yaml:2:1: error[sooner]: first
          2 | runtme:
            | ^^^^^^
          why: because

        cofferdam.yaml:3:9: warning[later]: second
          3 |   base: çà scratch
            |         ^
          help: mend
        ");
    }

    #[test]
    fn what_lies_outside_is_shown_at_the_end() {
        let found = Diagnostics::from(Diagnostic::error("far", "far\u{1b}[2J").at(Span::new(900, 950)));
        insta::assert_snapshot!(plain(&found, &source()), @r"cofferdam.yaml:4:1: error[far]: far�[2J");
    }

    #[test]
    fn long_lines_are_cut_around_the_place() {
        let long = Source::new("a", format!("{}HERE{}", "x".repeat(500), "y".repeat(500)));
        let found = Diagnostics::from(Diagnostic::error("long", "long").at(Span::new(500, 504)));
        insta::assert_snapshot!(plain(&found, &long), @r"
        a:1:501: error[long]: long
          1 | …xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxHEREyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…
            |                                                    ^^^^
        ");
    }

    #[test]
    fn many_are_counted() {
        let mut found = Diagnostics::new();
        found.extend((0..60).map(|_| Diagnostic::error("many", "many")));
        assert!(plain(&found, &source()).ends_with("and 10 more\n"));
    }

    #[cfg(feature = "cli")]
    #[test]
    fn the_terminal_has_colours_only_when_asked() {
        let found =
            Diagnostics::from(Diagnostic::error("e", "wrong").at(Span::new(10, 16)).why("w").help("h"));
        insta::assert_snapshot!(terminal(&found, &source(), false), @r"
        error[e]: wrong
         --> cofferdam.yaml:2:1
          |
        2 | runtme:
          | ^^^^^^
          |
          = note: w
          = help: h
        ");
        assert!(terminal(&found, &source(), true).contains('\u{1b}'));
        assert!(!terminal(&found, &source(), false).contains('\u{1b}'));
    }
}
