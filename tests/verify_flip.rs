//! One flipped field: the verifier objects, or the field is one that no rule depends on.

mod verify_graph;

use proptest::prelude::*;
use verify_graph::Build;
use verify_graph::flip::{flipped, flips};

/// The fields that may differ, per draft: anything below such a path keeps the rules, or says something that
/// another flip of the same field is refused for. Own steps, requests, layers and merges have almost none.
fn is_free(draft: &str, path: &[u32]) -> bool {
    let free: &[&[u32]] = match draft {
        // Architecture and variant.
        "golang" | "rust" | "donor" => &[&[10, 1], &[10, 3]],
        // The name of the client's directory; what of it is sent.
        "context" => &[&[3, 1], &[3, 2]],
        // Where the files go, what is left out, links, times; for `source` also what is chosen.
        "manifests" => {
            &[&[4, 2, 4, 2], &[4, 2, 4, 5], &[4, 2, 4, 6], &[4, 2, 4, 11], &[4, 2, 4, 12], &[4, 2, 4, 13]]
        }
        "source" | "files" => &[
            // Over the context that it copies from.
            &[4, 2, 1],
            &[4, 2, 4, 1],
            &[4, 2, 4, 2],
            &[4, 2, 4, 5],
            &[4, 2, 4, 6],
            &[4, 2, 4, 11],
            &[4, 2, 4, 12],
            &[4, 2, 4, 13],
        ],
        // Made files: path, content, mode, time; made directories likewise.
        "skeleton" => &[&[4, 2, 5], &[4, 2, 6]],
        "scaffold files" => &[
            &[4, 2, 4, 1],
            &[4, 2, 4, 2],
            &[4, 2, 4, 5],
            &[4, 2, 4, 6],
            &[4, 2, 4, 11],
            &[4, 2, 4, 12],
            &[4, 2, 4, 13],
            &[4, 2, 5],
            &[4, 2, 6],
        ],
        // Command, variables, directory, user; places, order and number of mounts; their harmless options.
        "fetch" | "compile" | "run" | "list" | "dependencies" | "install" => {
            &[&[2, 1, 1], &[2, 1, 2], &[2, 1, 3], &[2, 1, 4], &[2, 2], &[2, 5], &[10, 1], &[10, 3]]
        }
        // The time of what it copies.
        name if name.starts_with("layer") => &[&[4, 2, 4, 11]],
        // The time of a request or of our binary, as long as there is one.
        name if name.contains("request") => &[&[4, 2, 5, 5]],
        "program" => &[&[4, 2, 5, 5], &[10, 1], &[10, 3]],
        // The machine that it runs on.
        name if name.starts_with("stage") || name == "inspect" => &[&[10, 1], &[10, 3]],
        "base" => &[&[10, 3]],
        _ => &[],
    };
    // A copy that is there twice is one copy whose lists are twice as long.
    let doubled = path == [4, 2, 4] && matches!(draft, "manifests" | "source" | "files" | "scaffold files");
    // Whether an operation says that it has no constraints makes no difference.
    free.iter().any(|free| path.starts_with(free)) || doubled || path == [11]
}

/// Fails unless every flip of this draft is refused or free; returns how many of each there were.
fn check(build: &Build, draft: usize) -> (usize, usize) {
    let name = build.drafts[draft].name.clone();
    let (mut refused, mut free) = (0, 0);
    for (path, op) in flips(&build.drafts[draft].op) {
        let changed = flipped(build, draft, op);
        if changed.verify().has_errors() {
            refused += 1;
        } else {
            free += 1;
            let op = &changed.drafts[draft].op;
            assert!(is_free(&name, &path), "{name} {path:?} is accepted: {op:#?}");
        }
    }
    (refused, free)
}

#[test]
fn every_field_of_a_service_on_a_base() {
    let build = Build::go();
    let counts = (0..build.drafts.len()).map(|draft| check(&build, draft));
    let (refused, free) = counts.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1));
    // A test that flips nothing would pass, too.
    assert!(refused > 2000 && free > 50, "{refused} refused, {free} free");
}

#[test]
fn every_link_of_a_service_on_a_base() {
    let build = Build::go();
    // Where else an input may come from: trees of the same kind, which show no more.
    let free = [
        ("manifests", 0, &[][..]),
        ("source", 0, &["manifests", "fetch"]),
        ("fetch", 1, &[]),
        ("list", 1, &["context", "manifests", "fetch"]),
        // What an offline step left of its root is a root.
        ("dependencies", 0, &["list"]),
        ("dependencies", 1, &["context", "source", "fetch", "list"]),
        ("dependencies", 2, &["context", "manifests", "source", "list"]),
        ("dependencies", 3, &["context", "manifests", "source", "fetch"]),
        ("compile", 0, &["list", "dependencies"]),
        ("compile", 1, &["context", "manifests", "source", "list", "dependencies"]),
        ("compile", 2, &["context", "manifests", "fetch", "list", "dependencies"]),
        ("compile", 3, &["context", "manifests", "source", "fetch", "list"]),
        // Which tree holds a declared artifact is not declared.
        ("stage app", 2, &["context", "manifests", "source"]),
    ];
    let mut refused = 0;
    for (draft, of) in build.drafts.iter().enumerate() {
        for (input, &link) in of.inputs.iter().enumerate() {
            for vertex in 0..draft {
                for output in -1..4 {
                    let mut changed = build.clone();
                    changed.drafts[draft].inputs[input] = (vertex, output);
                    if (vertex, output) == link {
                        continue;
                    }
                    let from = build.drafts[vertex].name.as_str();
                    if changed.verify().has_errors() {
                        refused += 1;
                        continue;
                    }
                    let known = free.iter().any(|(name, index, trees)| {
                        let made_up = from == "program" || from.starts_with("request");
                        *name == of.name && *index == input && (made_up || trees.contains(&from))
                    });
                    assert!(known, "{} takes input {input} from {from} {output}", of.name);
                }
            }
        }
    }
    assert!(refused > 500, "{refused} refused");
}

fn builds() -> [Build; 4] {
    [Build::scratch(), Build::single_layer(), Build::flattened(), Build::rust()]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_field_of_any_graph(which in 0_usize..4, draft in any::<prop::sample::Index>(), flip in any::<prop::sample::Index>()) {
        let build = &builds()[which];
        let draft = draft.index(build.drafts.len());
        let mut all = flips(&build.drafts[draft].op);
        let (path, op) = all.swap_remove(flip.index(all.len()));
        let changed = flipped(build, draft, op);
        let name = &build.drafts[draft].name;
        let accepted = !changed.verify().has_errors();
        prop_assert!(!accepted || is_free(name, &path), "{name} {path:?}: {:#?}", changed.drafts[draft].op);
    }
}
