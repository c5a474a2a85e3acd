//! No path of a manifest climbs out of the place that it belongs to.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use cofferdam::manifest::Manifest;
use cofferdam::manifest::field::{Block, Shape};
use cofferdam::model::{self, Inputs};
use cofferdam::name::Platform;
use cofferdam::text::Source;
use serde_json::{Map, Value, json};

/// Every manifest that has `climbing` as one of its paths, by the place of that path.
fn manifests(climbing: &str) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    in_block(Manifest::BLOCK, climbing, "", &mut |place, block| found.push((place, block)));
    found
}

/// Calls for each path in a group of keys, with the group that has what it must have, and that path.
fn in_block(block: &Block, climbing: &str, place: &str, call: &mut dyn FnMut(String, Value)) {
    let required = block.all_fields().filter(|field| field.required);
    let required: Map<String, Value> = required.map(|field| (field.key.to_owned(), json!("x"))).collect();
    for field in block.all_fields() {
        let place = format!("{place}.{}", field.key);
        in_shape(&(field.shape)(), climbing, place, &mut |place, value| {
            let mut whole = required.clone();
            whole.insert(field.key.to_owned(), value);
            call(place, Value::Object(whole));
        });
    }
}

fn in_shape(shape: &Shape, climbing: &str, place: String, call: &mut dyn FnMut(String, Value)) {
    match shape {
        Shape::Text(format) if matches!(format.name, "path" | "pattern") => call(place, json!(climbing)),
        Shape::List(inner) => {
            in_shape(inner, climbing, place, &mut |place, value| call(place, json!([value])));
        }
        Shape::Map(_, inner) => {
            in_shape(inner, climbing, place, &mut |place, value| call(place, json!({"x": value})));
        }
        Shape::Nullable(inner) => in_shape(inner, climbing, place, call),
        Shape::Either(shapes) => {
            shapes.iter().for_each(|shape| in_shape(shape, climbing, place.clone(), call));
        }
        Shape::Block(block) => in_block(block, climbing, &place, call),
        _ => {}
    }
}

#[test]
fn every_path_stays_where_it_belongs() {
    let platform = Platform::new("linux", "amd64", "");
    for climbing in ["..", "../x", "a/../../x", "/a/../x"] {
        let manifests = manifests(climbing);
        assert!(manifests.len() >= 15, "{manifests:#?}");
        for (place, manifest) in manifests {
            let source = Source::new("cofferdam.yaml", manifest.to_string());
            let found = model::read(&source, &Inputs::default(), &platform).expect_err(&place);
            let refused = found.iter().any(|error| {
                error.message == "a path cannot climb out with `..`"
                    && error.span.is_some_and(|span| source.slice(span).contains(climbing))
            });
            assert!(refused, "{place}: {climbing}: {found:#?}");
        }
    }
}
