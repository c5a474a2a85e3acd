//! What a builder's step may use: an image or a builder's root as its root, files everywhere else.

use super::{Kind, Sight, Subject};
use crate::verify::findings::{Findings, quoted};
use crate::verify::rules::{secret_outside_fetch, staging_leak};
use crate::verify::shape::{self, Bind, Exec};

impl Subject<'_> {
    /// What a builder's step gives.
    pub(super) fn step(&self, exec: &Exec<'_>, vertex: usize, found: &mut Findings<'_>) -> Vec<Kind> {
        for bind in &exec.mounts.binds {
            self.fits(bind, vertex, found);
        }
        let seen = self.seen(exec);
        let sight = if seen >= Sight::Source { Sight::Derived } else { seen };
        let root = exec.mounts.root().and_then(|root| self.root_image(root));
        let root = match root {
            // A secret's traces in a root would go wherever the root goes.
            _ if secret_outside_fetch::has_secrets(exec) => Kind::Closed(&secret_outside_fetch::LAW),
            Some(image) => Kind::Root { image, sight },
            None => Kind::Unknown,
        };
        exec.mounts.outputs.iter().map(|&at| if at == "/" { root } else { Kind::Files(sight) }).collect()
    }

    /// The most that a step sees of the application.
    pub(in crate::verify) fn seen(&self, exec: &Exec<'_>) -> Sight {
        let trees = exec.mounts.binds.iter().filter_map(|bind| bind.from);
        trees.map(|tree| self.kind(tree).sight()).max().unwrap_or(Sight::Nothing)
    }

    /// The image at the bottom of a root.
    pub(in crate::verify) fn root_image(&self, root: &Bind<'_>) -> Option<usize> {
        let from = root.from?;
        match self.kind(from) {
            Kind::Image => Some(from.vertex),
            Kind::Root { image, .. } => Some(image),
            _ => None,
        }
    }

    fn fits(&self, bind: &Bind<'_>, vertex: usize, found: &mut Findings<'_>) {
        let Some(kind) = bind.from.map(|from| self.kind(from)) else { return };
        let law = match (bind.at, kind) {
            ("/", Kind::Image | Kind::Root { .. } | Kind::Unknown) => return,
            ("/", _) => kind.law(&shape::LAW),
            (_, Kind::Files(_) | Kind::Unknown) => return,
            (_, Kind::Image | Kind::Root { .. }) => &staging_leak::LAW,
            _ => kind.law(&shape::LAW),
        };
        self.report(vertex, law, format!("mounts {} at {}", kind.name(), quoted(bind.at)), found);
    }
}
