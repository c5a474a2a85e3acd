//! `base-file-replaced`: files of the base stay as they are.

use super::{Exception, Proof, Rule};

/// The record of `base-file-replaced`.
pub static RULE: Rule = Rule {
    name: "base-file-replaced",
    title: "Files of the base stay as they are",
    forbids: "A file in the place of a file of the base, with another content, mode or owner. The bundle of \
        authorities that `runtime.ca-certificates` extends is none.",
    why: "What the base's maintainers mend later would stay as it is here, without anybody having decided \
        so, and the package that the file came from is no longer what it claims to be.",
    mend: "Write to a path of its own and tell the program where its file is, or make an exception for this \
        `path` with its reason.",
    exception: Exception::WithReason,
    proof: Proof::Output,
};
