//! `final-package-manager`: the image has no package manager.

use super::{Exception, Proof, Rule};

/// The record of `final-package-manager`.
pub static RULE: Rule = Rule {
    name: "final-package-manager",
    title: "The image has no package manager",
    forbids: "An executable package manager in the image: of a distribution (`apt`, `dpkg`, `apk`, `rpm`, \
        `dnf` …) or of a language (`pip`, `npm`, `gem`, `cargo` …).",
    why: "It installs what nobody reviewed, at a time that nobody chose; what is in the image must be what \
        the bill of materials says.",
    mend: "Choose a base without one, and install packages in the builder, which does not ship.",
    exception: Exception::WithReason,
    proof: Proof::Output,
};
