//! What may become part of the program: `deny.toml`, held against what Cargo would build.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use toml::Table;

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

fn words(table: &Table, path: [&str; 2]) -> Vec<Table> {
    let list = table[path[0]][path[1]].as_array().unwrap();
    list.iter()
        .map(|item| {
            item.as_table()
                .cloned()
                .unwrap_or_else(|| [("crate".to_owned(), item.clone())].into_iter().collect())
        })
        .collect()
}

/// Names and licences, by their ids, of all crates that a program for Linux is made of, those of tests left out.
fn crates() -> BTreeMap<String, [String; 2]> {
    let arguments = [
        "metadata",
        "--format-version=1",
        "--locked",
        "--offline",
        "--filter-platform",
        "x86_64-unknown-linux-gnu",
    ];
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(env!("CARGO_MANIFEST_DIR")).output();
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let list = |value: &Value, key: &str| value[key].as_array().unwrap().clone();
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let nodes: BTreeMap<String, Value> =
        list(&metadata["resolve"], "nodes").into_iter().map(|node| (text(&node, "id"), node)).collect();
    let mut needed = BTreeSet::new();
    let mut waiting = vec![text(&metadata["resolve"], "root")];
    while let Some(id) = waiting.pop() {
        let needs = list(&nodes[&id], "deps").into_iter();
        let ships =
            |dependency: &Value| list(dependency, "dep_kinds").iter().any(|kind| kind["kind"] != "dev");
        waiting.extend(
            needs.filter(ships).map(|dependency| text(&dependency, "pkg")).filter(|id| !needed.contains(id)),
        );
        needed.insert(id);
    }
    let packages =
        list(&metadata, "packages").into_iter().filter(|package| needed.contains(&text(package, "id")));
    packages
        .map(|package| (text(&package, "id"), ["name", "license"].map(|key| text(&package, key))))
        .collect()
}

/// Whether an expression (SPDX 2.3, annex D) can be met with some licences: sums of choices, as crates have them.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let choices = expression.split(" AND ");
    choices.into_iter().all(|choice| choice.split(" OR ").any(|licence| allowed.contains(licence.trim())))
}

#[test]
fn everything_that_ships_has_a_licence_that_may_be_linked_and_nothing_is_banned() {
    let deny: Table = read("deny.toml").parse().unwrap();
    let names =
        |path| words(&deny, path).iter().map(|item| item["crate"].as_str().unwrap().to_owned()).collect();
    let (allowed, banned): (BTreeSet<String>, BTreeSet<String>) =
        (names(["licenses", "allow"]), names(["bans", "deny"]));
    let crates = crates();
    assert!(crates.len() > 50, "{crates:?}");
    let odd: Vec<_> = crates.iter().filter(|(_, [_, licence])| !is_allowed(licence, &allowed)).collect();
    assert!(odd.is_empty(), "no licence of these is allowed by deny.toml: {odd:?}");
    let there: Vec<_> = crates.values().filter(|[name, _]| banned.contains(name)).collect();
    assert!(there.is_empty(), "deny.toml bans {there:?}");
    for (expression, expected) in
        [("MIT OR GPL-3.0", true), ("MIT AND GPL-3.0", false), ("(MIT OR X) AND Zlib", true)]
    {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn the_architecture_names_the_reason_for_every_dependency() {
    let manifest: Table = read("Cargo.toml").parse().unwrap();
    let architecture = read("ARCHITECTURE.md");
    let cells = architecture.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let rows: BTreeSet<&str> = cells.flat_map(|cell| cell.split([' ', ','])).collect();
    for section in ["dependencies", "build-dependencies", "dev-dependencies"] {
        for name in manifest[section].as_table().unwrap().keys() {
            assert!(rows.contains(name.as_str()), "no row of ARCHITECTURE.md says why `{name}` is there");
        }
    }
}
