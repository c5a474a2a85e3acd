//! What the verifier accepts: one graph for each shape that builds really have.

mod verify_graph;

use cofferdam::diagnostic::Severity;
use serde_json::json;
use verify_graph::Build;

#[test]
fn a_compiled_program_on_a_base() {
    Build::go().assert_clean();
}

#[test]
fn a_compiled_program_on_an_empty_base() {
    Build::scratch().assert_clean();
}

#[test]
fn a_single_layer_with_our_binary_from_an_image() {
    Build::single_layer().assert_clean();
}

#[test]
fn layers_that_are_copied_onto_one_another() {
    Build::flattened().assert_clean();
}

#[test]
fn a_base_without_layers_and_an_empty_image() {
    Build::base_alone().assert_clean();
    Build::empty().finish(None, None).assert_clean();
}

#[test]
fn a_builder_with_packages_and_artifacts_out_of_the_work_tree() {
    Build::rust().assert_clean();
}

#[test]
fn pinned_repositories_and_layouts() {
    let mut build = Build::go();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    build.source("context", |source| {
        source.identifier = format!("git://example.com/acme.git#{commit}:services");
        source.attrs = [("git.fullurl".to_owned(), "https://example.com/acme.git".to_owned())].into();
    });
    build.source("golang", |source| {
        source.identifier = source.identifier.replace("docker-image://", "oci-layout://");
        source.attrs = [("oci.store".to_owned(), "named".to_owned())].into();
    });
    build.assert_clean();
    build.source("context", |source| {
        source.identifier = "git://example.com/acme.git#main".to_owned();
        source.attrs.insert("git.checksum".to_owned(), commit.to_owned());
    });
    build.assert_clean();
    build.source("context", |source| {
        source.identifier = "https://example.com/acme.tar".to_owned();
        source.attrs = [("http.checksum".to_owned(), format!("sha256:{}", "a".repeat(64)))].into();
    });
    build.assert_clean();
}

#[test]
fn a_loader_variable_that_the_manifest_sets_is_a_warning() {
    let mut build = Build::go();
    build.config["config"]["Env"] = json!(["PATH=/usr/bin", "LD_LIBRARY_PATH=/opt"]);
    build.inspection(|request| _ = request.env.insert("LD_LIBRARY_PATH".to_owned(), "/opt".to_owned()));
    assert!(build.broken().contains("env-loader"));
    build.declared_env.push("LD_LIBRARY_PATH".to_owned());
    let found = build.verify();
    assert!(!found.has_errors());
    assert!(found.iter().any(|item| item.code == "env-loader" && item.severity == Severity::Warning));
}

#[test]
fn a_group_0_that_was_asked_for() {
    let mut build = Build::go();
    build.contract.user.gid = 0;
    build.config["config"]["User"] = json!("65532:0");
    build.inspection(|request| request.gid = 0);
    build.assert_clean();
}
