//! What file operations may use: files for builders, a staged tree for a layer.

use super::{Kind, Sight, Subject};
use crate::verify::dependency_file;
use crate::verify::findings::Findings;
use crate::verify::graph::Link;
use crate::verify::rules::staging_leak;
use crate::verify::shape::{self, Act, File, Shape};
use crate::wire::pb;

impl Subject<'_> {
    /// What a file operation gives.
    pub(super) fn file(&self, file: &File<'_>, vertex: usize, found: &mut Findings<'_>) -> Kind {
        let is_staged = |act: &&Act<'_>| match act {
            Act::Copy(from, _) => matches!(self.kind(*from), Kind::Staged),
            _ => false,
        };
        match (&file.acts[..], file.acts.iter().find(is_staged)) {
            ([Act::Copy(_, copy)], Some(_)) => self.layer(file.over, copy, vertex, found),
            (_, Some(_)) => {
                self.report(vertex, &staging_leak::LAW, "mixes a staged tree with other files", found);
                Kind::Unknown
            }
            (_, None) => self.made(file, vertex, found),
        }
    }

    /// A layer: the one copy of all of a staged tree, with nothing left to the clock.
    fn layer(
        &self,
        over: Option<Link>,
        copy: &pb::FileActionCopy,
        vertex: usize,
        found: &mut Findings<'_>,
    ) -> Kind {
        let whole = pb::FileActionCopy {
            src: "/".to_owned(),
            dest: "/".to_owned(),
            mode: -1,
            dir_copy_contents: true,
            timestamp: copy.timestamp,
            ..Default::default()
        };
        if *copy != whole {
            self.report(vertex, &staging_leak::LAW, "does not copy all of a staged tree as it is", found);
        }
        if copy.timestamp < 0 {
            self.report(vertex, &staging_leak::LAW, "leaves the times of a layer to the clock", found);
        }
        match over.map(|over| self.kind(over)) {
            None => Kind::Layer,
            Some(Kind::Image | Kind::Layer | Kind::Stack) => Kind::Stack,
            Some(Kind::Unknown) => Kind::Unknown,
            Some(other) => {
                let text = format!("lays a layer over {}", other.name());
                self.report(vertex, other.law(&staging_leak::LAW), text, found);
                Kind::Unknown
            }
        }
    }

    /// Files for a builder.
    fn made(&self, file: &File<'_>, vertex: usize, found: &mut Findings<'_>) -> Kind {
        let mut sight = match file.over.map(|over| self.kind(over)) {
            None => Sight::Nothing,
            Some(Kind::Unknown) => return Kind::Unknown,
            Some(Kind::Files(sight)) => sight,
            Some(other) => return self.misused(other, "changes", vertex, found),
        };
        for act in &file.acts {
            let (from, copy) = match act {
                Act::Copy(from, copy) => (from, copy),
                Act::Unpack(from) if self.is_download(*from) => return Kind::Files(Sight::Source),
                Act::Unpack(from) => return self.misused(self.kind(*from), "unpacks", vertex, found),
                Act::Mkfile(_) | Act::Mkdir => continue,
            };
            sight = sight.max(match self.kind(*from) {
                Kind::Files(Sight::Source) if self.is_context(*from) => chosen(copy),
                Kind::Files(sight) => sight,
                // Choosing a path keeps what builders are made of from crossing as a whole.
                Kind::Image if copy.src != "/" => Sight::Nothing,
                Kind::Unknown => return Kind::Unknown,
                other => return self.misused(other, "copies", vertex, found),
            });
        }
        Kind::Files(sight)
    }

    /// Whether files come from outside as they are, so that their names can be believed.
    fn is_context(&self, link: Link) -> bool {
        match self.shape(link.vertex) {
            Shape::Source(_) | Shape::Given(_) => true,
            Shape::File(File { over: None, acts }) => match &acts[..] {
                [Act::Unpack(_)] => true,
                // A directory of the context, as a context by itself.
                [Act::Copy(from, copy)] => **copy == part(copy) && self.is_context(*from),
                _ => false,
            },
            _ => false,
        }
    }

    fn is_download(&self, link: Link) -> bool {
        matches!(self.shape(link.vertex), Shape::Source(source) if source.kind == shape::source::Kind::Http)
    }

    fn misused(&self, kind: Kind, how: &str, vertex: usize, found: &mut Findings<'_>) -> Kind {
        let law = match kind {
            Kind::Root { .. } | Kind::Image => &staging_leak::LAW,
            _ => kind.law(&shape::LAW),
        };
        self.report(vertex, law, format!("{how} {}", kind.name()), found);
        Kind::Unknown
    }
}

/// The copy of everything in a directory, as it is.
fn part(copy: &pb::FileActionCopy) -> pb::FileActionCopy {
    pb::FileActionCopy {
        src: copy.src.clone(),
        dest: "/".to_owned(),
        mode: -1,
        dir_copy_contents: true,
        timestamp: -1,
        ..Default::default()
    }
}

/// What a copy of the build context shows: everything, unless each path that it chooses is a known file.
fn chosen(copy: &pb::FileActionCopy) -> Sight {
    let sight = |path: Option<String>| path.map_or(Sight::Source, |path| dependency_file::sight(&path));
    match &copy.include_patterns[..] {
        // A link could lead anywhere in the context.
        [] if copy.follow_symlink => Sight::Source,
        [] => sight(Some(copy.src.trim_start_matches('/').to_owned())),
        patterns if copy.src == "/" => {
            let sights = patterns.iter().map(|pattern| sight(dependency_file::literal(pattern)));
            sights.max().unwrap_or(Sight::Source)
        }
        _ => Sight::Source,
    }
}
