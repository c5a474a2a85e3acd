//! The scanner that the client wants to be run on the image, beside our own bill of materials.
//!
//! It is named as BuildKit has it (`frontend/attestations`, "Parse").

use super::bridge::Bridge;
use super::failure::Failure;
use super::options::Options;
use crate::lower::Scanner;
use crate::name::{Platform, Reference};

/// The scanner, pinned; `None` where the client names none.
pub(super) async fn find(
    bridge: &Bridge,
    options: &Options,
    native: &Platform,
) -> Result<Option<Scanner>, Failure> {
    let fields = fields(options.attest_sbom().unwrap_or_default());
    let (names, parameters): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(key, _)| key == "generator");
    let Some((_, name)) = names.into_iter().next_back() else { return Ok(None) };
    let wrong = |why: String| Failure::plain(format!("the scanner of --sbom=generator={name}: {why}"));
    let reference = Reference::parse(&name).map_err(|error| wrong(error.to_string()))?;
    let image = bridge.resolve_image(&reference, native, options.resolve_mode()).await?;
    if image.config.command().next().is_none() {
        return Err(wrong("its image has no command".to_owned()));
    }
    Ok(Some(Scanner { image, parameters }))
}

/// The fields of a value: separated by commas, in quotes where they have one themselves.
fn fields(value: &str) -> Vec<(String, String)> {
    let mut texts = vec![String::new()];
    let mut quoted = false;
    for character in value.chars() {
        match (character, texts.last_mut()) {
            ('"', _) => quoted = !quoted,
            (',', _) if !quoted => texts.push(String::new()),
            (character, Some(text)) => text.push(character),
            (_, None) => {}
        }
    }
    let pair = |text: &String| {
        let (key, value) = text.split_once('=').unwrap_or((text, ""));
        (key.to_owned(), value.to_owned())
    };
    texts.iter().filter(|text| !text.is_empty()).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_fields_that_may_be_in_quotes() {
        let pairs = |value| fields(value).into_iter().map(|(key, value)| format!("{key}|{value}")).collect();
        let found: Vec<String> = pairs("generator=a/b:1,\"p=x,y\",q");
        assert_eq!(found, ["generator|a/b:1", "p|x,y", "q|"]);
        assert!(fields("").is_empty());
    }
}
