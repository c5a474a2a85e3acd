//! Repositories over ssh: the client's agent opens them to fetch steps and as contexts, and hosts are who they say.

use crate::contexts::{application, build};
use crate::support::{Build, Context, Private, Process, run};

const HOST: &str = "git.example.test";
const MODULE: &str = "module git.example.test/private.git\n\ngo 1.26\n";
const SOURCE: &str = "package private\n\nfunc Word() string { return \"open sesame\" }\n";
const MAIN: &str = "package main\n\nimport (\n\t\"fmt\"\n\n\t\"git.example.test/private.git\"\n)\n\nfunc main() { fmt.Println(private.Word()) }\n";

/// How git comes from the module's path to the test's server, as companies have it for their own.
fn redirection(server: &Private) -> [(String, String); 3] {
    let pair = |name: &str, value: String| (name.to_owned(), value);
    [
        pair("GIT_CONFIG_COUNT", "1".to_owned()),
        pair("GIT_CONFIG_KEY_0", format!("url.{}/.insteadOf", server.url)),
        pair("GIT_CONFIG_VALUE_0", format!("https://{HOST}/")),
    ]
}

/// An application that requires a private module, with its checksums.
fn requiring(server: &Private) -> Context {
    let variables = redirection(server).map(|(name, value)| format!("    {name}: \"{value}\"\n")).concat();
    let manifest = format!(
        "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: go\ngo: {{private: [{HOST}]}}\nfetch:\n  ssh: [default]\n  \
         secrets: [known-hosts]\n  env:\n{variables}"
    );
    let module = format!("module example.com/hello\n\ngo 1.26\n\nrequire {HOST}/private.git v1.0.0\n");
    let files = [("cofferdam.yaml", &*manifest), ("go.mod", &module), ("main.go", MAIN)];
    let context = Context::of("ssh-app", &files);
    let ssh = format!(
        "ssh -o BatchMode=yes -o IdentitiesOnly=yes -o UserKnownHostsFile={} -i {}",
        server.key("known_hosts"),
        server.key("key")
    );
    let cache = Context::empty("ssh-modules");
    let tidy = Process::new("go").args(["mod", "tidy", "-modcacherw"]).directory(context.path());
    let tidy = tidy.env("GOMODCACHE", cache.path().display().to_string()).env("GIT_SSH_COMMAND", ssh);
    let redirected = redirection(server).into_iter();
    redirected.fold(tidy.env("GOPRIVATE", HOST), |tidy, (name, value)| tidy.env(&name, value)).stdout();
    context
}

#[test]
fn a_private_module_is_fetched_over_ssh_from_a_host_whose_key_is_known() {
    let module = Context::of("ssh-module", &[("go.mod", MODULE), ("private.go", SOURCE)]);
    let server = Private::of(module.path(), "v1.0.0");
    let context = requiring(&server);
    let hosts = |name: &str| format!("--secret=id=known-hosts,src={}", server.key(name));
    let agent = format!("--ssh=default={}", server.key("key"));
    // First what must fail: what was fetched once is cached.
    Build::of(&context).flag(hosts("known_hosts")).fail().says(&["`--ssh default`"]).at_line(5);
    Build::of(&context).flag(&agent).fail().says(&["known-hosts"]).at_line(6);
    let other = Build::of(&context).flag(&agent).flag(hosts("other_hosts")).fail();
    // Go tries one way after another and tells of none that git refused; nothing but the host's key differs.
    other.says(&["no secure protocol found", "fetch Go modules"]);
    let image = Build::of(&context).flag(&agent).flag(hosts("known_hosts")).push();
    assert_eq!(run(&image.reference, &["--network", "none"], &[]).trim(), "open sesame");
}

#[test]
fn a_repository_over_ssh_is_the_context_and_its_host_is_checked() {
    let context = application("ssh");
    let server = Private::of(context.path(), "v1");
    let agent = format!("--ssh=default={}", server.key("key"));
    let hosts = |name: &str| {
        let keys = std::fs::read_to_string(server.key(name)).unwrap();
        format!("--build-arg=COFFERDAM_KNOWN_HOSTS={keys}")
    };
    let url = format!("{}/private#main", server.url);
    let from = |url: &str, more: &[&str]| {
        build("ssh", &[&["-f", "cofferdam.yaml", &agent, url], more].concat(), None)
    };
    from(&url, &[&hosts("other_hosts")]).fails_with("Host key verification failed");
    let checked = from(&url, &[&hosts("known_hosts")]);
    assert_eq!(checked.says(), "I am ssh\n");
    assert!(!checked.finished.all().contains("unchecked-host"), "{}", checked.finished.all());
    let unchecked = from(&url, &[]);
    assert!(unchecked.finished.all().contains("unchecked-host"), "{}", unchecked.finished.all());
    let pinned = from(&format!("{}/private#{}", server.url, server.commit), &[]);
    assert!(!pinned.finished.all().contains("unchecked-host"), "{}", pinned.finished.all());
}
