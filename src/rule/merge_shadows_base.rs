//! `merge-shadows-base`: layers do not hide what the base has.

use super::{Exception, Proof, Rule};

/// The record of `merge-shadows-base`.
pub static RULE: Rule = Rule {
    name: "merge-shadows-base",
    title: "Layers do not hide what the base has",
    forbids: "A layer whose directory replaces a link or another kind of file of the base, or changes the mode \
        or owner of one of its directories.",
    why: "A real `/lib` that replaces the base's link to `/usr/lib` leaves no program able to start; a \
        `/tmp` that loses its mode 1777 breaks programs later and elsewhere.",
    mend: "Write to the link's target (`/usr/lib` instead of `/lib`) or to a directory of its own, such as \
        `/app`.",
    exception: Exception::Never,
    proof: Proof::Graph,
};
