//! Frameworks whose build puts together by itself what runs.

use super::workspace::Workspace;
use crate::diagnostic::Diagnostic;
use crate::model::{Framework, Node};
use crate::name::ContextPath;
use crate::plan::planner::Planner;

/// The files by which Next.js is configured.
pub(super) const NEXT_CONFIGS: [&str; 4] =
    ["next.config.js", "next.config.mjs", "next.config.ts", "next.config.cjs"];
/// The output of Next.js that ships, and what is told where nothing asks for it.
const STANDALONE: &str = "standalone";
const NEXT_STANDALONE: &str = "next-standalone";
/// The packages by which an application is built with Nitro: Nuxt has it in it, the others are its second and third version.
pub(super) const NITRO: [&str; 3] = ["nuxt", "nitropack", "nitro"];

/// The framework whose own output ships: the manifest's word, else the one among the dependencies.
pub(super) fn find(planner: &mut Planner<'_>, options: &Node, workspace: &Workspace) -> Option<Framework> {
    let application = workspace.application();
    let has = |name: &str| application.all_dependencies().any(|(dependency, _)| dependency == name);
    let framework = match options.framework {
        Some(named) => named.value,
        None if has("next") => Framework::Next,
        None if NITRO.iter().any(|name| has(name)) => Framework::Nitro,
        None => Framework::None,
    };
    if framework == Framework::Next {
        check_next(planner, options, &application.directory)?;
    }
    Some(framework)
}

/// Next.js puts together by itself what runs, where it is asked to.
fn check_next(planner: &mut Planner<'_>, options: &Node, directory: &ContextPath) -> Option<()> {
    let paths = NEXT_CONFIGS.map(|name| directory.join(name).unwrap_or_default());
    let texts: Vec<_> = paths.iter().map(|path| planner.ask.head(path)).collect();
    let texts: Vec<_> = texts.into_iter().collect::<Option<_>>()?;
    let known = || {
        let texts = texts.iter().zip(&paths);
        texts.filter_map(|(text, path)| Some((String::from_utf8_lossy((*text)?), path)))
    };
    if known().any(|(text, _)| without_comments(&text).contains(STANDALONE)) {
        return Some(());
    }
    // What looks like a comment may be the rest of a pattern; where it is none, the build's own end fails.
    let commented = known().find(|(text, _)| text.contains(STANDALONE)).map(|(_, path)| path);
    let told = match commented {
        Some(path) => Diagnostic::warning(
            NEXT_STANDALONE,
            format!("only a comment of `{path}` seems to ask for the output that stands alone"),
        ),
        None => {
            let path = known().next().map_or(&paths[1], |(_, path)| path);
            let message = format!("`{path}` does not ask for the output that stands alone");
            Diagnostic::error(NEXT_STANDALONE, message)
        }
    };
    let span = options.framework.map_or(planner.image.language.span, |framework| framework.span);
    let why = "without it Next.js needs all of its packages to run, several times as large";
    let help = "write `output: \"standalone\"` into its configuration object";
    planner.report(told.at(span).why(why).help(help));
    commented.map(|_| ())
}

/// A script without its comments; what is in quotes is none.
fn without_comments(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(['/', '"', '\'', '`']) {
        let (before, from) = rest.split_at(start);
        kept.push_str(before);
        let comment = comment(from);
        let length = comment.unwrap_or_else(|| quoted(from));
        kept.push_str(if comment.is_some() { "\n" } else { &from[..length] });
        rest = &from[length..];
    }
    kept + rest
}

/// The length of the comment that something begins with; one that does not end is none, but part of a pattern.
fn comment(text: &str) -> Option<usize> {
    let end = |end: &str| text[2..].find(end).map(|at| 2 + at + end.len());
    match text.get(..2)? {
        "//" => Some(end("\n").unwrap_or(text.len())),
        "/*" => end("*/"),
        _ => None,
    }
}

/// The length of the text in quotes that something begins with, or of one character that is no quote.
fn quoted(text: &str) -> usize {
    let mut characters = text.char_indices();
    let Some(quote) = characters.next().map(|(_, quote)| quote).filter(|quote| *quote != '/') else {
        return 1;
    };
    let mut is_escaped = false;
    for (at, character) in characters {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            // Only templates go on in the next line: this is no quote, but the end of a word or part of a pattern.
            '\n' if quote != '`' => return at,
            _ if character == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::without_comments;

    #[test]
    fn comments_end_and_texts_in_quotes_are_none() {
        for (text, kept) in [
            ("a // b\nc", "a \nc"),
            ("a /* b\n// */ c", "a \n c"),
            ("'http://a' // b", "'http://a' \n"),
            (r#""a\"//b" /*c*/"#, "\"a\\\"//b\" \n"),
            ("`a\n//b`", "`a\n//b`"),
            ("don't\n// b", "don't\n\n"),
            ("a / b /", "a / b /"),
            ("/* a", "/* a"),
            (r"/\/*$/, a // b", "/\\/*$/, a \n"),
            ("'ä", "'ä"),
        ] {
            assert_eq!(without_comments(text), kept, "{text}");
        }
    }
}
