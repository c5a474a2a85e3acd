//! `missing-library`: every program finds its shared libraries.

use super::{Exception, Proof, Rule};

/// The record of `missing-library`.
pub static RULE: Rule = Rule {
    name: "missing-library",
    title: "Every program finds its shared libraries",
    forbids: "A program or shared library that needs a library, or a version of a library's symbols, that the \
        image does not have. The driver of NVIDIA's devices (`libcuda.so.1` and what belongs to it) is not missed: it is \
        put into the container when that starts.",
    why: "The program stops when it starts, or much later when it loads a plugin. A program that was built \
        against a newer C library than the image's fails likewise, naming a version such as \
        `GLIBC_2.38`.",
    mend: "Choose a base that has the library, let it cross as an artifact, or link statically; build on a \
        distribution release that is not newer than the runtime's.",
    exception: Exception::WithReason,
    proof: Proof::Output,
};
