//! Proofs on a finished file system: the rules that only the output can break.

mod entrypoint;
mod image;
mod library;
mod names;
mod package_manager;
mod replaced;
mod setuid;
mod shadow;
mod shell;

use std::io;

use self::image::Image;
use crate::rule::{self, Rule};
use crate::step::{Finding, InspectRequest, Report, Summary};
use crate::tree::{Files, Index};

/// How many findings of one rule are told one by one.
const MOST_FINDINGS: usize = 200;

/// A rule and its proof.
type Proof = (&'static Rule, fn(&Image<'_>) -> io::Result<Vec<Finding>>);

const PROOFS: [Proof; 7] = [
    (&rule::MERGE_SHADOWS_BASE, shadow::find),
    (&rule::BASE_FILE_REPLACED, |image| Ok(replaced::find(image))),
    (&rule::FINAL_SHELL, shell::find),
    (&rule::FINAL_PACKAGE_MANAGER, package_manager::find),
    (&rule::FINAL_SETUID, setuid::find),
    (&rule::ENTRYPOINT_UNRESOLVABLE, entrypoint::find),
    (&rule::MISSING_LIBRARY, library::find),
];

/// Proves every output rule on the file system of an image and its files, whose base had the file system `base`.
///
/// Exceptions are not known here: who reads the report applies them. An error only where the tree cannot be read.
pub fn inspect(
    tree: &Index<'_>,
    files: &Files,
    base: &Index<'_>,
    request: &InspectRequest,
) -> io::Result<Report> {
    let image = Image::scan(tree, files, base, request)?;
    let mut report = Report { notes: image.notes(), summary: summary(&image), ..Report::default() };
    for (rule, proof) in PROOFS {
        report.examined.push(rule.name.to_owned());
        report.findings.extend(bounded(rule, proof(&image)?));
    }
    Ok(report)
}

fn summary(image: &Image<'_>) -> Summary {
    let sizes = image.entries.values().filter(|stat| stat.is_file()).map(|stat| stat.size);
    Summary {
        files: image.files.all().len() as u64,
        bytes: sizes.sum(),
        binaries: image.binaries.len() as u64,
        components: 0,
    }
}

/// The findings that a person can still read; one more says how many others there are.
fn bounded(rule: &Rule, mut findings: Vec<Finding>) -> Vec<Finding> {
    let more = findings.len().saturating_sub(MOST_FINDINGS);
    if more > 0 {
        findings.truncate(MOST_FINDINGS);
        let message = format!("{more} more files of the image break the same rule");
        findings.push(Finding::new(rule.name, &"/", message).help(rule.mend));
    }
    findings
}

#[cfg(test)]
mod tests;
