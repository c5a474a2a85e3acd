//! Frameworks whose build puts together by itself what runs.

use super::workspace::Workspace;
use crate::diagnostic::Diagnostic;
use crate::model::{Framework, Node};
use crate::name::ContextPath;
use crate::plan::planner::Planner;

/// The files by which Next.js is configured.
pub(super) const NEXT_CONFIGS: [&str; 4] =
    ["next.config.js", "next.config.mjs", "next.config.ts", "next.config.cjs"];
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
    let known = || texts.iter().zip(&paths).filter_map(|(text, path)| Some(((*text)?, path)));
    let asks =
        |(text, _): (&[u8], _)| without_comments(&String::from_utf8_lossy(text)).contains("standalone");
    if known().any(asks) {
        return Some(());
    }
    let path = known().next().map_or(&paths[1], |(_, path)| path);
    let span = options.framework.map_or(planner.image.language.span, |framework| framework.span);
    let message = format!("`{path}` does not ask for the output that stands alone");
    let error = Diagnostic::error("next-standalone", message).at(span);
    let why = "without it Next.js needs all of its packages to run, several times as large";
    planner.report(error.why(why).help("write `output: \"standalone\"` into its configuration object"));
    None
}

/// A script without its comments; what is in quotes is none.
fn without_comments(text: &str) -> String {
    let (mut kept, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(['/', '"', '\'', '`']) {
        let (before, from) = rest.split_at(start);
        kept.push_str(before);
        let ends = [("//", "\n"), ("/*", "*/")].into_iter().find(|(open, _)| from.starts_with(open));
        let length = match ends {
            Some((_, end)) => from[2..].find(end).map_or(from.len(), |at| 2 + at + end.len()),
            None => quoted(from),
        };
        kept.push_str(if ends.is_some() { "\n" } else { &from[..length] });
        rest = &from[length..];
    }
    kept + rest
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
            ("/* a", "\n"),
            ("'ä", "'ä"),
        ] {
            assert_eq!(without_comments(text), kept, "{text}");
        }
    }
}
