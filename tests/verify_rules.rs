//! Network, secrets, caches, sources and the image's configuration: a graph that breaks each rule.

mod verify_graph;

use cofferdam::contract::User;
use cofferdam::wire::pb;
use serde_json::json;
use verify_graph::Build;
use verify_graph::fixtures::{self};
use verify_graph::mutate::{breaks, breaks_among, move_last_before, sort};

#[test]
fn a_network_and_the_source() {
    // A compile with network.
    breaks("compile-network", Build::rust(), |build| {
        build.exec("compile", |exec| exec.network = pb::NetMode::Unset.into());
    });
    breaks("compile-network", Build::rust(), |build| {
        build.exec("run", |exec| exec.network = pb::NetMode::Unset.into());
    });
    // A fetch that sees more than manifests.
    for patterns in [
        &["."][..],
        &["src"],
        &["go.mod", "main.go"],
        &["**/go.mod"],
        &["go.mod*"],
        &["!go.mod"],
        &["go.mod/x"],
        &[""],
        &[],
        &["../go.mod"],
    ] {
        breaks("compile-network", Build::rust(), |build| {
            build.copy("manifests", |copy| {
                copy.include_patterns = patterns.iter().map(|&pattern| pattern.to_owned()).collect();
            });
        });
    }
    breaks("compile-network", Build::rust(), |build| {
        build.copy("manifests", |copy| copy.src = "/services".to_owned());
    });
    breaks("compile-network", Build::rust(), |build| {
        let context = build.find("context");
        build.draft("fetch", |draft| draft.inputs[1] = (context, 0));
    });
    breaks("compile-network", Build::rust(), |build| {
        let context = build.find("context");
        build.draft("skeleton", |draft| draft.inputs[0] = (context, 0));
    });
}

#[test]
fn manifests_that_a_compile_step_wrote() {
    // Whatever saw the source can have hidden it under any name.
    breaks("compile-network", Build::rust(), |build| {
        let run = build.find("run");
        build.draft("manifests", |draft| draft.inputs[0] = (run, 1));
        sort(build, &["run", "manifests", "skeleton", "fetch", "dependencies"]);
    });
}

#[test]
fn a_root_that_saw_the_source_gets_a_network() {
    breaks("compile-network", Build::rust(), |build| {
        let run = build.find("run");
        build.draft("fetch", |draft| draft.inputs[0] = (run, 0));
        sort(build, &["run", "fetch", "dependencies", "compile"]);
    });
}

#[test]
fn a_fetch_that_hands_its_work_tree_on() {
    breaks("compile-network", Build::rust(), |build| {
        build.mount("fetch", "/src", |mount| (mount.readonly, mount.output) = (false, 1));
        build.mount("fetch", "/usr/local/cargo/registry", |mount| mount.output = 2);
        let fetch = build.find("fetch");
        build.draft("dependencies", |draft| draft.inputs[2] = (fetch, 2));
        build.draft("compile", |draft| draft.inputs[3] = (fetch, 2));
    });
}

#[test]
fn scripts_of_fetched_packages_with_network() {
    let open =
        |build: &mut Build| build.exec("dependencies", |exec| exec.network = pb::NetMode::Unset.into());
    breaks("fetch-executes", Build::rust(), open);
    let declared = || {
        let mut build = Build::rust();
        build.contract.fetch_executes = true;
        build
    };
    let mut build = declared();
    open(&mut build);
    build.assert_clean();
    // The declaration is no leave to see a secret, or the source.
    breaks("fetch-executes", declared(), |build| {
        open(build);
        build.exec("dependencies", |exec| exec.mounts.push(fixtures::secret("/run/secrets/x", "x")));
    });
    breaks("compile-network", declared(), |build| {
        build.exec("compile", |exec| exec.network = pb::NetMode::Unset.into());
    });
}

#[test]
fn secrets_elsewhere_than_in_a_fetch() {
    breaks("secret-outside-fetch", Build::go(), |build| {
        build.exec("fetch", |exec| exec.network = pb::NetMode::None.into());
    });
    for mount in [fixtures::secret("/run/secrets/x", "x"), fixtures::ssh("/run/agent", "x")] {
        breaks("secret-outside-fetch", Build::go(), |build| {
            build.exec("compile", |exec| exec.mounts.push(mount));
        });
    }
    breaks_among("secret-outside-fetch", Build::go(), |build| {
        build.exec("compile", |exec| {
            exec.secretenv.push(pb::SecretEnv { id: "x".to_owned(), name: "X".to_owned(), optional: false });
        });
    });
}

#[test]
fn secrets_that_stay() {
    // In the root that goes on, in an output, in a cache, in the image.
    breaks("secret-outside-fetch", Build::go(), |build| {
        let fetch = build.find("fetch");
        build.draft("compile", |draft| draft.inputs[0] = (fetch, 0));
    });
    breaks("secret-outside-fetch", Build::go(), |build| {
        build.mount("fetch", "/root/.netrc", |mount| mount.dest = "/go/pkg/mod/cache/netrc".to_owned());
    });
    breaks("secret-outside-fetch", Build::go(), |build| {
        build.exec("fetch", |exec| {
            exec.mounts.push(fixtures::cache("/root", &format!("fetch-web-{}", &fixtures::GOLANG[..12])));
        });
    });
    breaks("secret-outside-fetch", Build::go(), |build| {
        let fetch = build.find("fetch");
        build.draft("stage app", |draft| draft.inputs[2] = (fetch, 1));
        build.request("request app", |request| request.seen_at = "/go/pkg/mod".to_owned());
    });
    breaks("secret-outside-fetch", Build::go(), |build| {
        let fetch = build.find("fetch");
        build.add("picked", &[(fetch, 1)], fixtures::select(&["web"]));
        move_last_before(build, "request app");
        let picked = build.find("picked");
        build.draft("stage app", |draft| draft.inputs[2] = (picked, 0));
    });
}

#[test]
fn secrets_where_the_repository_names_programs() {
    for pattern in [".cargo/config.toml", "sub/.cargo/config"] {
        breaks("secret-outside-fetch", Build::go(), |build| {
            build.copy("manifests", |copy| copy.include_patterns.push(pattern.to_owned()));
        });
        let mut without = Build::rust();
        without.copy("manifests", |copy| copy.include_patterns.push(pattern.to_owned()));
        without.assert_clean();
    }
}

#[test]
fn caches_that_others_share() {
    let cache = "/root/.cache/go-build";
    for id in
        ["", "/root/.cache/go-build", "go-build-web", "111111111111", "-/111111111111", "web-222222222222"]
    {
        breaks("shared-cache-mount", Build::go(), |build| {
            build.mount("compile", cache, |mount| mount.cache_opt.as_mut().unwrap().id = id.to_owned());
        });
    }
    breaks("shared-cache-mount", Build::go(), |build| {
        let id = format!("go-build-web-{}", &fixtures::GOLANG[..12]);
        build.exec("fetch", |exec| exec.mounts.push(fixtures::cache("/var/cache", &id)));
    });
}

#[test]
fn dependencies_that_are_listed_in_the_source() {
    // What is listed of the source shows the source, as does what is made of the list.
    for step in ["list", "dependencies"] {
        breaks("compile-network", Build::go(), |build| {
            build.exec(step, |exec| exec.network = pb::NetMode::Unset.into());
        });
        breaks("secret-outside-fetch", Build::go(), |build| {
            build.exec(step, |exec| exec.mounts.push(fixtures::secret("/root/.netrc", "netrc")));
        });
    }
    breaks_among("compile-network", Build::go(), |build| {
        let list = build.find("list");
        build.draft("fetch", |draft| draft.inputs[1] = (list, 1));
        sort(build, &["list", "fetch", "dependencies", "compile"]);
    });
    let cache = "/root/.cache/go-build";
    for id in ["go-dependencies-web", &fixtures::GOLANG[..12]] {
        breaks("shared-cache-mount", Build::go(), |build| {
            build.mount("dependencies", cache, |mount| mount.cache_opt.as_mut().unwrap().id = id.to_owned());
        });
    }
}

#[test]
fn sources_that_are_not_pinned() {
    let digest = "1".repeat(64);
    for identifier in [
        "docker-image://docker.io/library/golang:1.26".to_owned(),
        "docker-image://docker.io/library/golang:1.26@sha256:1".to_owned(),
        format!("docker-image://@sha256:{digest}"),
        "oci-layout://golang:1".to_owned(),
    ] {
        for name in ["golang", "base"] {
            breaks_among("unpinned-source", Build::go(), |build| {
                build.source(name, |source| source.identifier.clone_from(&identifier));
            });
        }
    }
    for (identifier, key, value) in [
        ("git://example.com/a.git#main", "git.fullurl", "https://example.com/a.git"),
        ("git://example.com/a.git#0123456", "git.fullurl", "https://example.com/a.git"),
        ("git://example.com/a.git", "git.checksum", "0123456"),
        ("https://example.com/a.tar", "http.filename", "a"),
        ("https://example.com/a.tar", "http.checksum", "sha256:1"),
        ("http://example.com/a.tar", "http.checksum", ""),
    ] {
        breaks("unpinned-source", Build::go(), |build| {
            build.source("context", |source| {
                source.identifier = identifier.to_owned();
                source.attrs = [(key.to_owned(), value.to_owned())].into();
            });
        });
    }
}

#[test]
fn users_that_are_names_or_root() {
    for user in
        [json!("nonroot"), json!("65532"), json!("65532:"), json!("065532:65532"), json!("+1:1"), json!("")]
    {
        breaks("user-not-numeric", Build::go(), |build| build.config["config"]["User"] = user);
    }
    breaks("user-not-numeric", Build::go(), |build| {
        build.config["config"].as_object_mut().unwrap().remove("User");
    });
    for user in ["0:0", "0:65532", "1:1", "65532:0"] {
        breaks("image-root-user", Build::go(), |build| build.config["config"]["User"] = json!(user));
    }
    breaks("image-root-user", Build::go(), |build| {
        build.contract.user = User::ROOT;
        build.config["config"]["User"] = json!("0:0");
        build.inspection(|request| (request.uid, request.gid) = (0, 0));
    });
}

#[test]
fn configuration_that_a_base_could_have_added() {
    for key in ["Volumes", "OnBuild", "Healthcheck", "Shell", "ArgsEscaped", "user", "Domainname"] {
        breaks("inherited-config", Build::go(), |build| build.config["config"][key] = json!(null));
    }
    breaks("inherited-config", Build::go(), |build| build.config["container_config"] = json!({}));
}

#[test]
fn configuration_that_cannot_be_read() {
    for (key, value) in [
        ("Env", json!("PATH=/usr/bin")),
        ("Env", json!(["PATH"])),
        ("Env", json!(["PATH=/usr/bin", "PATH=/usr/bin"])),
        ("Env", json!([1])),
        ("Entrypoint", json!("/app/web")),
        ("WorkingDir", json!(1)),
        ("Labels", json!(["a"])),
        ("Labels", json!({"a": 1})),
        ("User", json!(65532)),
    ] {
        breaks_among("unknown-shape", Build::go(), |build| build.config["config"][key] = value);
    }
    for config in [json!(null), json!([]), json!({}), json!({"config": []}), json!({"config": {}})] {
        breaks_among("unknown-shape", Build::go(), |build| build.config = config);
    }
}

#[test]
fn loader_variables() {
    for name in ["LD_PRELOAD", "LD_LIBRARY_PATH", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "BASH_ENV"] {
        breaks("env-loader", Build::go(), |build| {
            build.config["config"]["Env"] = json!(["PATH=/usr/bin", format!("{name}=/x")]);
            build.inspection(|request| _ = request.env.insert(name.to_owned(), "/x".to_owned()));
        });
    }
}

#[test]
fn labels_of_our_own_namespace() {
    breaks("reserved-label", Build::go(), |build| {
        build.config["config"]["Labels"]["io.cofferdam.proof"] = json!("all");
    });
    breaks("reserved-label", Build::go(), |build| {
        build.annotations.push(("io.cofferdam.proof".to_owned(), "all".to_owned()));
    });
}

#[test]
fn the_message_names_vertex_path_and_line() {
    let mut build = Build::go();
    build.mount("compile", "/src", |mount| mount.dest = "/a/../b".to_owned());
    let found = build.verify();
    let breach = found.iter().next().unwrap();
    assert_eq!(breach.message, "`compile` has a path that is not plain: /a/../b");
    assert_eq!(build.manifest.slice(breach.span.unwrap()), "go: ");
    assert!(breach.why.is_some() && breach.help.is_some());
}
