//! Exceptions from rules.

use super::field::Format;
use super::value::Text;

block! {
    /// Permission to break one rule, which anyone can find in the manifest and a policy can forbid.
    pub struct Exception as "exception" {
        /// The rule's name.
        "rule" rule: Text, Format::LITERAL;
        /// Why the rule may be broken, for whoever reads this next.
        "reason" reason: Text, Format { lines: true, ..Format::LITERAL };
        /// The only path for which the exception holds.
        "path" path: Option<Text> = "everywhere", Format { interpolated: false, ..Format::PATH };
    }
    foreign {
        "name" => "write `rule`",
        "id" => "write `rule`",
        "why" => "write `reason`",
        "comment" => "write `reason`",
    }
    later { "until", }
}
