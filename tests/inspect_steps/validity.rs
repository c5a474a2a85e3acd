//! The structural rules of SPDX 2.3 that a document must keep, for tests.

use std::collections::BTreeSet;

use serde_json::Value;

const RELATIONSHIPS: &[&str] = &[
    "DESCRIBES",
    "CONTAINS",
    "DEPENDS_ON",
    "GENERATED_FROM",
    "BUILD_TOOL_OF",
    "BUILD_DEPENDENCY_OF",
    "DESCENDANT_OF",
];

/// Every breach of the specification that a structure can have, in words; empty for a valid document.
pub(super) fn breaches(document: &Value) -> Vec<String> {
    let mut breaches = Vec::new();
    let mut check = |holds: bool, breach: String| {
        if !holds {
            breaches.push(breach);
        }
    };
    check(document["spdxVersion"] == "SPDX-2.3", "6.1 version".to_owned());
    check(document["dataLicense"] == "CC0-1.0", "6.2 data licence".to_owned());
    check(document["SPDXID"] == "SPDXRef-DOCUMENT", "6.3 document identifier".to_owned());
    check(!text(&document["name"]).is_empty(), "6.4 document name".to_owned());
    let namespace = text(&document["documentNamespace"]);
    check(namespace.contains("://") && !namespace.contains(['#', ' ']), format!("6.5 namespace {namespace}"));
    check(is_date(text(&document["creationInfo"]["created"])), "6.9 created".to_owned());
    let creators = list(&document["creationInfo"]["creators"]);
    check(!creators.is_empty() && creators.iter().all(|c| is_creator(text(c))), "6.8 creators".to_owned());
    let mut ids = BTreeSet::from(["SPDXRef-DOCUMENT"]);
    for element in list(&document["packages"]).iter().chain(list(&document["files"])) {
        let id = text(&element["SPDXID"]);
        check(is_id(id), format!("identifier grammar: {id}"));
        check(ids.insert(id), format!("identifier used twice: {id}"));
    }
    let licences: Vec<&str> =
        list(&document["hasExtractedLicensingInfos"]).iter().map(|l| text(&l["licenseId"])).collect();
    for info in list(&document["hasExtractedLicensingInfos"]) {
        check(text(&info["licenseId"]).starts_with("LicenseRef-"), "10.1 licence identifier".to_owned());
        check(!text(&info["extractedText"]).is_empty(), "10.2 extracted text".to_owned());
    }
    for package in list(&document["packages"]) {
        let name = text(&package["name"]);
        check(!name.is_empty(), "7.1 package name".to_owned());
        check(!text(&package["downloadLocation"]).is_empty(), format!("7.7 download location of {name}"));
        let analysed = package["filesAnalyzed"] == true;
        let code = text(&package["packageVerificationCode"]["packageVerificationCodeValue"]);
        check(analysed == is_hex(code, 40), format!("7.9 verification code of {name}"));
        check(list(&package["checksums"]).iter().all(is_checksum), format!("7.10 checksums of {name}"));
        let declared = text(&package["licenseDeclared"]);
        check(is_expression(declared, &licences), format!("7.15 licence of {name}: {declared}"));
        let supplier = &package["supplier"];
        let is_supplier =
            ["Organization: ", "Person: ", "NOASSERTION"].iter().any(|kind| text(supplier).starts_with(kind));
        check(supplier.is_null() || is_supplier, format!("7.5 supplier of {name}"));
        for reference in list(&package["externalRefs"]) {
            check(
                text(&reference["referenceLocator"]).starts_with("pkg:"),
                format!("7.21 reference of {name}"),
            );
        }
    }
    for file in list(&document["files"]) {
        let name = text(&file["fileName"]);
        check(name.starts_with("./"), format!("8.1 file name {name}"));
        let sums = list(&file["checksums"]);
        let has_sha1 = sums.iter().any(|sum| sum["algorithm"] == "SHA1");
        check(has_sha1 && sums.iter().all(is_checksum), format!("8.4 checksums of {name}"));
    }
    let mut described = false;
    for relationship in list(&document["relationships"]) {
        let (from, to) = (text(&relationship["spdxElementId"]), text(&relationship["relatedSpdxElement"]));
        let kind = text(&relationship["relationshipType"]);
        check(ids.contains(from) && ids.contains(to), format!("11.1 {from} {kind} {to} leads nowhere"));
        check(RELATIONSHIPS.contains(&kind), format!("11.1 relationship {kind}"));
        described |= from == "SPDXRef-DOCUMENT" && kind == "DESCRIBES";
    }
    check(described, "11.1 the document describes nothing".to_owned());
    breaches
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn is_id(id: &str) -> bool {
    id.strip_prefix("SPDXRef-").is_some_and(is_idstring)
}

fn is_idstring(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.chars().all(|c| matches!(c, '0'..='9' | 'a'..='f'))
}

fn is_checksum(checksum: &Value) -> bool {
    let length = match text(&checksum["algorithm"]) {
        "SHA1" => 40,
        "SHA256" => 64,
        _ => return false,
    };
    is_hex(text(&checksum["checksumValue"]), length)
}

fn is_creator(creator: &str) -> bool {
    ["Tool: ", "Organization: ", "Person: "].iter().any(|kind| creator.starts_with(kind))
}

fn is_date(text: &str) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00T00:00:00Z"
}

/// Whether a licence is an expression whose references are explained.
fn is_expression(expression: &str, references: &[&str]) -> bool {
    let words: Vec<&str> = expression.split([' ', '(', ')']).filter(|word| !word.is_empty()).collect();
    !words.is_empty()
        && words.iter().all(|word| match word.strip_prefix("LicenseRef-") {
            Some(rest) => is_idstring(rest) && references.contains(word),
            None => is_idstring(word),
        })
}
