//! Every option of a Dockerfile frontend, what it does here, and the test that shows it.
//!
//! The options are those of BuildKit's `frontend/dockerui` and `frontend/attestations`. The warnings about other options and the page `docs/frontend.md` come from this table.

/// One option.
#[derive(Debug)]
#[cfg_attr(not(test), allow(dead_code, reason = "the page and the tests of the table read all of it"))]
pub(super) struct Row {
    /// Its key; one that ends in `:` stands for all that begin with it.
    pub(super) key: &'static str,
    /// How a user says it.
    pub(super) said: &'static str,
    /// Whether it is obeyed.
    pub(super) standing: Standing,
    /// What it does here, or why it does nothing.
    pub(super) here: &'static str,
    /// The test that shows it.
    pub(super) test: &'static str,
}

/// Whether an option is obeyed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is.
    Honoured,
    /// It is not, and the build says so.
    Warned,
    /// It is not, and the build fails.
    Refused,
}

/// The row of an option: the most specific one that fits.
pub(super) fn find(key: &str) -> Option<&'static Row> {
    let fits = |row: &&Row| {
        row.key == key || (row.key.ends_with(':') && key.starts_with(row.key)) || is_proxy(row, key)
    };
    ROWS.iter().filter(fits).max_by_key(|row| row.key.len())
}

/// Proxy arguments are written in either case.
fn is_proxy(row: &Row, key: &str) -> bool {
    row.key == "build-arg:http_proxy"
        && key.starts_with("build-arg:")
        && key.to_ascii_lowercase().ends_with("_proxy")
}

macro_rules! rows {
    ($($key:literal $standing:ident $said:literal, $here:literal, $test:literal;)*) => {
        &[$(Row { key: $key, said: $said, standing: Standing::$standing, here: $here, test: $test }),*]
    };
}

static ROWS: &[Row] = rows! {
    "filename" Honoured "`-f FILE`", "The manifest, of at most 1 MiB; any name. Beyond 16 MiB the daemon, looking for the syntax line, refuses it in its own words. `-f -` reads it from standard input", "standard_input_is_a_definition_or_an_archive";
    "source" Honoured "`# syntax=`, `BUILDKIT_SYNTAX`", "Chooses this frontend; also from an OCI layout, without a registry", "an_oci_layout_takes_the_place_of_the_base_and_of_the_frontend";
    "cmdline" Honoured "the rest of the syntax line", "Nothing is read from it", "options_that_others_read_change_nothing";
    "context" Honoured "a git or http URL, or `-`, as the context", "Repositories at a pinned commit, archives and single files with a checksum, standard input. A repository over ssh is opened by `--ssh default`; its host must have a key of `--build-arg COFFERDAM_KNOWN_HOSTS=…` (lines of a `known_hosts` file), and without that argument and a full commit the build warns", "a_repository_is_built_at_a_pinned_commit";
    "contextkey" Honoured "API", "Which option has the context's URL", "context_options_of_the_api_are_obeyed";
    "dockerfilekey" Honoured "`-f` beside a remote context", "The manifest comes from the client, the context from elsewhere", "the_definition_may_lie_outside_of_any_context";
    "contextsubdir" Honoured "API", "One directory of a context that is not local", "context_options_of_the_api_are_obeyed";
    "local-sessionid:" Honoured "bake", "Which session has a directory", "a_directory_in_the_place_of_a_builder_is_accepted_and_told_of";
    "sharedkey:localdir:" Honoured "buildx", "The name under which the daemon keeps a directory", "a_directory_in_the_place_of_a_builder_is_accepted_and_told_of";
    "context:" Honoured "`--build-context`, bake `contexts`", "Replaces any image of the plan: image, OCI layout, directory, git, http, bake target. One that nothing uses warns", "named_images_take_the_place_of_the_base_and_the_builder";
    "input-metadata:" Honoured "bake `target:`", "The configuration of an image that another target built", "a_repository_and_a_bake_target_take_the_place_of_the_base";
    "input:" Honoured "bake with a remote file", "The context may come along with the build", "a_remote_bake_file_sends_its_context_as_an_input";
    "target" Honoured "`--target`", "`image`, `test`, `builder`, `rootfs`, `files`, `sbom`, `report`; another is an error that lists them", "every_target_comes_out_by_itself";
    "build-arg:" Honoured "`--build-arg`", "Arguments under `args`; another one warns", "undeclared_build_arguments_warn";
    "build-arg:http_proxy" Honoured "proxy arguments, in either case", "Fetch steps only, outside the cache key", "a_proxy_reaches_fetch_steps_only";
    "build-arg:SOURCE_DATE_EPOCH" Honoured "`SOURCE_DATE_EPOCH`", "A number of seconds, or `context` for the time of the commit, of the download or of the newest file in the archive that is the context: the time of everything in the image. A directory has none, which warns", "the_epoch_is_that_of_a_commit_a_download_or_an_archive";
    "build-arg:BUILDKIT_SYNTAX" Honoured "`BUILDKIT_SYNTAX`", "Read by the client", "options_that_others_read_change_nothing";
    "build-arg:BUILDKIT_CACHE_MOUNT_NS" Honoured "`BUILDKIT_CACHE_MOUNT_NS`", "Goes before the names of caches", "limits_hosts_and_caches_reach_the_steps";
    "build-arg:BUILDKIT_MULTI_PLATFORM" Honoured "`BUILDKIT_MULTI_PLATFORM`", "A map of platforms even for one", "several_platforms_are_asked_for_in_so_many_words";
    "build-arg:BUILDKIT_CONTEXT_KEEP_GIT_DIR" Honoured "`BUILDKIT_CONTEXT_KEEP_GIT_DIR`", "A git context keeps `.git`", "a_step_sees_the_git_directory_of_a_repository_on_request_only";
    "build-arg:BUILDKIT_INLINE_CACHE" Honoured "`BUILDKIT_INLINE_CACHE`", "Read by the client", "options_that_others_read_change_nothing";
    "build-arg:BUILDKIT_BUILD_NAME" Honoured "`BUILDKIT_BUILD_NAME`", "Read by the daemon", "options_that_others_read_change_nothing";
    "build-arg:BUILDKIT_SANDBOX_HOSTNAME" Honoured "`BUILDKIT_SANDBOX_HOSTNAME`", "The steps' host name", "limits_hosts_and_caches_reach_the_steps";
    "build-arg:BUILDKIT_ATTEST_SBOM" Honoured "`BUILDKIT_ATTEST_SBOM`", "As `attest:sbom`", "other_outputs_have_it_on_request_only";
    "build-arg:BUILDKIT_ATTEST_PROVENANCE" Honoured "`BUILDKIT_ATTEST_PROVENANCE`", "Read by the daemon", "options_that_others_read_change_nothing";
    "build-arg:BUILDKIT_SBOM_SCAN_CONTEXT" Warned "`BUILDKIT_SBOM_SCAN_CONTEXT`", "the bill of materials lists what ships, and no scanner looks at the context", "what_is_not_obeyed_is_told_of_by_name";
    "build-arg:BUILDKIT_SBOM_SCAN_STAGE" Warned "`BUILDKIT_SBOM_SCAN_STAGE`", "the bill of materials lists what ships, and no scanner looks at builders", "what_is_not_obeyed_is_told_of_by_name";
    "build-arg:BUILDKIT_DOCKERFILE_CHECK" Warned "`BUILDKIT_DOCKERFILE_CHECK`", "the argument is called COFFERDAM_CHECK here", "checks_are_skipped_and_made_errors_by_name";
    "build-arg:BUILDKIT_GIT_ADVICE" Warned "`BUILDKIT_GIT_ADVICE`", "git's advice is not passed on", "what_is_not_obeyed_is_told_of_by_name";
    "build-arg:BUILDKIT_INLINE_BUILDINFO_ATTRS" Warned "`BUILDKIT_INLINE_BUILDINFO_ATTRS`", "BuildKit has no build information any more; provenance took its place", "what_is_not_obeyed_is_told_of_by_name";
    "build-arg:BUILDKIT_DISABLE_FILEOP" Refused "`BUILDKIT_DISABLE_FILEOP`", "BuildKit itself no longer has it", "what_is_not_obeyed_is_told_of_by_name";
    "override-copy-image" Refused "API", "BuildKit itself no longer has it", "what_is_not_obeyed_is_told_of_by_name";
    "label:" Honoured "`--label`", "Labels of the configuration; they win over the manifest's", "a_label_and_a_revision_reach_the_configuration";
    "platform" Honoured "`--platform`", "Cross-compiles without emulation", "go_compiles_for_another_architecture";
    "multi-platform" Honoured "buildx", "A map of platforms even for one; `false` with several is an error", "several_platforms_are_asked_for_in_so_many_words";
    "no-cache" Honoured "`--no-cache`, `--no-cache-filter`", "Everything, or `fetch`, `compile`, `builder`, `final`", "no_cache_by_stage_runs_that_stage_again";
    "image-resolve-mode" Honoured "`--pull`", "`default`, `pull`, `local`, for every image; another is an error", "images_are_resolved_in_the_mode_that_is_asked_for";
    "add-hosts" Honoured "`--add-host`", "The steps' hosts file", "limits_hosts_and_caches_reach_the_steps";
    "force-network-mode" Honoured "`--network`", "`none` is an error where something must be fetched; `host` is refused", "the_network_is_none_or_the_steps_own";
    "shm-size" Honoured "`--shm-size`", "The size of `/dev/shm`", "limits_hosts_and_caches_reach_the_steps";
    "ulimit" Honoured "`--ulimit`", "The steps' limits", "limits_hosts_and_caches_reach_the_steps";
    "cgroup-parent" Honoured "`--cgroup-parent`", "The steps' control group", "steps_run_within_the_resources_that_were_asked_for";
    "memory" Honoured "`--resource memory=`", "The steps' limits", "steps_run_within_the_resources_that_were_asked_for";
    "memswap" Honoured "`--resource memswap=`", "The steps' limits", "steps_run_within_the_resources_that_were_asked_for";
    "cpushares" Honoured "`--resource cpushares=`", "The steps' limits", "steps_run_within_the_resources_that_were_asked_for";
    "cpuperiod" Honoured "`--resource cpuperiod=`", "The steps' limits", "steps_run_within_the_resources_that_were_asked_for";
    "cpuquota" Honoured "`--resource cpuquota=`", "The steps' limits", "steps_run_within_the_resources_that_were_asked_for";
    "cpusetcpus" Honoured "`--resource cpusetcpus=`", "The steps' limits", "steps_run_within_the_resources_that_were_asked_for";
    "cpusetmems" Honoured "`--resource cpusetmems=`", "The steps' limits", "steps_run_within_the_resources_that_were_asked_for";
    "hostname" Honoured "API", "The steps' host name", "limits_hosts_and_caches_reach_the_steps";
    "cache-imports" Honoured "`--cache-from`", "Looked up with every step", "a_fresh_daemon_compiles_an_edit_without_fetching";
    "cache-from" Honoured "API, old form", "Looked up with every step", "the_old_form_of_cache_imports_is_read";
    "attest:sbom" Honoured "`--sbom`", "The bill of materials goes with every output. A scanner (`generator=`, with its parameters) adds its own beside it: it sees the finished image, and has no network", "a_scanner_of_the_users_adds_what_it_finds_and_changes_nothing";
    "attest:provenance" Honoured "`--provenance`", "Made by the daemon; names this frontend by digest", "provenance_names_the_frontend_by_digest_and_whatever_takes_its_place";
    "requestid" Honoured "`--call`, `--check`", "lint, outline, targets, subrequests.describe, convertllb; cofferdam.schema, .plan, .graph", "questions_have_answers_in_text_and_json";
    "frontend.caps" Honoured "buildx", "Checked by the daemon", "options_that_others_read_change_nothing";
    "vcs:" Honoured "buildx", "Labels and annotations of source, unless that is a local path, and revision", "a_label_and_a_revision_reach_the_configuration";
};

/// What is no option of the frontend but of the clients and daemons around it, what it is here, and the test.
#[cfg(test)]
static FEATURES: &[(&str, &str, &str)] = &[
    (
        "`.dockerignore`, `<file>.dockerignore`",
        "Leaves files out of the context",
        "ignore_files_leave_files_out",
    ),
    (
        "`--output`: oci, docker, local, tar, cacheonly",
        "The same image, or its files",
        "every_exporter_gives_the_program_and_the_report",
    ),
    (
        "`--push`, `--output type=image`",
        "With a bill of materials",
        "go_modules_and_the_base_are_listed_without_a_flag",
    ),
    (
        "`--metadata-file`",
        "Holds our report as `frontend.cofferdam.report`",
        "every_exporter_gives_the_program_and_the_report",
    ),
    (
        "`--annotation` on manifests, indexes, descriptors",
        "Beside ours, which name the base",
        "annotations_reach_every_level_and_leave_ours_alone",
    ),
    ("`--secret`", "Fetch steps only", "a_private_module_is_fetched_and_the_password_is_nowhere"),
    (
        "`--ssh`",
        "Fetch steps only, whose hosts must have a known key, and contexts, which warn without one",
        "a_private_module_is_fetched_over_ssh_from_a_host_whose_key_is_known",
    ),
    (
        "`--progress`",
        "A name for each step, with its platform",
        "names_say_what_is_done_where_and_for_which_platform",
    ),
    (
        "bake: `matrix`, `inherits`, `target:`",
        "Every service of a repository from one manifest",
        "bake_builds_every_service_on_a_base_that_another_target_made",
    ),
    ("compose: `build`", "As bake", "compose_builds_every_service"),
    (
        "`--cache-to` with `mode=max`, another daemon",
        "Dependencies are layers: nothing is fetched again",
        "a_fresh_daemon_compiles_an_edit_without_fetching",
    ),
    (
        "a new release of the frontend",
        "Nothing is fetched or compiled again",
        "a_new_release_of_the_frontend_neither_fetches_nor_compiles_again",
    ),
    ("cosign", "Signs and verifies by digest", "a_signed_image_verifies_and_no_other"),
    (
        "attaching to a container without a shell",
        "From a container beside it",
        "a_container_beside_it_sees_a_running_image_without_a_shell",
    ),
    (
        "BuildKit 0.20",
        "The same image to the digest; what is lacking warns",
        "a_service_is_the_same_image_as_from_the_newest_and_runs",
    ),
    (
        "a daemon without MergeOp",
        "Layers are copied one onto the other; warns `flattened`",
        "a_daemon_without_merge_gets_copies_and_a_warning",
    ),
];

/// The page of all options.
#[cfg(test)]
fn page() -> String {
    use std::fmt::Write as _;
    let mut text = String::from(
        "# What clients may say to the frontend\n\n\
         <!-- Made from the table in src/gateway/parity.rs; `COFFERDAM_UPDATE=1 cargo test` writes it anew. -->\n\n\
         Every option that a Dockerfile frontend knows, what it does here, and the test that shows it.\n\n\
         | option | said by | here | test |\n|---|---|---|---|\n",
    );
    for row in ROWS {
        let standing = match row.standing {
            Standing::Honoured => "",
            Standing::Warned => "warns: ",
            Standing::Refused => "refused: ",
        };
        let star = if row.key.ends_with(':') { "…" } else { "" };
        let _ = writeln!(
            text,
            "| `{}{star}` | {} | {standing}{} | `{}` |",
            row.key, row.said, row.here, row.test
        );
    }
    text.push_str("\n## Around the frontend\n\n| feature | here | test |\n|---|---|---|\n");
    for (feature, here, test) in FEATURES {
        let _ = writeln!(text, "| {feature} | {here} | `{test}` |");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::{Path, PathBuf};

    fn sources(directory: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }

    #[test]
    fn every_option_has_a_test_that_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        ["src", "tests"].iter().for_each(|below| sources(&root.join(below), &mut files));
        let code: String = files.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
        let rows = ROWS.iter().map(|row| (row.key, row.test));
        for (row, test) in rows.chain(FEATURES.iter().map(|(feature, _, test)| (*feature, *test))) {
            assert!(code.contains(&format!("fn {test}(")), "{row}: there is no test {test}");
        }
    }

    #[test]
    fn the_page_in_the_repository_is_fresh() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/frontend.md");
        // A test may read the environment: it is an edge of its own.
        #[allow(clippy::disallowed_methods)]
        if std::env::var("COFFERDAM_UPDATE").is_ok() {
            fs::write(&path, page()).unwrap();
        }
        let written = fs::read_to_string(&path).unwrap_or_default();
        assert!(written == page(), "docs/frontend.md is stale: run COFFERDAM_UPDATE=1 cargo test");
    }
}
