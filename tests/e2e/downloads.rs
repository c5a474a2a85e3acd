//! What builds before downloaded: it is not downloaded again, and whoever wrote to it changes nothing.

use crate::support::{AS_JSON, Build, Context, new_word, said};

/// Prints a digest of a tree: of names, modes and contents, as far as the daemon knows trees by them.
const DIGEST: &str = "find . -printf '%p %m %y %l\\n' | sort > /tmp/tree; \
     find . -type f -print0 | sort -z | xargs -0 sha256sum >> /tmp/tree; sha256sum < /tmp/tree";

/// Writes other bytes to every file of a cache.
const OTHER_BYTES: &str = "find /kept -type f > /files && test -s /files && \
     xargs sh -c 'for file; do echo poison > $file; chmod 755 $file; done' sh < /files";
/// Makes links of all that is in a cache, which lead into what a fetch hands on.
const LINKS: &str = "for path in /kept/*; do to=/go/pkg/mod/planted; \
     if [ -d $path ]; then to=/usr/local/cargo/registry/src; fi; rm -r $path && ln -s $to $path || exit 1; done";

/// One application whose dependencies are edited.
struct Edited {
    /// With one dependency.
    before: Context,
    /// With another one besides.
    after: Context,
    /// Its manifest of packages, and what begins a comment there.
    manifest: (&'static str, &'static str),
    /// What the fetch is called.
    fetch: &'static str,
    /// The first word of the cache's name.
    manager: &'static str,
    /// Whether a fetch tells that it downloads the first and the second dependency.
    tells: fn(&str) -> [bool; 2],
}

impl Edited {
    /// Builds before and after the edit, without any cache, and after everything in the cache was replaced.
    fn downloads_only_what_is_new(self) {
        let (log, _) = self.fetched(&build(&self.before));
        assert_eq!((self.tells)(&log), [true, false], "the first time:\n{log}");
        let (log, warm) = self.fetched(&build(&self.after));
        assert_eq!((self.tells)(&log), [false, true], "after an edit:\n{log}");
        // Its caches have other names, and the flag empties them.
        let cold = Build::of(&self.after).flag("--no-cache");
        let (log, cold) = self.fetched(&cold);
        assert_eq!((self.tells)(&log), [true, true], "without caches:\n{log}");
        assert_eq!(warm, cold, "what the fetch hands on");
        self.poison(OTHER_BYTES);
        for (told, why) in [([true; 2], "what is wrong is downloaded"), ([false; 2], "and is right again")] {
            let (log, handed_on) = self.fetched_anew();
            assert_eq!((self.tells)(&log), told, "{why}:\n{log}");
            assert_eq!(handed_on, cold, "what the fetch hands on");
        }
        self.poison(LINKS);
        let (log, handed_on) = self.fetched_anew();
        assert_eq!((self.tells)(&log), [true; 2], "no link is followed:\n{log}");
        assert_eq!(handed_on, cold, "what the fetch hands on");
    }

    /// The same after an edit of the manifest of packages, which makes the fetch run.
    fn fetched_anew(&self) -> (String, String) {
        let (path, comment) = self.manifest;
        let text = std::fs::read_to_string(self.after.path().join(path)).unwrap();
        std::fs::write(self.after.path().join(path), format!("{text}{comment} An edit.\n")).unwrap();
        self.fetched(&build(&self.after))
    }

    /// The log of the fetch, and the digest of what it hands on.
    fn fetched(&self, build: &Build<'_>) -> (String, String) {
        let log = build.clone().flag(AS_JSON).succeed(&["--output=type=cacheonly".to_owned()]);
        let digest = said(&log, "run cd ");
        assert_eq!(digest.split(' ').next().unwrap().len(), 64, "{log}");
        (said(&log, self.fetch), digest)
    }

    /// Does something to the cache.
    fn poison(&self, how: &str) {
        let graph = Build::of(&self.after).flag("--call=convertllb,format=json").succeed(&[]);
        let start = graph.find(&format!("{}-downloads-", self.manager)).unwrap();
        let id: String =
            graph[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
        // The client takes what has no syntax line for a Dockerfile; the daemon tells steps apart by what they run, not by
        // their caches.
        let text =
            format!("FROM debian:trixie-slim\nRUN --mount=type=cache,id={id},target=/kept : {id}; {how}\n");
        let poison = Context::of("poison", &[("cofferdam.yaml", &text)]);
        build(&poison).succeed(&["--output=type=cacheonly".to_owned()]);
    }
}

/// A build whose caches are those of a Dockerfile's too, which writes their names in another way.
fn build(context: &Context) -> Build<'_> {
    Build::of(context).arg("BUILDKIT_CACHE_MOUNT_NS", "downloads")
}

fn concat(texts: impl Iterator<Item = String>) -> String {
    texts.collect::<Vec<_>>().concat()
}

/// The manifest of an application that prints the digest of a directory.
fn manifest(name: &str, language: &str, fetched: &str) -> String {
    let digest = DIGEST.replace('\\', "\\\\");
    format!(
        "# syntax=ghcr.io/cofferdam/cofferdam:1\nname: {name}\nlanguage: {language}\nbuild:\n  \
         run: [\"cd {fetched}; {digest}\"]\n"
    )
}

#[test]
fn an_edit_of_go_modules_downloads_what_is_new_and_believes_no_cache() {
    // By this flag, Go tells what it asks for.
    let word = new_word();
    let manifest = manifest(&word, "go", "/go/pkg/mod") + "fetch: {env: {GOFLAGS: -mod=readonly -x}}\n";
    let sums = include_str!("../../examples/go-service/go.sum");
    let context = |modules: &[&str]| {
        let of = |line: &&str| modules.iter().any(|name| line.starts_with(&format!("{name} ")));
        let sums: Vec<&str> = sums.lines().filter(of).collect();
        let words = sums.iter().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" "));
        let words = words.filter(|words| !words.ends_with("/go.mod"));
        let required = concat(words.map(|words| format!("require {words}\n")));
        let imports = concat(modules.iter().map(|name| format!("import _ \"{name}\"\n")));
        Context::of("edited-go", &[("cofferdam.yaml", &manifest)])
            .with("go.mod", format!("module example.com/{word}\n\ngo 1.26\n\n{required}"))
            .with("go.sum", sums.join("\n") + "\n")
            .with("main.go", format!("package main\n\n{imports}\nfunc main() {{}}\n"))
    };
    let (uuid, chi) = ("github.com/google/uuid", "github.com/go-chi/chi/v5");
    let edited = Edited {
        before: context(&[uuid]),
        after: context(&[uuid, chi]),
        manifest: ("go.mod", "//"),
        fetch: "fetch Go modules",
        manager: "go",
        tells: |log| {
            let zips = log.lines().filter(|line| line.contains("# get http") && line.contains(".zip: 200"));
            let zips: String = zips.collect();
            ["google/uuid", "go-chi/chi"].map(|name| zips.contains(name))
        },
    };
    edited.downloads_only_what_is_new();
}

#[test]
fn an_edit_of_crates_downloads_what_is_new_and_believes_no_cache() {
    let word = new_word();
    let manifest = manifest(&word, "rust", "/usr/local/cargo/registry");
    let lock = include_str!("../../examples/rust-service/Cargo.lock");
    let context = |crates: &[&str]| {
        let block = |name: &&str| {
            let start = format!("name = \"{name}\"\n");
            lock.split("[[package]]\n").find(|block| block.starts_with(&start)).unwrap()
        };
        let blocks = concat(crates.iter().map(|name| format!("[[package]]\n{}", block(name))));
        let names = concat(crates.iter().map(|name| format!(" \"{name}\",\n")));
        let own =
            format!("[[package]]\nname = \"{word}\"\nversion = \"0.1.0\"\ndependencies = [\n{names}]\n\n");
        let wanted = concat(crates.iter().map(|name| format!("{name} = \"1\"\n")));
        let package = format!("[package]\nname = \"{word}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        Context::of("edited-rust", &[("cofferdam.yaml", &manifest), ("src/main.rs", "fn main() {}\n")])
            .with("Cargo.toml", format!("{package}\n[dependencies]\n{wanted}"))
            .with("Cargo.lock", format!("version = 4\n\n{own}{blocks}"))
    };
    let edited = Edited {
        before: context(&["itoa"]),
        after: context(&["itoa", "once_cell"]),
        manifest: ("Cargo.toml", "#"),
        fetch: "fetch crates",
        manager: "cargo",
        tells: |log| ["Downloaded itoa", "Downloaded once_cell"].map(|line| log.contains(line)),
    };
    edited.downloads_only_what_is_new();
}
