//! Secrets: they reach fetch steps, and nothing that a build leaves behind.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::support::{Build, Context, Image, Process, run};

/// It looks different in every form that is searched for.
const PASSWORD: &str = "s3cr3t/+?value=of;tests";
const MAIN: &str =
    "package main\n\nimport \"example.com/private\"\n\nfunc main() { println(private.Word()) }\n";

/// A module proxy behind a password and a private authority, until the value is dropped.
pub(crate) struct Proxy {
    process: Child,
    pub(crate) address: String,
}

impl Proxy {
    pub(crate) fn start(directory: &Path) -> Proxy {
        let program = directory.join("proxy");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/e2e/private_proxy/main.go");
        Process::new("go").args(["build", "-o"]).args([&program, &source]).stdout();
        let mut process = Command::new(&program)
            .arg(directory)
            .arg(PASSWORD)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Proxy { process, address: address.trim().to_owned() }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn manifest(proxy: &Proxy, secrets: &str) -> String {
    format!(
        "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: go\nfetch:\n  \
         env: {{GOPROXY: \"https://{}\", GOSUMDB: \"off\"}}\n  secrets: {secrets}\n",
        proxy.address
    )
}

fn application(name: &str, proxy: &Proxy, directory: &Path, secrets: &str) -> Context {
    let sums = std::fs::read_to_string(directory.join("go.sum")).unwrap();
    let module = "module example.com/hello\n\ngo 1.26\n\nrequire example.com/private v1.0.0\n";
    let files = [
        ("cofferdam.yaml", &*manifest(proxy, secrets)),
        ("go.mod", module),
        ("go.sum", &sums),
        ("main.go", MAIN),
    ];
    Context::of(name, &files)
}

/// A build that is given a secret, from a file that the proxy wrote, and the proxy's authority.
pub(crate) fn with_secret<'a>(context: &'a Context, directory: &Path, id: &str, name: &str) -> Build<'a> {
    let file = |name: &str| directory.join(name).display().to_string();
    Build::of(context)
        .flag(format!("--secret=id={id},src={}", file(name)))
        .flag(format!("--secret=id=ca-certificates,src={}", file("authority.pem")))
}

fn with_netrc<'a>(context: &'a Context, directory: &Path) -> Build<'a> {
    with_secret(context, directory, "netrc", "netrc")
}

/// Fails if a form of the password is in the log of a build, in its image or in what is attached to that; else the image
/// runs.
pub(crate) fn keeps_the_secret(image: &Image) {
    absent("the log", image.log.as_bytes());
    let out = Context::empty("pulled");
    let pull = "crane pull --insecure --format oci \"$1\" \"$2\"";
    Process::new("sh").args(["-ec", pull, "sh", &image.reference]).args([out.path().join("image")]).stdout();
    search("the image with its attestations", &out.path().join("image"));
    assert_eq!(run(&image.reference, &["--network", "none"], &[]).trim(), "open sesame");
}

/// The password as it would be found: plain, URL-encoded, and inside base64 at each of its three alignments.
fn forms() -> Vec<String> {
    let base64 = |text: &str| {
        let output = Process::new("sh").args(["-c", "printf %s \"$1\" | base64 -w0", "sh", text]).stdout();
        output.trim().to_owned()
    };
    let encoded: String = PASSWORD
        .bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect();
    let mut forms = vec![PASSWORD.to_owned(), encoded.clone(), encoded.to_lowercase()];
    for padding in ["", "x", "xy"] {
        let text = base64(&format!("{padding}{PASSWORD}"));
        // What depends on the neighbours is cut off.
        forms.push(text[4..text.len() - 4].to_owned());
    }
    forms
}

/// Fails if a form of the password is in a directory's files or in what is inside its archives.
pub(crate) fn search(what: &str, directory: &Path) {
    let script = "find \"$1\" -type f | while read -r file; do cat \"$file\"; gzip -dc \"$file\" 2>/dev/null || zstd -qdc \"$file\" 2>/dev/null || true; done";
    let content = Process::new("bash").args(["-c", script, "bash"]).args([directory]).finish();
    assert!(content.stdout.len() > 100_000, "{what} is hardly there: {} bytes", content.stdout.len());
    absent(what, &content.stdout);
}

fn absent(what: &str, content: &[u8]) {
    let text = String::from_utf8_lossy(content);
    for form in forms() {
        assert!(!text.contains(&form), "{what} has the password as {form}");
    }
}

#[test]
fn a_private_module_is_fetched_and_the_password_is_nowhere() {
    let files = Context::empty("private");
    let proxy = Proxy::start(files.path());
    let context = application("private-app", &proxy, files.path(), "[netrc, ca-certificates]");
    let out = Context::empty("private-out");
    let (cache, image) = (out.path().join("cache"), out.path().join("image"));
    let build = with_netrc(&context, files.path())
        .flag("--sbom=true")
        .flag("--provenance=mode=max")
        .flag("--no-cache")
        .flag(format!("--cache-to=type=local,dest={},mode=max", cache.display()));
    let log = build.succeed(&[format!("--output=type=oci,tar=false,dest={}", image.display())]);
    absent("the log", log.as_bytes());
    search("the cache", &cache);
    search("the image with its attestations", &image);
    let graph = with_netrc(&context, files.path()).flag("--call=convertllb,format=json").succeed(&[]);
    assert!(graph.contains("/root/.netrc"), "the secret is mounted:\n{graph}");
    absent("the graph", graph.as_bytes());
}

#[test]
fn a_private_crate_is_fetched_and_no_program_of_the_configuration_runs() {
    let files = Context::empty("private-crate");
    let proxy = Proxy::start(files.path());
    let lock = std::fs::read_to_string(files.path().join("Cargo.lock")).unwrap();
    let manifest = "[package]\nname = \"private-app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n\
        [dependencies]\nprivate-word = { version = \"1\", registry = \"acme\" }\n";
    // Whoever asks this provider for a token gets none, and the fetch fails.
    let configuration = format!(
        "[registries.acme]\nindex = \"sparse+https://{}/cargo/index/\"\ncredential-provider = [\"false\"]\n",
        proxy.address
    );
    let context = Context::of(
        "private-crate-app",
        &[
            (
                "cofferdam.yaml",
                "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: rust\nfetch:\n  secrets: [cargo-credentials, ca-certificates]\n",
            ),
            ("Cargo.toml", manifest),
            ("Cargo.lock", &lock),
            (".cargo/config.toml", &configuration),
            ("src/main.rs", "fn main() { println!(\"{}\", private_word::word()) }\n"),
        ],
    );
    let build = with_secret(&context, files.path(), "cargo-credentials", "credentials.toml");
    keeps_the_secret(&build.flag("--provenance=mode=max").push());
}

#[test]
fn a_private_distribution_is_fetched_with_pips_configuration_which_stays_there() {
    let files = Context::empty("private-wheel");
    let _proxy = Proxy::start(files.path());
    let requirements = std::fs::read_to_string(files.path().join("requirements.txt")).unwrap();
    let manifest = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: python\nfetch:\n  secrets: [pip-conf, ca-certificates]\n";
    let program = "import private_word\nprint(private_word.word())\n";
    let files_of_it =
        [("cofferdam.yaml", manifest), ("requirements.txt", &requirements), ("main.py", program)];
    let context = Context::of("private-wheel-app", &files_of_it);
    let build = with_secret(&context, files.path(), "pip-conf", "pip.conf");
    keeps_the_secret(&build.flag("--provenance=mode=max").push());
}

#[test]
fn a_private_package_is_fetched_with_npms_configuration_beside_the_projects_own() {
    let files = Context::empty("private-package");
    let proxy = Proxy::start(files.path());
    let lock = std::fs::read_to_string(files.path().join("package-lock.json")).unwrap();
    let manifest = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: node\nfetch:\n  secrets: [npmrc, ca-certificates]\n";
    let package = r#"{"main": "main.js", "dependencies": {"@acme/word": "1.0.0"}}"#;
    // The second setting would run with the token beside it.
    let settings = format!("@acme:registry=https://{}/npm/\n git=./patches/git.patch\n", proxy.address);
    let files_of_it = [
        ("cofferdam.yaml", manifest),
        ("package.json", package),
        ("package-lock.json", &lock),
        (".npmrc", &settings),
        ("main.js", "console.log(require('@acme/word')());\n"),
    ];
    let context = Context::of("private-package-app", &files_of_it);
    let build = with_secret(&context, files.path(), "npmrc", "npmrc");
    keeps_the_secret(&build.flag("--provenance=mode=max").push());
}

#[test]
fn a_private_artifact_is_fetched_with_mavens_settings_which_stay_there() {
    let files = Context::empty("private-artifact");
    let _proxy = Proxy::start(files.path());
    let manifest = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: java\nfetch:\n  secrets: [maven-settings, ca-certificates]\n";
    let context = Context::empty("private-artifact-app")
        .with("cofferdam.yaml", format!("{manifest}source: app\n"))
        .with("app/pom.xml", include_str!("java/private.xml"))
        .with("app/src/main/java/Main.java", include_str!("java/Main.java"));
    let build = with_secret(&context, files.path(), "maven-settings", "settings.xml");
    keeps_the_secret(&build.flag("--provenance=mode=max").push());
}

#[test]
fn no_requirements_file_can_make_the_fetch_print_a_secret() {
    let files = Context::empty("leaking");
    let _proxy = Proxy::start(files.path());
    let manifest = "# syntax=ghcr.io/cofferdam/cofferdam:1\nlanguage: python\nfetch:\n  secrets: [pip-conf, ca-certificates]\n";
    for (name, requirements) in
        [("absolute", "-r /root/.config/pip/pip.conf\n"), ("link", "-r requirements-linked.txt\n")]
    {
        let files_of_it = [("cofferdam.yaml", manifest), ("requirements.txt", requirements), ("main.py", "")];
        let context = Context::of(name, &files_of_it);
        let link = context.path().join("requirements-linked.txt");
        std::os::unix::fs::symlink("/root/.config/pip/pip.conf", link).unwrap();
        let failed = with_secret(&context, files.path(), "pip-conf", "pip.conf")
            .fail()
            .says(&["leads out of the application"]);
        absent("the log", failed.text.as_bytes());
    }
}

#[test]
fn secrets_that_were_not_given_are_named_where_the_manifest_asks_for_them_before_anything_runs() {
    let files = Context::empty("secretless");
    let proxy = Proxy::start(files.path());
    let context = application("secretless-app", &proxy, files.path(), "[ca-certificates, netrc, {id: more}]");
    let file = files.path().join("authority.pem").display().to_string();
    Build::of(&context)
        .flag("--no-cache")
        .flag(format!("--secret=id=ca-certificates,src={file}"))
        .fail()
        .says(&["missing-secret", "2 errors", "--secret id=netrc", "--secret id=more"])
        .at_line(5)
        .lacks(&["[builder"]);
}

#[test]
fn an_agent_that_was_not_given_is_named_likewise() {
    let files = Context::empty("agentless");
    let proxy = Proxy::start(files.path());
    let context = application("agentless-app", &proxy, files.path(), "[]")
        .appending("cofferdam.yaml", "  ssh: [deploy]\n");
    Build::of(&context).fail().says(&["missing-agent", "--ssh deploy"]).at_line(6);
}
