//! The two macros that turn one declaration into a type, its table and its decoding.

/// Declares a group of keys.
///
/// Each field is written once, with its documentation (which is the reference's text), its key, its name and
/// type in Rust, its default as people say it, and the rules for its texts:
///
/// ```text
/// /// Where the program starts.
/// "workdir" workdir: Option<Text> = "/app", Format::PATH;
/// ```
macro_rules! block {
    (
        $(#[doc = $about:literal])+
        pub struct $Name:ident as $title:literal {
            $(
                $(#[doc = $doc:literal])+
                $key:literal $field:ident: $type:ty $(= $default:literal)? $(, $format:expr)?;
            )*
        }
        $(flattened $inner:ident: $Inner:ty;)?
        $(shorthand $shorthand:literal;)?
        $(foreign { $($word:literal => $hint:literal,)* })?
        $(later { $($later:literal,)* })?
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $Name {
            /// Where the whole group was written; empty at the start of the text where it was left out.
            pub span: crate::text::Span,
            $($(#[doc = $doc])+ pub $field: $type,)*
            $(/// The keys of the languages, written among the others.
            pub $inner: $Inner,)?
        }

        impl $Name {
            /// The table of its keys.
            pub const BLOCK: &'static crate::manifest::field::Block = &crate::manifest::field::Block {
                name: $title,
                doc: concat!($($about, "\n"),+),
                fields: &[$(crate::manifest::field::Field {
                    key: $key,
                    doc: concat!($($doc, "\n"),+),
                    default: concat!($($default)?),
                    required: <$type as crate::manifest::value::Value>::REQUIRED,
                    format: block!(@format $($format)?),
                    shape: || <$type as crate::manifest::value::Value>::shape(block!(@format $($format)?)),
                },)*],
                flattened: block!(@some $(<$Inner>::BLOCK)?),
                shorthand: block!(@some $($shorthand)?),
                foreign: &[$($(($word, $hint),)*)?],
                later: &[$($($later,)*)?],
            };

            /// Takes its keys out of a mapping; none if a value was wrong, which has then been reported.
            #[allow(dead_code, reason = "only flattened groups are taken from another group's mapping")]
            pub(crate) fn take(
                span: crate::text::Span,
                entries: &mut crate::manifest::decode::Entries<'_>,
                decoder: &mut crate::manifest::decode::Decoder,
            ) -> Option<Self> {
                $(let $field = entries.take(Self::BLOCK, $key, decoder);)*
                $(let $inner = <$Inner>::take(span, entries, decoder);)?
                Some($Name { span, $($field: $field?,)* $($inner: $inner?,)? })
            }
        }

        impl crate::manifest::value::Value for $Name {
            const REQUIRED: bool = false $(|| <$type as crate::manifest::value::Value>::REQUIRED)*;

            fn decode(
                node: &crate::yaml::Node,
                _: &'static crate::manifest::field::Format,
                decoder: &mut crate::manifest::decode::Decoder,
            ) -> Option<Self> {
                let mut entries = decoder.entries(node, Self::BLOCK)?;
                let value = Self::take(node.span, &mut entries, decoder);
                entries.finish(Self::BLOCK, decoder);
                value
            }

            fn absent() -> Option<Self> {
                Some($Name {
                    span: crate::text::Span::default(),
                    $($field: <$type as crate::manifest::value::Value>::absent()?,)*
                    $($inner: <$Inner as crate::manifest::value::Value>::absent()?,)?
                })
            }

            fn shape(_: &'static crate::manifest::field::Format) -> crate::manifest::field::Shape {
                crate::manifest::field::Shape::Block(Self::BLOCK)
            }
        }
    };
    (@format) => { &crate::manifest::field::Format::TEXT };
    (@format $format:expr) => { &$format };
    (@some) => { None };
    (@some $value:expr) => { Some($value) };
}

/// Declares a choice of words, each with its meaning; `later` words are known but not yet understood.
macro_rules! words {
    (
        $(#[doc = $about:literal])+
        pub enum $Name:ident {
            $($(#[doc = $doc:literal])+ $Word:ident = $word:literal,)+
        }
        $(later { $($later:literal,)* })?
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $Name {
            $($(#[doc = $doc])+ $Word,)+
        }

        impl $Name {
            /// The word as it is written.
            pub fn word(self) -> &'static str {
                match self { $($Name::$Word => $word,)+ }
            }
        }

        impl crate::manifest::scalar::Scalar for $Name {
            fn parse(
                text: &str,
                _: bool,
                _: &'static crate::manifest::field::Format,
            ) -> Result<Self, crate::manifest::scalar::Wrong> {
                match text {
                    $($word => Ok($Name::$Word),)+
                    _ => Err(crate::manifest::scalar::Wrong::word(text, &[$($word,)+], &[$($($later,)*)?])),
                }
            }

            fn shape(_: &'static crate::manifest::field::Format) -> crate::manifest::field::Shape {
                crate::manifest::field::Shape::Words(&[$(($word, concat!($($doc),+)),)+])
            }
        }
    };
}
