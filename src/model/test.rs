//! The tests of the image, checked: each claims one thing, and nothing that belongs to another kind of claim.

use super::checker::Checker;
use super::defaults;
use crate::diagnostic::Diagnostic;
use crate::manifest::{self, Manifest, Text};
use crate::step::{FileState, Output, Test};
use crate::text::{Span, Spanned};

/// The most seconds that a test may take.
const LONGEST: u16 = 300;

impl Checker {
    pub(super) fn tests(&mut self, manifest: &Manifest) -> Vec<Spanned<Test>> {
        let port = manifest.runtime.ports.first().map(|port| port.value.get());
        let tests = manifest.tests.iter();
        tests.filter_map(|test| self.test(test, port)).collect()
    }

    fn test(&mut self, test: &manifest::Test, port: Option<u16>) -> Option<Spanned<Test>> {
        let run = test.run.iter().map(|word| word.span).reduce(Span::to);
        let file = test.file.as_ref().map(|path| path.span);
        let http = test.http.as_ref().map(|http| http.span);
        let kinds = [("run", run), ("file", file), ("http", http)];
        let mut given = kinds.into_iter().filter_map(|(kind, span)| Some((kind, span?)));
        let (Some((kind, span)), None) = (given.next(), given.next()) else {
            let error = Diagnostic::error("test", "a test has one of `run`, `file` and `http`");
            self.report(error.at(test.span));
            return None;
        };
        self.belongs(test, kind);
        let claim = match kind {
            "run" => self.run(test),
            "file" => self.state(test),
            _ => self.http(test.http.as_ref()?, port),
        };
        Some(Spanned::new(claim?, span))
    }

    /// Reports keys of another kind of test.
    fn belongs(&mut self, test: &manifest::Test, kind: &str) {
        let output = |output: &manifest::Output| Some(output.span).filter(|span| !span.is_empty());
        let keys = [
            ("exit", "run", test.exit.as_ref().map(|exit| exit.span)),
            ("stdout", "run", output(&test.stdout)),
            ("stderr", "run", output(&test.stderr)),
            ("timeout", "run", test.timeout.as_ref().map(|text| text.span)),
            ("absent", "file", test.absent.as_ref().map(|absent| absent.span)),
            ("mode", "file", test.mode.as_ref().map(|mode| mode.span)),
            ("owner", "file", test.owner.as_ref().map(|owner| owner.span)),
        ];
        for (key, owner, span) in keys {
            if let Some(span) = span.filter(|_| owner != kind) {
                let message = format!("`{key}` belongs to `{owner}`, and this test has `{kind}`");
                self.report(Diagnostic::error("test", message).at(span));
            }
        }
    }

    fn run(&mut self, test: &manifest::Test) -> Option<Test> {
        Some(Test::Run {
            argv: self.texts(&test.run),
            exit: test.exit.map_or(0, |exit| exit.value),
            stdout: self.output(&test.stdout),
            stderr: self.output(&test.stderr),
            timeout: self.timeout(test.timeout.as_ref())?,
        })
    }

    fn output(&mut self, output: &manifest::Output) -> Output {
        Output {
            contains: self.optional(output.contains.as_ref()),
            equals: self.optional(output.equals.as_ref()),
            matches: self.optional(output.matches.as_ref()),
        }
    }

    fn state(&mut self, test: &manifest::Test) -> Option<Test> {
        let path = self.image_path(test.file.as_ref()?)?.value.to_string();
        let absent = test.absent.as_ref().filter(|absent| absent.value);
        if let Some(absent) = absent.filter(|_| test.mode.is_some() || test.owner.is_some()) {
            let error = Diagnostic::error("test", "what is not there has neither a mode nor an owner");
            self.report(error.at(absent.span));
        }
        let (uid, gid) = match &test.owner {
            Some(owner) => self.owner(owner)?,
            None => (None, None),
        };
        let state = FileState { mode: test.mode.map(|mode| u32::from(mode.value.0)), uid, gid };
        Some(Test::File { path, like: absent.is_none().then_some(state) })
    }

    /// The numbers of `uid` or `uid:gid`.
    fn owner(&mut self, text: &Text) -> Option<(Option<u32>, Option<u32>)> {
        let value = self.text(text)?;
        let (user, group) =
            value.split_once(':').map_or((value.as_str(), None), |(user, group)| (user, Some(group)));
        match (user.parse().ok(), group.map(str::parse).transpose().ok()) {
            (Some(uid), Some(gid)) => Some((Some(uid), gid)),
            _ => {
                let error = Diagnostic::error("owner", format!("`{value}` is no owner")).at(text.span);
                self.report(error.help("write the numbers of the user and, after a `:`, of the group"));
                None
            }
        }
    }

    fn http(&mut self, http: &manifest::Http, port: Option<u16>) -> Option<Test> {
        let path = self.text(&http.path)?;
        if !path.starts_with('/') || path.contains(|c: char| c.is_whitespace() || c == '#') {
            let error = Diagnostic::error("path", format!("`{path}` is not the path of a request"));
            self.report(error.at(http.path.span).help("write it with a `/` first, and blanks as `%20`"));
            return None;
        }
        let Some(port) = http.port.map(|port| port.value.get()).or(port) else {
            let error = Diagnostic::error("test", "nothing says which port is asked").at(http.span);
            self.report(error.help("write `runtime: {ports: [8080]}`, or the test's own `port`"));
            return None;
        };
        let status = http.status.map_or(200, |status| status.value.get());
        if let Some(written) = http.status.filter(|_| !(100..600).contains(&status)) {
            let error = Diagnostic::error("status", format!("{status} is no status code of HTTP"));
            self.report(error.at(written.span));
        }
        Some(Test::Http { path, port, status, timeout: self.timeout(http.timeout.as_ref())? })
    }

    /// Seconds or minutes, as `20s` or `2m`.
    fn timeout(&mut self, text: Option<&Text>) -> Option<u16> {
        let Some(text) = text else { return Some(defaults::TIMEOUT) };
        let value = self.text(text)?;
        let number = |unit| value.strip_suffix(unit).and_then(|number: &str| number.parse::<u16>().ok());
        let seconds = number('s').or_else(|| number('m')?.checked_mul(60));
        let seconds = seconds.filter(|seconds| (1..=LONGEST).contains(seconds));
        if seconds.is_none() {
            let error = Diagnostic::error("timeout", format!("`{value}` is no time from `1s` to `5m`"));
            self.report(error.at(text.span));
        }
        seconds
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Inputs, read};
    use crate::name::Platform;
    use crate::text::Source;

    fn tests(text: &str) -> Result<Vec<Test>, Vec<String>> {
        let text = format!("language: go\nargs: {{V: '1'}}\n{text}\n");
        let platform = Platform::new("linux", "amd64", "");
        match read(&Source::new("cofferdam.yaml", text), &Inputs::default(), &platform) {
            Ok((image, _)) => Ok(image.tests.into_iter().map(|test| test.value).collect()),
            Err(found) => Err(found.iter().map(|error| error.message.clone()).collect()),
        }
    }

    #[test]
    fn what_is_left_out_is_filled_in() {
        let (any, contains) =
            (Output::default(), Output { contains: Some("1".to_owned()), ..Output::default() });
        let run =
            Test::Run { argv: vec!["a".to_owned()], exit: 0, stdout: contains, stderr: any, timeout: 20 };
        assert_eq!(tests("tests: [{run: [a], stdout: {contains: '${V}'}}]"), Ok(vec![run]));
        let http = |port, timeout| Test::Http { path: "/".to_owned(), port, status: 200, timeout };
        assert_eq!(
            tests("runtime: {ports: [80, 81]}\ntests: [{http: /}, {http: {path: /, port: 82, timeout: 5m}}]"),
            Ok(vec![http(80, 20), http(82, 300)])
        );
        let file = |like| Test::File { path: "/a".to_owned(), like };
        assert_eq!(
            tests("tests: [{file: /a}, {file: /a, absent: true}, {file: /a, absent: false, owner: 1:2}]"),
            Ok(vec![
                file(Some(FileState::default())),
                file(None),
                file(Some(FileState { mode: None, uid: Some(1), gid: Some(2) }))
            ])
        );
    }

    #[test]
    fn what_no_test_can_be_is_refused() {
        for (test, told) in [
            ("{}", "a test has one of `run`, `file` and `http`"),
            ("{exit: 1}", "a test has one of `run`, `file` and `http`"),
            ("{run: [a], file: /a}", "a test has one of `run`, `file` and `http`"),
            ("{run: [a], mode: 0644}", "`mode` belongs to `file`, and this test has `run`"),
            ("{file: /a, exit: 1}", "`exit` belongs to `run`, and this test has `file`"),
            ("{file: /a, stdout: {}}", "`stdout` belongs to `run`, and this test has `file`"),
            (
                "{http: {path: /, port: 80}, timeout: 5s}",
                "`timeout` belongs to `run`, and this test has `http`",
            ),
            ("{file: /a, absent: true, mode: 0644}", "what is not there has neither a mode nor an owner"),
            ("{file: /a, owner: root}", "`root` is no owner"),
            ("{file: /a, owner: '1:'}", "`1:` is no owner"),
            ("{http: /}", "nothing says which port is asked"),
            ("{http: {path: a, port: 80}}", "`a` is not the path of a request"),
            ("{http: {path: /a b, port: 80}}", "`/a b` is not the path of a request"),
            ("{http: {path: /, port: 80, status: 99}}", "99 is no status code of HTTP"),
            ("{run: [a], timeout: 0s}", "`0s` is no time from `1s` to `5m`"),
            ("{run: [a], timeout: 6m}", "`6m` is no time from `1s` to `5m`"),
            ("{run: [a], timeout: '20'}", "`20` is no time from `1s` to `5m`"),
            ("{run: [a], timeout: 2000m}", "`2000m` is no time from `1s` to `5m`"),
        ] {
            assert_eq!(tests(&format!("tests: [{test}]")), Err(vec![told.to_owned()]), "{test}");
        }
        assert!(tests("tests: [{file: a/../b}]").is_err());
    }
}
