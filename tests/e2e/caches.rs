//! What need not be done again: by a daemon that knows nothing but a registry's cache, and after a new release of ours.

use crate::support::{AS_JSON, Build, Context, Daemon, Process, cached, lab, new_word, said};

#[test]
fn a_fresh_daemon_compiles_an_edit_without_fetching() {
    edited_on_a_fresh_daemon(Context::example("rust-service"), "src/main.rs", "fetch crates");
    // By this flag, Go names the packages that it compiles, but not those that its cache has.
    let telling = "build: {env: {GOFLAGS: -mod=readonly -v}}\nruntime:\n";
    let context = Context::example("go-service").replacing("cofferdam.yaml", "runtime:\n", telling);
    let log = edited_on_a_fresh_daemon(context, "main.go", "fetch Go modules");
    assert_eq!(said(&log, "compile . for"), "example.com/world-clock\n", "{log}");
}

/// Builds an application, then an edit of it on a daemon that has nothing but the registry's cache; returns the log.
fn edited_on_a_fresh_daemon(context: Context, edit: &str, fetch: &str) -> String {
    let reference = lab().reference("e2e/cache:1");
    let cacheonly = ["--output=type=cacheonly".to_owned()];
    Build::of(&context)
        .flag(format!("--cache-to=type=registry,ref={reference},mode=max"))
        .succeed(&cacheonly);
    Daemon::Fresh.with_an_empty_cache();
    let log = Build::of(&context.appending(edit, "\n// An edit.\n"))
        .on(Daemon::Fresh)
        .flag(AS_JSON)
        .flag(format!("--cache-from=type=registry,ref={reference}"))
        .succeed(&cacheonly);
    assert!(cached(&log, fetch), "packages were fetched again:\n{log}");
    assert!(cached(&log, "compile dependencies"), "dependencies were compiled again:\n{log}");
    assert!(!cached(&log, "[final] inspect the image"), "an imported cache vouches for no rule:\n{log}");
    log
}

#[test]
fn a_go_program_that_imports_more_keeps_what_was_compiled() {
    // No earlier run may have filled this module's caches.
    let now = new_word();
    let manifest =
        "# syntax=ghcr.io/cofferdam/cofferdam:1\nname: a\nlanguage: go\nbuild: {env: {GOFLAGS: -v}}\n";
    let main = "package main\n\nimport \"example.com/a/in\"\n\nfunc main() { println(in.Zero) }\n";
    let context = Context::of("imports", &[("cofferdam.yaml", manifest), ("main.go", main)])
        .with("go.mod", format!("module example.com/a{now}\n\ngo 1.26\n"))
        .replacing("main.go", "example.com/a", &format!("example.com/a{now}"))
        .with("in/in.go", "package in\n\nvar Zero = 0\n");
    let build =
        |context: &Context| Build::of(context).flag(AS_JSON).succeed(&["--output=type=cacheonly".to_owned()]);
    let compiled = said(&build(&context), "compile . for");
    assert_eq!(compiled, format!("example.com/a{now}/in\nexample.com/a{now}\n"));
    let context = context.replacing("main.go", "import ", "import _ \"container/ring\"\nimport ");
    let log = build(&context);
    assert_eq!(said(&log, "compile dependencies for"), "container/ring\n", "{log}");
    assert_eq!(said(&log, "compile . for"), format!("example.com/a{now}\n"), "{log}");
    let context = context.appending("main.go", "\n// An edit.\n").appending("go.mod", "\n// An edit.\n");
    let log = build(&context);
    assert_eq!(said(&log, "compile dependencies for"), "", "{log}");
    assert_eq!(said(&log, "compile . for"), format!("example.com/a{now}\n"), "{log}");
}

/// The frontend with other bytes, as a new release has them; returns the name that manifests know it by.
fn next_release() -> &'static str {
    let directory = Context::empty("release");
    let script = "crane --insecure export \"$1\" - | tar -x cofferdam && echo next >> cofferdam && chmod 755 cofferdam \
         && tar -cf layer.tar cofferdam && crane --insecure append -b \"$1\" -f layer.tar -t \"$2\"";
    let names = ["cofferdam/cofferdam:1", "cofferdam/cofferdam:next"].map(|name| lab().reference(name));
    Process::new("sh").args(["-ec", script, "sh"]).args(names).directory(directory.path()).stdout();
    "ghcr.io/cofferdam/cofferdam:next"
}

#[test]
fn a_new_release_of_the_frontend_neither_fetches_nor_compiles_again() {
    let next = next_release();
    let cacheonly = ["--output=type=cacheonly".to_owned()];
    // A program that no build had before: what comes before it must be there, however much the daemon has forgotten.
    let context = Context::example("go-service").appending("main.go", &format!("\n// {}\n", new_word()));
    Build::of(&context).succeed(&cacheonly);
    let context = context.replacing("cofferdam.yaml", "ghcr.io/cofferdam/cofferdam:1", next);
    let log = Build::of(&context).flag(AS_JSON).succeed(&cacheonly);
    assert!(log.contains("cofferdam:next@sha256:"), "the other frontend was used:\n{log}");
    assert!(cached(&log, "fetch Go modules"), "{log}");
    assert!(cached(&log, "compile . for"), "{log}");
    assert!(!cached(&log, "[final] inspect the image"), "the other frontend proves for itself:\n{log}");
}
