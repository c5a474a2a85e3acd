//! The reference page of the rules, made from their records.

use std::fmt::Write as _;

use super::{Exception, Proof, Rule, all};

/// The text of `docs/rules.md`.
pub fn page() -> String {
    let mut text = String::from(
        "# Rules\n\n\
         <!-- Made from the records in src/rule; `COFFERDAM_UPDATE=1 cargo test` writes it anew. -->\n\n\
         A broken rule fails the build; a lint warns. Where an exception is possible, it is written in the\n\
         manifest with its reason: `exceptions: [{rule: final-shell, reason: \"…\"}]`.\n",
    );
    for (proof, heading) in [
        (Proof::Graph, "Proved on the graph, before anything runs"),
        (Proof::Output, "Proved on the finished file system"),
        (Proof::Lint, "Lints"),
    ] {
        let _ = write!(text, "\n## {heading}\n");
        all().iter().filter(|rule| rule.proof == proof).for_each(|rule| section(&mut text, rule));
    }
    text
}

fn section(text: &mut String, rule: &Rule) {
    let exception = match rule.exception {
        Exception::Never => "never",
        Exception::Named => "possible, by that option",
        Exception::WithReason => "possible, with a reason",
    };
    let Rule { name, title, forbids, why, mend, .. } = rule;
    let _ = write!(
        text,
        "\n### `{name}`\n\n{title}.\n\n\
         - **Forbids**: {forbids}\n- **Why**: {why}\n- **How to mend**: {mend}\n- **Exception**: {exception}.\n"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_in_the_repository_is_fresh() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/rules.md");
        // A test may read the environment: it is an edge of its own.
        #[allow(clippy::disallowed_methods)]
        if std::env::var("COFFERDAM_UPDATE").is_ok() {
            std::fs::write(&path, page()).unwrap();
        }
        let written = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(written == page(), "docs/rules.md is stale: run COFFERDAM_UPDATE=1 cargo test");
    }
}
