//! Every rule, kept and broken.

use super::*;
use crate::step::{BaseImage, Process};
use crate::tree::elf::fixture::Fixture;
use crate::tree::memory::Memory;

const LOADER: &str = "lib64/ld-linux-x86-64.so.2";

pub(super) fn request(argv: &[&str]) -> InspectRequest {
    InspectRequest {
        platform: "linux/amd64".to_owned(),
        uid: 65532,
        gid: 65532,
        workdir: "/app".to_owned(),
        env: std::collections::BTreeMap::new(),
        processes: vec![Process {
            name: "web".to_owned(),
            argv: argv.iter().map(|&word| word.to_owned()).collect(),
        }],
        base: BaseImage { name: "scratch".to_owned(), digest: None },
        extended: Vec::new(),
        sbom: None,
    }
}

/// The report of an image on a base.
pub(super) fn proved(image: &Memory, base: &Memory, request: &InspectRequest) -> Report {
    let (image, base) = (Index::of(image).unwrap(), Index::of(base).unwrap());
    inspect(&image, &Files::read(&image, &base).unwrap(), &base, request).unwrap()
}

/// What is found, as `rule path: message`.
pub(super) fn found(tree: &Memory, request: &InspectRequest) -> Vec<String> {
    let report = proved(tree, &Memory::new(), request);
    report.findings.iter().map(|f| format!("{} {}: {}", f.rule, f.path, f.message)).collect()
}

/// An image with a static program, which keeps every rule.
pub(super) fn good() -> Memory {
    Memory::new().file("app/server", 0o755, &Fixture::program().bytes()).directory("tmp", 0o1777)
}

fn glibc(tree: Memory, versions: &[&str]) -> Memory {
    let libc = Fixture::library().soname("libc.so.6").has_versions(versions);
    tree.file("usr/lib/x86_64-linux-gnu/ld.so", 0o755, &Fixture::library().bytes())
        .link(LOADER, "/lib/x86_64-linux-gnu/ld.so")
        .link("lib", "usr/lib")
        .file("usr/lib/x86_64-linux-gnu/libc.so.6", 0o644, &libc.bytes())
}

/// The one finding for the entrypoint `word`, without its common beginning.
fn entrypoint(tree: &Memory, word: &str) -> String {
    let found = found(tree, &request(&[word]));
    assert_eq!(found.len(), 1, "{found:?}");
    let beginning = format!("the process `web` cannot start `{word}`: ");
    let (_, problem) = found[0].split_once(&beginning).unwrap_or_else(|| panic!("{found:?}"));
    problem.to_owned()
}

#[test]
fn a_good_image_breaks_nothing_and_every_output_rule_was_examined() {
    let report = proved(&good(), &Memory::new(), &request(&["/app/server", "--port", "80"]));
    assert_eq!((report.findings, report.notes), (vec![], vec![]));
    let of_output = rule::all().iter().filter(|rule| rule.proof == rule::Proof::Output);
    let halves = std::iter::once(rule::MERGE_SHADOWS_BASE.name);
    assert_eq!(report.examined, halves.chain(of_output.map(|rule| rule.name)).collect::<Vec<_>>());
    assert_eq!((report.summary.files, report.summary.binaries), (1, 1));
}

#[test]
fn shells_are_found_by_name_by_link_and_by_content() {
    let busybox =
        [Fixture::program().bytes(), b"...BusyBox is a multi-call binary that...".to_vec()].concat();
    let tree = good()
        .file("opt/tool", 0o755, &busybox)
        .link("bin/sh", "/opt/tool")
        .link("bin/zsh", "gone")
        .file("opt/bin/bash", 0o755, b"#!/x")
        .file("usr/bin/dash", 0o755, b"anything")
        .file("usr/share/doc/sh", 0o644, b"about sh")
        .file("usr/share/fish", 0o755, b"neither ELF nor script")
        .file("usr/bin/sha256sum", 0o755, b"#!/x");
    assert_eq!(
        found(&tree, &request(&["/app/server"])),
        [
            "final-shell /bin/sh: `/bin/sh` is a link to a shell or has a shell's name (`/opt/tool`)",
            "final-shell /opt/bin/bash: `/opt/bin/bash` is a shell",
            "final-shell /opt/tool: `/opt/tool` is busybox under another name",
            "final-shell /usr/bin/dash: `/usr/bin/dash` is a shell",
        ]
    );
}

#[test]
fn package_managers_of_distributions_and_languages_are_found() {
    let tree = good()
        .file("usr/bin/apt-get", 0o755, b"#!/x")
        .file("usr/lib/node_modules/npm/bin/npm-cli.js", 0o755, b"#!/usr/bin/env node")
        .link("usr/bin/npm", "../lib/node_modules/npm/bin/npm-cli.js")
        .file("venv/bin/pip3.12", 0o755, b"#!/x")
        .file("usr/share/apt", 0o644, b"");
    let found = found(&tree, &request(&["/app/server"]));
    let paths: Vec<&str> = found.iter().map(|line| line.split_once(": ").unwrap().0).collect();
    assert_eq!(
        paths,
        [
            "final-package-manager /usr/bin/apt-get",
            "final-package-manager /usr/bin/npm",
            "final-package-manager /usr/lib/node_modules/npm/bin/npm-cli.js",
            "final-package-manager /venv/bin/pip3.12",
        ]
    );
    assert!(
        found[1].ends_with(
            "(a link to `/usr/lib/node_modules/npm/bin/npm-cli.js`) is a language's package manager"
        )
    );
}

#[test]
fn privileges_are_found_on_files_but_not_on_directories() {
    let tree = good()
        .file("usr/bin/su", 0o4755, b"x")
        .file("usr/bin/wall", 0o2755, b"x")
        .file("usr/bin/ping", 0o755, b"x")
        .capability("usr/bin/ping")
        .directory("var/mail", 0o2775);
    assert_eq!(
        found(&tree, &request(&["/app/server"])),
        [
            "final-setuid /usr/bin/ping: `/usr/bin/ping` has file capabilities (mode 0755, owner 0:0)",
            "final-setuid /usr/bin/su: `/usr/bin/su` has the setuid bit (mode 4755, owner 0:0)",
            "final-setuid /usr/bin/wall: `/usr/bin/wall` has the setgid bit (mode 2755, owner 0:0)",
        ]
    );
}

#[test]
fn an_entrypoint_must_be_there() {
    let tree = good().link("app/link", "nowhere").link("app/loop", "loop");
    assert_eq!(entrypoint(&tree, "/app/serve"), "`/app/serve` is not there");
    assert_eq!(
        entrypoint(&tree, "link"),
        "none of the directories in PATH has it (/usr/local/sbin, \
        /usr/local/bin, /usr/sbin, /usr/bin, /sbin, /bin)"
    );
    assert_eq!(
        entrypoint(&tree, "./link"),
        "the link `/app/link` leads to `/app/nowhere`, which is not there"
    );
    assert_eq!(entrypoint(&tree, "./loop"), "the link `/app/loop` leads round in circles");
    assert_eq!(entrypoint(&tree, "/app"), "`/app` is a directory");
    assert_eq!(proved(&tree, &Memory::new(), &request(&["sh"])).findings[0].path, "/");
    let help = |word| proved(&tree, &Memory::new(), &request(&[word])).findings[0].help.clone();
    assert_eq!(help("/app/sever"), "did you mean `/app/server`?");
    assert_eq!(help("server"), "the image has `/app/server`: name it with its whole path");
    assert!(help("sh").starts_with("the image has no shell"));
    assert!(help("npm").starts_with("the image has no package manager"));
    assert!(found(&tree, &request(&[]))[0].ends_with("the process `web` says nothing to start"));
}

#[test]
fn a_bare_name_is_searched_in_the_images_path() {
    let mut request = request(&["server"]);
    request.env.insert("PATH".to_owned(), "/bin:.".to_owned());
    assert_eq!(found(&good(), &request), Vec::<String>::new());
    let twice = good().file("bin/server", 0o644, b"");
    assert_eq!(found(&twice, &request), Vec::<String>::new(), "what is not executable is passed over");
}

#[test]
fn an_entrypoint_must_be_executable_for_the_user() {
    let tree = good()
        .file("app/plain", 0o644, &Fixture::program().bytes())
        .file("app/mine", 0o700, &Fixture::program().bytes())
        .file("home/x", 0o755, &Fixture::program().bytes())
        .directory("home", 0o700);
    assert_eq!(
        entrypoint(&tree, "/app/plain"),
        "`/app/plain` is not executable for the user 65532:65532 (mode 0644)"
    );
    assert!(entrypoint(&tree, "/app/mine").contains("not executable for the user"));
    assert_eq!(entrypoint(&tree, "/home/x"), "the user 65532:65532 may not enter `/home` (mode 0700)");
}

#[test]
fn an_entrypoint_must_be_a_program_for_the_platform() {
    let tree = good()
        .file("arm", 0o755, &Fixture::program().machine(183).bytes())
        .file("lib.so", 0o755, &Fixture::library().bytes())
        .file("empty", 0o755, b"")
        .file("archive", 0o755, b"!<arch>\n")
        .file("text", 0o755, b"echo hello")
        .file("broken", 0o755, b"\x7fELF")
        .file("mac", 0o755, b"\xcf\xfa\xed\xfe\x07");
    for (word, problem) in [
        ("/arm", "`/arm` is made for arm64, the image for linux/amd64 (amd64)"),
        ("/lib.so", "`/lib.so` is a shared library, not a program"),
        ("/empty", "`/empty` is empty"),
        ("/archive", "`/archive` is an archive of object files, not a program"),
        ("/text", "`/text` is neither an ELF program nor a script that begins with `#!`"),
        ("/broken", "`/broken` is a damaged ELF file: its class is neither 32 nor 64 bit"),
        ("/mac", "`/mac` is a program for another operating system"),
    ] {
        assert_eq!(entrypoint(&tree, word), problem);
    }
}

#[test]
fn a_program_must_find_its_loader() {
    let program = Fixture::glibc_program().needs("libc.so.6").bytes();
    let tree = Memory::new().file("app/server", 0o755, &program);
    let report = proved(&tree, &Memory::new(), &request(&["/app/server"]));
    let told: Vec<(&str, &str)> = report.findings.iter().map(|f| (&*f.rule, &*f.message)).collect();
    assert_eq!(
        told,
        [
            (
                "entrypoint-unresolvable",
                "the process `web` cannot start `/app/server`: `/app/server` is dynamically linked and its \
                 loader `/lib64/ld-linux-x86-64.so.2` is not in the image"
            ),
            ("missing-library", "`/app/server` needs `libc.so.6`, which the image does not have"),
        ]
    );
    assert!(report.findings[0].help.contains("the base `scratch` has no C library"));
    let other = good().file("app/other", 0o755, &Fixture::glibc_program().bytes());
    assert_eq!(
        found(&other, &request(&["/app/server"])),
        [
            "missing-library /app/other: `/app/other` needs the loader `/lib64/ld-linux-x86-64.so.2`, which the \
          image does not have"
        ]
    );
}

#[test]
fn scripts_need_their_interpreter() {
    let mut request = request(&["/app/run"]);
    request.env.insert("PATH".to_owned(), "/usr/bin".to_owned());
    let with = |line: &[u8]| good().file("app/run", 0o755, line);
    let told = |tree: &Memory| found(tree, &request).join("\n");
    assert!(
        told(&with(b"#!/bin/sh\nexit"))
            .contains("the script `/app/run` needs `/bin/sh`: `/bin/sh` is not there")
    );
    assert!(told(&with(b"#!/bin/sh\r\n")).contains("ends with a carriage return"));
    assert!(told(&with(b"#!\n")).contains("names no interpreter"));
    assert!(told(&with(b"#! /app/run\n")).contains("too many scripts"));
    assert!(told(&with(b"#!server\n")).is_empty(), "found in the working directory");
    let python = Fixture::program().bytes();
    let with_env = |line: &[u8]| with(line).file("usr/bin/env", 0o755, &python);
    assert!(
        told(&with_env(b"#!/usr/bin/env -S A=b python3 -u\n"))
            .contains("needs `python3`: none of the directories")
    );
    assert_eq!(told(&with_env(b"#!/usr/bin/env python3\n").file("usr/bin/python3", 0o755, &python)), "");
}

#[test]
fn libraries_are_searched_where_the_loader_searches() {
    let program = |fixture: Fixture| glibc(Memory::new(), &[]).file("app/server", 0o755, &fixture.bytes());
    let request = request(&["/app/server"]);
    let library = Fixture::library().soname("libx.so.1").bytes();
    let plain = program(Fixture::glibc_program().needs("libc.so.6").needs("libx.so.1"));
    assert_eq!(
        found(&plain, &request),
        ["missing-library /app/server: `/app/server` needs `libx.so.1`, which the image does not have"]
    );
    let elsewhere =
        program(Fixture::glibc_program().needs("libx.so.1")).file("app/libx.so.1", 0o644, &library);
    assert_eq!(found(&elsewhere, &request).len(), 1, "the program's own directory is not searched");
    for fixture in [
        Fixture::glibc_program().needs("libx.so.1").runpath("$ORIGIN/../app"),
        Fixture::glibc_program().needs("libx.so.1").rpath("/nowhere:${ORIGIN}"),
        Fixture::glibc_program().needs("/app/libx.so.1"),
    ] {
        let tree = program(fixture).file("app/libx.so.1", 0o644, &library);
        assert_eq!(found(&tree, &request), Vec::<String>::new());
    }
    let mut with_environment = request.clone();
    with_environment.env.insert("LD_LIBRARY_PATH".to_owned(), "/app".to_owned());
    assert_eq!(found(&elsewhere, &with_environment), Vec::<String>::new());
    let foreign = Fixture::library().machine(183).bytes();
    let wrong =
        program(Fixture::glibc_program().needs("libx.so.1")).file("usr/lib/libx.so.1", 0o644, &foreign);
    assert_eq!(found(&wrong, &request).len(), 1, "a library for another machine does not count");
}

#[test]
fn a_driver_that_comes_with_the_start_is_not_missed() {
    let request = request(&["/app/server"]);
    let tree = |library: &str| {
        let tree = glibc(Memory::new(), &[]).file("app/server", 0o755, &Fixture::glibc_program().bytes());
        tree.file("app/kernels.so", 0o644, &Fixture::library().needs(library).bytes())
    };
    assert_eq!(found(&tree("libcuda.so.1"), &request), Vec::<String>::new());
    assert_eq!(
        found(&tree("libcudart.so.12"), &request),
        [
            "missing-library /app/kernels.so: `/app/kernels.so` needs `libcudart.so.12`, which the image does not have"
        ]
    );
}

#[test]
fn what_is_for_another_system_needs_nothing_here() {
    let request = request(&["/app/server"]);
    let program = Fixture::glibc_program().bytes();
    let tree = |addon: &[u8]| {
        let tree = glibc(Memory::new(), &[]).file("app/server", 0o755, &program);
        tree.file("app/prebuilds/addon.node", 0o644, addon)
    };
    let mut addon = Fixture::library().needs("libc++.so.1").bytes();
    assert_eq!(found(&tree(&addon), &request).len(), 1);
    // EI_OSABI: FreeBSD.
    addon[7] = 9;
    assert_eq!(found(&tree(&addon), &request), Vec::<String>::new());
}

#[test]
fn rpath_is_inherited_and_runpath_is_not() {
    let request = request(&["/app/server"]);
    let tree = |program: Fixture| {
        glibc(Memory::new(), &[])
            .file("app/server", 0o755, &program.needs("liba.so").bytes())
            .file("opt/liba.so", 0o644, &Fixture::library().needs("libb.so").bytes())
            .file("opt/libb.so", 0o644, &Fixture::library().bytes())
    };
    assert_eq!(found(&tree(Fixture::glibc_program().rpath("/opt")), &request), Vec::<String>::new());
    assert_eq!(
        found(&tree(Fixture::glibc_program().runpath("/opt")), &request),
        [
            "missing-library /opt/liba.so: `/opt/liba.so` needs `libb.so`, which the image does not have (loaded \
          by `/app/server`)"
        ]
    );
}

#[test]
fn a_library_that_is_too_old_names_both_versions() {
    let program = Fixture::glibc_program()
        .needs("libc.so.6")
        .needs_versions("libc.so.6", &["GLIBC_2.2.5", "GLIBC_2.38", "GLIBC_2.34", "GLIBC_2.37"]);
    let tree = |versions| glibc(Memory::new(), versions).file("app/server", 0o755, &program.bytes());
    let request = request(&["/app/server"]);
    let newer = ["GLIBC_2.2.5", "GLIBC_2.34", "GLIBC_2.36", "GLIBC_2.37", "GLIBC_2.38"];
    assert_eq!(found(&tree(&newer), &request), Vec::<String>::new());
    assert_eq!(
        found(&tree(&newer[..3]), &request),
        ["missing-library /app/server: `/app/server` needs the version `GLIBC_2.38` of `libc.so.6`, but \
          `/usr/lib/x86_64-linux-gnu/libc.so.6` of the image ends with `GLIBC_2.36`"]
    );
    assert_eq!(found(&tree(&[]), &request), Vec::<String>::new(), "a library without versions fits all");
}

#[test]
fn musl_has_its_own_ways() {
    let program = Fixture::library()
        .interpreter("/lib/ld-musl-x86_64.so.1")
        .needs("libc.musl-x86_64.so.1")
        .needs("liba.so")
        .needs_versions("liba.so", &["A_1"]);
    let tree = Memory::new()
        .file("app/server", 0o755, &program.bytes())
        .file("lib/ld-musl-x86_64.so.1", 0o755, &Fixture::library().bytes())
        .file("usr/local/lib/liba.so", 0o644, &Fixture::library().has_versions(&["B_1"]).bytes());
    assert_eq!(found(&tree, &request(&["/app/server"])), Vec::<String>::new());
    let moved = tree.file("etc/ld-musl-x86_64.path", 0o644, b"/lib\n/usr/lib\n");
    assert_eq!(found(&moved, &request(&["/app/server"])).len(), 1, "the path file replaces the defaults");
}

#[test]
fn plugins_are_examined_but_their_hosts_may_help() {
    let plugin = Fixture::library().needs("libhost.so").needs("libgone.so.3").bytes();
    let tree = glibc(good(), &[]).file("opt/plugins/p.so", 0o644, &plugin).file(
        "opt/jvm/server/libhost.so",
        0o644,
        &Fixture::library().bytes(),
    );
    let report = proved(&tree, &Memory::new(), &request(&["/app/server"]));
    assert_eq!(report.findings.len(), 1, "{:?}", report.findings);
    assert_eq!(
        report.findings[0].message,
        "`/opt/plugins/p.so` needs `libgone.so.3`, which the image does not have"
    );
    assert!(report.findings[0].help.contains("`libgone3`"));
}

#[test]
fn hostile_files_end_in_notes_and_hostile_links_in_nothing() {
    let circle = Fixture::library().soname("a.so").needs("b.so").runpath("/opt").bytes();
    let back = Fixture::library().soname("b.so").needs("a.so").runpath("/opt").bytes();
    let tree = good()
        .file("opt/a.so", 0o755, &circle)
        .file("opt/b.so", 0o755, &back)
        .file(b"opt/\xff.so", 0o755, b"\x7fELF\x02\x01")
        .file("opt/zero", 0o755, b"")
        .link("opt/up", "/..")
        .link("opt/self", "self")
        .link("bin/sh", "/bin/sh");
    let report = proved(&tree, &Memory::new(), &request(&["/app/server"]));
    assert_eq!(report.findings, []);
    assert_eq!(report.notes.len(), 1);
    assert_eq!(report.notes[0].path, "/opt/\\xff.so");
}

#[test]
fn a_thousand_breaches_are_told_in_few_words() {
    let tree = (0..1000).fold(good(), |tree, n| tree.file(format!("s/{n:04}"), 0o4755, b"x"));
    let report = proved(&tree, &Memory::new(), &request(&["/app/server"]));
    assert_eq!(report.findings.len(), 201);
    assert_eq!(report.findings[200].message, "800 more files of the image break the same rule");
}

#[test]
fn what_a_layer_makes_of_the_base_is_told() {
    let base =
        || glibc(Memory::new(), &[]).directory("tmp", 0o1777).file("etc/ssl/bundle.crt", 0o644, b"base");
    let shadows = |image: Memory| {
        let report = proved(&image, &base(), &request(&["/app/server"]));
        let of_rule = report.findings.into_iter().filter(|finding| finding.rule == "merge-shadows-base");
        of_rule.map(|finding| finding.message).collect::<Vec<_>>()
    };
    let program = Fixture::program().bytes();
    assert_eq!(shadows(base().file("app/server", 0o755, &program)), Vec::<String>::new());
    assert_eq!(shadows(base().file("etc/ssl/bundle.crt", 0o644, b"more")), Vec::<String>::new());
    let lost = shadows(base().directory("tmp", 0o755));
    assert_eq!(
        lost,
        ["`/tmp` is a directory of the base with mode 1777, owner 0:0, and here with mode 0755, owner 0:0"]
    );
    let real = shadows(base().directory("lib", 0o755));
    assert_eq!(real, ["`/lib` is a symbolic link in the base, and here a directory"]);
    let moved = shadows(base().link("lib", "elsewhere"));
    assert_eq!(moved, ["`/lib` leads to `usr/lib` in the base, and here to `elsewhere`"]);
}

#[test]
fn a_file_in_the_place_of_the_bases_is_told_unless_the_manifest_extends_it() {
    let base = || good().file("etc/app.conf", 0o644, b"base").file("etc/ssl/bundle.crt", 0o644, b"base");
    let replaced = |image: Memory| {
        let request =
            InspectRequest { extended: vec!["/etc/ssl/bundle.crt".to_owned()], ..request(&["/app/server"]) };
        let report = proved(&image, &base(), &request);
        report
            .findings
            .into_iter()
            .map(|finding| format!("{}: {}", finding.rule, finding.message))
            .collect::<Vec<_>>()
    };
    assert_eq!(replaced(base().file("etc/own.conf", 0o644, b"new")), Vec::<String>::new());
    assert_eq!(replaced(base().file("etc/ssl/bundle.crt", 0o644, b"base and more")), Vec::<String>::new());
    for (mode, content, what) in [(0o644, b"else", "content"), (0o600, b"base", "mode")] {
        let found = replaced(base().file("etc/app.conf", mode, content));
        let told = format!("`/etc/app.conf` is a file of the base, and has another {what} here");
        assert_eq!(found, [format!("base-file-replaced: {told}")]);
    }
}
