//! A language's runtime as a layer of its own, copied from the toolchain image: any version, without a shell.

use super::final_image::Layer;
use super::node::{FileEdit, Files, Mount, Node, Script, Step, Tree};
use super::planner::Planner;
use crate::contract::{Artifact, LayerContract, Role};
use crate::model::BaseChoice;
use crate::name::ImagePath;
use crate::text::Spanned;

/// Where the runtime is put together.
const RUNTIME: &str = "/runtime";
/// Where steps find scripts of ours.
const SCRIPTS: &str = "/run/cofferdam";
/// The parts of the C library, which no layer may bring beside the base's own.
const OF_THE_C_LIBRARY: &str = "linux-vdso.so.1 ld-linux-x86-64.so.2 ld-linux-aarch64.so.1 ld-linux-armhf.so.3 \
    ld64.so.2 ld64.so.1 ld-linux-riscv64-lp64d.so.1 libc.so.6 libm.so.6 libdl.so.2 libpthread.so.0 librt.so.1 \
    libutil.so.1 libresolv.so.2";
/// What distroless cc has besides, by the names that programs ask for.
const OF_DISTROLESS: &str =
    "libgcc_s.so.1 libstdc++.so.6 libgomp.so.1 libssl.so.3 libcrypto.so.3 libz.so.1 libzstd.so.1";

impl Planner<'_> {
    /// The layer of what a script copies to the directory `$1` and of the libraries that this needs and the base lacks.
    ///
    /// `image` is the toolchain image as it was pulled: packages that the manifest adds to the builder change nothing
    /// here, so that one runtime layer serves all applications of a version. The whole of `usr` and `var` crosses.
    ///
    /// The script finds what it `sees` besides; where that does not change, the layer is not made anew.
    ///
    /// `None` while it is not known which libraries the base has.
    pub(super) fn runtime_layer(
        &mut self,
        name: &str,
        image: &Tree,
        copy: &str,
        sees: Vec<Mount>,
    ) -> Option<Layer> {
        let of_the_base = self.libraries_of_the_base()?;
        let text = format!("set -eu\n{copy}\n{}", include_str!("runtime_layer.sh"));
        let (scripts, path) = self.scripts(&[("runtime.sh", &text)]);
        let argv = ["/bin/sh", &path, RUNTIME, &of_the_base].map(str::to_owned);
        let mut mounts = sees;
        mounts.extend([scripts, Mount::output(Tree::Scratch, RUNTIME)]);
        let step =
            Step { mounts, ..self.step(format!("collect {name}"), image, Script::Program(argv.into())) };
        let span = step.span;
        let id = self.add(Node::Step(step));
        let artifacts = ["/usr", "/var"].iter().filter_map(|path| {
            let to = ImagePath::parse(path).ok()?;
            Some(Artifact::new(to.relative(), to.clone()))
        });
        let contract = LayerContract::of(Role::Runtime, artifacts.collect());
        let source = Tree::Output(id, RUNTIME.to_owned());
        Some(Layer { contract, source, seen_at: RUNTIME.to_owned(), span })
    }

    /// The names of the shared libraries that the base has.
    fn libraries_of_the_base(&mut self) -> Option<String> {
        let base = &self.image.runtime.base;
        let BaseChoice::Image(reference) = &base.value else {
            return Some(format!("{OF_THE_C_LIBRARY} {OF_DISTROLESS}"));
        };
        let reference = Spanned::new(reference.clone(), base.span);
        let names = self.ask.libraries(&reference, &self.platforms.target)?;
        let libraries = names.iter().filter(|name| name.contains(".so")).map(String::as_str);
        Some(std::iter::once(OF_THE_C_LIBRARY).chain(libraries).collect::<Vec<_>>().join(" "))
    }

    /// Files of ours in a builder: the mount that brings them to [`SCRIPTS`], and the path of the first one there.
    ///
    /// A command line would hold a script too, but errors show command lines.
    pub(super) fn scripts(&mut self, files: &[(&str, &str)]) -> (Mount, String) {
        let edits = files.iter().map(|(name, text)| FileEdit::File {
            path: format!("/{name}"),
            mode: 0o444,
            content: text.as_bytes().to_vec(),
        });
        let first = files.first().map_or("", |(name, _)| name);
        let files = Files {
            name: format!("write {first}"),
            over: Tree::Scratch,
            edits: edits.collect(),
            span: Some(self.image.language.span),
        };
        let tree = Tree::Root(self.add(Node::Files(files)));
        (Mount::read_only(tree, SCRIPTS), format!("{SCRIPTS}/{first}"))
    }
}
