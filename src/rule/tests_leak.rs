//! `tests-leak`: tests change nothing that ships.

use super::{Exception, Proof, Rule};

/// The record of `tests-leak`.
pub static RULE: Rule = Rule {
    name: "tests-leak",
    title: "Tests change nothing that ships",
    forbids: "A test that does not run in the very image that ships, as its user and without network, or whose traces \
        are used for anything but its report.",
    why: "Tests run the application; what a running process leaves behind is nothing that anybody declared.",
    mend: "Nothing in a manifest can ask for it: such a graph is a bug of Cofferdam, to be reported.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
