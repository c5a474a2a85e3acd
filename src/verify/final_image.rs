//! The image that the graph ends in: its base and its layers, from the lowest to the topmost.

use super::findings::Findings;
use super::flow::{Kind, Subject};
use super::graph::Link;
use super::rules::staging_leak;
use super::shape::{Act, Shape};

/// The parts of the image.
#[derive(Debug, Default)]
pub(super) struct FinalImage {
    /// The source of the base; `None` for an empty one.
    pub(super) base: Option<usize>,
    /// The stage step of each layer.
    pub(super) stages: Vec<usize>,
    /// Whether the parts could be told; if not, it was reported.
    pub(super) is_known: bool,
}

impl FinalImage {
    /// Takes the image apart.
    pub(super) fn infer(subject: &Subject<'_>, found: &mut Findings<'_>) -> FinalImage {
        let mut image = FinalImage { is_known: true, ..FinalImage::default() };
        let Some(result) = subject.graph.image else { return image };
        match (subject.kind(result), subject.shape(result.vertex)) {
            (Kind::Image, _) => image.base = Some(result.vertex),
            (Kind::Layer | Kind::Stack, _) => image.is_known = image.stack(subject, result),
            (Kind::Merged, Shape::Merge(trees)) => {
                for &tree in trees {
                    image.is_known &= match subject.kind(tree) {
                        Kind::Image => image.base.replace(tree.vertex).is_none(),
                        Kind::Layer => image.layer(subject.shape(tree.vertex)),
                        _ => false,
                    };
                }
            }
            (Kind::Unknown, _) => image.is_known = false,
            (other, _) => {
                let text = format!("is {}, and the image is made of it as a whole", other.name());
                subject.report(result.vertex, other.law(&staging_leak::LAW), text, found);
                image.is_known = false;
            }
        }
        image
    }

    /// Takes layers apart that lie over one another, from the topmost down; whether that succeeds.
    fn stack(&mut self, subject: &Subject<'_>, top: Link) -> bool {
        let mut next = Some(top);
        while let Some(link) = next {
            let shape = subject.shape(link.vertex);
            next = match (subject.kind(link), shape) {
                (Kind::Image, _) => {
                    self.base = Some(link.vertex);
                    None
                }
                (Kind::Layer | Kind::Stack, Shape::File(file)) if self.layer(shape) => file.over,
                _ => return false,
            };
        }
        self.stages.reverse();
        true
    }

    /// Adds a layer; whether it is one.
    fn layer(&mut self, shape: &Shape<'_>) -> bool {
        let Shape::File(file) = shape else { return false };
        let [Act::Copy(from, _)] = &file.acts[..] else { return false };
        self.stages.push(from.vertex);
        true
    }
}
