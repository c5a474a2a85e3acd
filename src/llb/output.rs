//! Outputs: what operations give and other operations take.

use crate::name::Digest;
use crate::wire::pb;

/// One output of an operation, or the empty tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Output(Option<(Digest, u32)>);

impl Output {
    /// The empty tree, which no operation gives.
    pub const fn scratch() -> Output {
        Output(None)
    }

    /// Output number `index` of the operation with this digest.
    pub(super) const fn of(digest: Digest, index: u32) -> Output {
        Output(Some((digest, index)))
    }

    /// Whether this is the empty tree.
    pub const fn is_scratch(&self) -> bool {
        self.0.is_none()
    }

    /// The digest of the operation that gives it; `None` for the empty tree.
    ///
    /// It is also the name of the vertex in progress, warnings and errors.
    pub fn digest(&self) -> Option<&Digest> {
        self.0.as_ref().map(|(digest, _)| digest)
    }

    /// Which of the operation's outputs it is; 0 for the empty tree.
    pub fn index(&self) -> u32 {
        self.0.as_ref().map_or(0, |(_, index)| *index)
    }

    /// The output as the input of an operation; `None` for the empty tree.
    pub(super) fn to_input(&self) -> Option<pb::Input> {
        let (digest, index) = self.0.as_ref()?;
        Some(pb::Input { digest: digest.as_str().to_owned(), index: i64::from(*index) })
    }

    /// Whether an input is this output.
    pub(super) fn is(&self, input: &pb::Input) -> bool {
        let own = self.0.as_ref();
        own.is_some_and(|(digest, index)| i64::from(*index) == input.index && digest.as_str() == input.digest)
    }
}
