//! The compartment that ships, checked.

use super::checker::Checker;
use super::{BaseChoice, Inputs, Process, RESERVED_PREFIX, Runtime, TARGETS, defaults};
use crate::contract::User;
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::manifest::{self, Map, Text};
use crate::name::ImagePath;
use crate::text::{Span, Spanned};

/// The largest number of a user or group that container runtimes take (moby `user`, "maxID").
const LARGEST_ID: u32 = i32::MAX as u32;

/// The signals that an image may name, by their names without `SIG` ("signal(7)").
const SIGNALS: [&str; 29] = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE",
    "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM",
    "PROF", "WINCH", "IO", "PWR",
];

/// Where the system's programs, libraries and settings are ("Filesystem Hierarchy Standard", 3.0), and the kernel's.
const SYSTEM: [&str; 17] = [
    "/bin",
    "/boot",
    "/dev",
    "/etc",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/proc",
    "/sbin",
    "/sys",
    "/usr/bin",
    "/usr/lib",
    "/usr/local/bin",
    "/usr/local/lib",
    "/usr/local/sbin",
    "/usr/sbin",
];

impl Checker {
    pub(super) fn runtime(&mut self, runtime: &manifest::Runtime, inputs: &Inputs) -> Option<Runtime> {
        let base = self.base(runtime.base.as_ref());
        let user = self.user(&runtime.user);
        let workdir = match &runtime.workdir {
            Some(text) => self.image_path(text).map(|path| path.value),
            None => ImagePath::parse(defaults::WORKDIR).ok(),
        };
        let files = runtime.files.iter();
        let files = files
            .filter_map(|file| {
                let mode = file.mode.map_or(defaults::FILE_MODE, |mode| u32::from(mode.value.0));
                self.file(&file.from, &file.to, Some(mode))
            })
            .collect();
        let entrypoint = self.entrypoint(&runtime.entrypoint);
        let processes = self.processes(runtime);
        let name = runtime.user.name.as_ref().map_or(defaults::USER_NAME, |name| name.value.as_str());
        let stop_signal = self.stop_signal(runtime.stop_signal.as_ref());
        Some(Runtime {
            ca_certificates: runtime
                .ca_certificates
                .iter()
                .filter_map(|text| self.context_path(text))
                .collect(),
            tzdata: runtime.tzdata.is_some_and(|wanted| wanted.value),
            files,
            user_name: self.user_name(name.to_owned(), runtime.user.name.as_ref()),
            env: self.pairs(&runtime.env),
            entrypoint,
            processes,
            target: inputs.target.clone(),
            cmd: self.texts(&runtime.cmd),
            ports: runtime.ports.iter().map(|port| port.value.get()).collect(),
            writable: self.writable(&runtime.writable),
            stop_signal,
            labels: self.labels(&runtime.labels),
            annotations: self.labels(&runtime.annotations),
            base: base?,
            user: user?,
            workdir: workdir?,
        })
    }

    fn entrypoint(&mut self, words: &[Text]) -> Option<Spanned<Vec<String>>> {
        let span = words.iter().map(|word| word.span).reduce(Span::to)?;
        Some(Spanned::new(self.texts(words), span))
    }

    /// The processes; each has words, and none stands beside what it would replace.
    fn processes(&mut self, runtime: &manifest::Runtime) -> Vec<Process> {
        let both = runtime.entrypoint.first().or(runtime.cmd.first());
        if let (Some(first), false) = (both, runtime.processes.is_empty()) {
            let error = Diagnostic::error("processes", "the image has processes and an entrypoint as well");
            self.report(error.at(first.span).help("keep one: each process is a whole command"));
        }
        let mut processes = Vec::new();
        for (name, words) in &runtime.processes {
            let span = words.iter().map(|word| word.span).fold(name.span, Span::to);
            let problem = match () {
                () if TARGETS.contains(&name.value.as_str()) => Some("is the name of another target"),
                () if words.is_empty() => Some("starts nothing"),
                () => None,
            };
            if let Some(problem) = problem {
                self.report(Diagnostic::error("processes", format!("`{}` {problem}", name.value)).at(span));
                continue;
            }
            processes.push(Process { name: name.value.clone(), argv: self.texts(words), span });
        }
        processes
    }

    /// What `runtime.base` means: a word, or an image reference that has a `/`.
    fn base(&mut self, text: Option<&Text>) -> Option<Spanned<BaseChoice>> {
        let Some(text) = text else { return Some(Spanned::new(BaseChoice::ByLanguage, Span::default())) };
        let value = self.text(text)?;
        let choice = match value.as_str() {
            "scratch" => Ok(BaseChoice::Scratch),
            "distroless" => Ok(BaseChoice::Distroless),
            named if named.contains('/') => Ok(BaseChoice::Image(self.reference(named, text.span)?.value)),
            other => Err(bare_base(other)),
        };
        match choice {
            Ok(choice) => Some(Spanned::new(choice, text.span)),
            Err(error) => {
                self.report(error.at(text.span));
                None
            }
        }
    }

    fn user(&mut self, user: &manifest::User) -> Option<User> {
        let uid = user.uid.map_or(User::NONROOT.uid, |uid| uid.value.0);
        let gid = user.gid.map_or(uid, |gid| gid.value.0);
        if uid == 0 {
            let span = user.uid.map_or(Span::default(), |uid| uid.span);
            let error = Diagnostic::error("image-root-user", "the image would run as root")
                .at(span)
                .why("user 0 inside a container is user 0 for everything that the container can reach")
                .help("leave `user` out for 65532, or name another number");
            self.report(error);
            return None;
        }
        for id in [user.uid, user.gid].into_iter().flatten().filter(|id| id.value.0 > LARGEST_ID) {
            let message = format!("{} is larger than the number of any user or group", id.value.0);
            let error = Diagnostic::error("user", message).at(id.span);
            self.report(error.why(format!("container runtimes refuse numbers above {LARGEST_ID}")));
        }
        Some(User { uid, gid })
    }

    /// The signal that stops the program: a number or a name that Linux has.
    fn stop_signal(&mut self, text: Option<&Text>) -> Option<String> {
        let text = text?;
        let value = self.text(text)?;
        let name = value.strip_prefix("SIG").unwrap_or(&value);
        let is_number = value.parse::<u8>().is_ok_and(|number| (1..=64).contains(&number));
        if is_number || SIGNALS.contains(&name) || name.starts_with("RTMIN") || name.starts_with("RTMAX") {
            return Some(value);
        }
        let error = Diagnostic::error("signal", format!("`{value}` is not a signal")).at(text.span);
        self.report(match did_you_mean(name, SIGNALS.iter().copied()) {
            Some(near) => error.help(format!("did you mean `SIG{near}`?")),
            None => error.help("write a name such as `SIGTERM`, `SIGINT` or `SIGQUIT`"),
        });
        None
    }

    /// The directories that the user may write: none that the system lies in.
    fn writable(&mut self, paths: &[Text]) -> Vec<Spanned<ImagePath>> {
        let paths: Vec<_> = paths.iter().filter_map(|text| self.image_path(text)).collect();
        let system = SYSTEM.iter().filter_map(|path| ImagePath::parse(path).ok());
        let system: Vec<ImagePath> = system.collect();
        let is_system =
            |path: &ImagePath| system.iter().any(|system| path.is_within(system) || system.is_within(path));
        for path in paths.iter().filter(|path| is_system(&path.value)) {
            let error =
                Diagnostic::error("path", format!("`{}` cannot be writable", path.value)).at(path.span);
            self.report(
                error
                    .why("the system's programs, libraries and settings lie there, and the program cannot change them")
                    .help("name a directory of its own, such as `/data` or `/var/lib/app`"),
            );
        }
        paths
    }

    /// The name goes into a line of `/etc/passwd`, whose fields are split by colons.
    fn user_name(&mut self, name: String, written: Option<&Text>) -> String {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-' | '.');
        let starts_well = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_');
        if name == "root" || !(starts_well && name.chars().all(allowed) && name.len() <= 32) {
            let span = written.map_or(Span::default(), |text| text.span);
            let error = Diagnostic::error("user-name", format!("`{name}` is not a user's name"));
            self.report(
                error.at(span).help("use lower-case letters, digits, `_`, `-` and `.`, up to 32 characters"),
            );
        }
        name
    }

    fn labels(&mut self, labels: &Map<Text>) -> Vec<(String, String)> {
        for (key, _) in labels.into_iter().filter(|(key, _)| key.value.starts_with(RESERVED_PREFIX)) {
            let message = format!("`{}` is set by the build alone", key.value);
            self.report(Diagnostic::error("reserved-label", message).at(key.span));
        }
        self.pairs(labels)
    }
}

/// Why a base without a `/` is refused.
fn bare_base(word: &str) -> Diagnostic {
    let error = Diagnostic::error("base", format!("`{word}` is not a base"))
        .why("a base is `scratch`, `distroless`, or an image reference, which has a `/`");
    match did_you_mean(word, ["scratch", "distroless"]) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help(format!(
            "leave `base` out for the smallest that fits, write `distroless`, or name the image's registry: \
             `docker.io/library/{word}`"
        )),
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Inputs, read};
    use crate::name::Platform;
    use crate::text::Source;

    fn codes(runtime: &str) -> Vec<&'static str> {
        let source = Source::new("cofferdam.yaml", format!("language: go\n{runtime}\n"));
        let platform = Platform::new("linux", "amd64", "");
        match read(&source, &Inputs::default(), &platform) {
            Ok(_) => Vec::new(),
            Err(found) => found.iter().map(|error| error.code).collect(),
        }
    }

    #[test]
    fn what_no_runtime_could_start_is_refused() {
        assert_eq!(codes("runtime: {user: 2147483647}"), [""; 0]);
        assert_eq!(codes("runtime: {user: 4294967295}"), ["user"]);
        assert_eq!(codes("runtime: {user: {uid: 1, gid: 2147483648}}"), ["user"]);
        assert_eq!(codes("runtime: {user: {name: root}}"), ["user-name"]);
        for signal in ["SIGINT", "QUIT", "15", "SIGRTMIN+3"] {
            assert_eq!(codes(&format!("runtime: {{stop-signal: {signal}}}")), [""; 0], "{signal}");
        }
        for signal in ["SIGFOO", "0", "65", "SIGTERM; rm"] {
            assert_eq!(codes(&format!("runtime: {{stop-signal: {signal}}}")), ["signal"], "{signal}");
        }
    }

    #[test]
    fn an_image_without_its_registry_is_told_what_to_write() {
        let source = Source::new("cofferdam.yaml", "language: go\nruntime: {base: debian:trixie-slim}\n");
        let found = read(&source, &Inputs::default(), &Platform::new("linux", "amd64", "")).unwrap_err();
        let help = found.iter().find_map(|error| error.help.clone()).unwrap();
        assert!(help.contains("leave `base` out"), "{help}");
        assert!(help.contains("`docker.io/library/debian:trixie-slim`"), "{help}");
    }

    #[test]
    fn an_image_without_a_version_warns_and_an_exception_tells_its_reason() {
        let warnings = |base: &str, more: &str| {
            let text = format!("language: go\nbuild: {{base: {base}}}\n{more}");
            let source = Source::new("cofferdam.yaml", &text);
            let (image, found) =
                read(&source, &Inputs::default(), &Platform::new("linux", "amd64", "")).unwrap();
            image
                .excused(found)
                .iter()
                .map(|warning| (warning.code, warning.message.contains("excepted (the mirror")))
                .collect::<Vec<_>>()
        };
        let excuse = "exceptions: [{rule: latest-tag, reason: the mirror has no other}]\n";
        assert_eq!(warnings("docker.io/library/golang:latest", ""), [("latest-tag", false)]);
        assert_eq!(warnings("docker.io/library/golang", ""), [("latest-tag", false)]);
        assert_eq!(warnings("docker.io/library/golang", excuse), [("latest-tag", true)]);
        assert_eq!(warnings("docker.io/library/golang:1.26", ""), []);
        let pinned = format!("docker.io/library/golang@sha256:{}", "0".repeat(64));
        assert_eq!(warnings(&pinned, ""), []);
        assert_eq!(codes("exceptions: [{rule: latest-tag, path: /a, reason: b}]"), ["exception"], "no path");
    }

    #[test]
    fn names_of_variables_are_such_that_a_process_can_have_them() {
        assert_eq!(codes("runtime: {env: {A.b-c: x, _: '', \"a\": '='}}"), [""; 0]);
        for (block, key) in [("runtime", "env"), ("build", "env"), ("fetch", "env")] {
            for name in ["'A=B'", "'A B'", "\"A\\0\"", "\"A\\nB\"", "''"] {
                assert_ne!(codes(&format!("{block}: {{{key}: {{{name}: x}}}}")), [""; 0], "{block} {name}");
            }
        }
        for name in ["'A=B'", "'A B'"] {
            assert_eq!(codes(&format!("fetch: {{secrets: [{{id: x, env: {name}}}]}}")), ["secret"], "{name}");
        }
    }

    #[test]
    fn what_the_system_lies_in_is_never_writable_and_patterns_are_patterns() {
        assert_eq!(
            codes("runtime: {writable: [/data, /var/lib/app, /run/app, /usr/share/app, /library]}"),
            [""; 0]
        );
        assert_eq!(
            codes("runtime: {writable: [//, /usr, /etc/app, /usr/local, /proc/self, /usr/lib]}"),
            ["path"; 6]
        );
        assert_eq!(codes("source: {exclude: ['*.md', '[ab]x', '!y']}"), [""; 0]);
        assert_eq!(codes("source: {exclude: ['[', 'a[]b', 'x\\']}"), ["pattern"; 3]);
    }
}
