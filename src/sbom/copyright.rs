//! Debian's copyright files, where they are machine readable (DEP-5, copyright-format 1.0).

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::component::Catalog;
use super::licence;
use super::release::read_text;
use crate::tree::Tree;

/// The licences of a package as one expression; `None` where its copyright file is prose.
pub(super) fn licence(tree: &dyn Tree, package: &str, catalog: &mut Catalog) -> io::Result<Option<String>> {
    let Some(text) = read_text(tree, &format!("usr/share/doc/{package}/copyright"))? else { return Ok(None) };
    let text = text.replace("\r\n", "\n");
    if !text
        .lines()
        .next()
        .is_some_and(|line| line.starts_with("Format") && line.contains("copyright-format"))
    {
        return Ok(None);
    }
    let paragraphs = text.split("\n\n").map(fields);
    // Only what stands with files counts; stand-alone paragraphs are texts that others refer to.
    let of_files = paragraphs.filter(|paragraph| paragraph.contains_key("Files"));
    let names: BTreeSet<String> = of_files
        .filter_map(|paragraph| {
            paragraph.get("License").and_then(|text| text.lines().next().map(str::to_owned))
        })
        .collect();
    let expressions: BTreeSet<String> =
        names.iter().filter_map(|name| licence::from_debian(name, &mut catalog.licences)).collect();
    let parenthesised = expressions.iter().map(|expression| {
        if expressions.len() > 1 && expression.contains(" OR ") {
            format!("({expression})")
        } else {
            expression.clone()
        }
    });
    Ok(Some(parenthesised.collect::<Vec<_>>().join(" AND ")).filter(|expression| !expression.is_empty()))
}

/// The fields of a paragraph of a control file; continued lines are kept with their line breaks.
pub(super) fn fields(paragraph: &str) -> BTreeMap<String, String> {
    let mut fields: BTreeMap<String, String> = BTreeMap::new();
    let mut last = String::new();
    for line in paragraph.lines() {
        if line.starts_with([' ', '\t']) {
            if let Some(value) = fields.get_mut(&last) {
                value.push('\n');
                value.push_str(line.trim());
            }
        } else if let Some((name, value)) = line.split_once(':') {
            name.clone_into(&mut last);
            fields.insert(name.to_owned(), value.trim().to_owned());
        }
    }
    fields
}
