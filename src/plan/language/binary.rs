//! Binary: an executable that was built elsewhere.

use crate::contract::{Artifact, LayerContract, Role};
use crate::diagnostic::Diagnostic;
use crate::model::Binary;
use crate::name::ContextPath;
use crate::plan::final_image::Layer;
use crate::plan::planner::Planner;
use crate::plan::product::{Needs, Product};
use crate::tree::elf::Elf;

/// Plans a prebuilt executable.
pub(super) fn plan(planner: &mut Planner<'_>, binary: &Binary) -> Option<Product> {
    let source = &planner.image.source.path.value;
    let path = source.join(binary.from.value.as_str()).ok()?;
    let Some(head) = planner.ask.head(&path)? else {
        let message = format!("there is no file `{path}` in the build context");
        let help = "name a file that exists, relative to `source`, and that no ignore file leaves out";
        planner.report(Diagnostic::error("no-file", message).at(binary.from.span).help(help));
        return None;
    };
    let needs = needs(head);
    let tree = planner.context(vec![path.clone()]);
    let to = planner.image.runtime.workdir.join(&ContextPath::parse(path.file_name()).unwrap_or_default());
    let entrypoint = vec![to.as_str().to_owned()];
    let from = path.as_str().to_owned();
    let artifact = Artifact { mode: Some(0o755), sha256: binary.sha256.clone(), ..Artifact::new(from, to) };
    let contract = LayerContract::of(Role::Application, vec![artifact]);
    let layer = Layer { contract, source: tree, seen_at: "/".to_owned(), span: Some(binary.from.span) };
    Some(Product {
        layers: vec![layer],
        entrypoint,
        env: Vec::new(),
        directory: None,
        needs,
        work_tree: None,
    })
}

/// What the executable that starts like this needs; whatever is no ELF file is taken to need nothing.
fn needs(head: &[u8]) -> Needs {
    match Elf::wants_loader(&head.to_vec()) {
        Ok(true) => Needs::CLibrary,
        Ok(false) | Err(_) => Needs::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interpreter_tells_what_is_needed() {
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(needs(&own[..own.len().min(65536)]), Needs::CLibrary);
        assert_eq!(needs(b"#!/bin/sh\n"), Needs::Nothing);
        assert_eq!(needs(&own[..40]), Needs::Nothing);
    }
}
