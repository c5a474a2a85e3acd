//! Looking into what has no shell: the builder by itself, and a running image from beside it.

use crate::support::{Build, Context, Service, run};

#[test]
fn the_builder_has_a_shell_and_everything_in_its_place() {
    let context = Context::example("go-service");
    let builder = Build::of(&context).flag("--target=builder").push();
    let look = "test -x /out/world-clock && go version -m /out/world-clock && ls /src/handler.go /go/pkg/mod/github.com";
    let said = run(&builder.reference, &["--network", "none"], &["sh", "-ec", look]);
    for found in ["go-chi/chi", "/src/handler.go", "google"] {
        assert!(said.contains(found), "no {found}:\n{said}");
    }
}

#[test]
fn a_container_beside_it_sees_a_running_image_without_a_shell() {
    let context = Context::example("go-service");
    let image = Build::of(&context).push();
    let port = Service::free_port();
    let listen = format!("-listen=127.0.0.1:{port}");
    let service = Service::start("debugged", port, &image.reference, &[], &[&listen]);
    let beside = ["--join", "debugged", "--user", "65532:65532"];
    let look = "ls -l /proc/1/root/app && tr '\\0' ' ' </proc/1/cmdline && test ! -e /proc/1/root/bin/sh";
    let said = run("library/debian:trixie-slim", &beside, &["sh", "-ec", look]);
    for found in ["world-clock", &*listen] {
        assert!(said.contains(found), "no {found}:\n{said}");
    }
    drop(service);
}
