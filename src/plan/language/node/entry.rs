//! What an application starts, as its `package.json` says.

use super::package::Package;
use crate::plan::process::OF_SHELLS;

/// A start without a shell: options of Node, the program, its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Start {
    /// Options of Node.
    pub(super) options: Vec<String>,
    /// The program, relative to the application.
    pub(super) program: String,
    /// The program's arguments.
    pub(super) arguments: Vec<String>,
}

/// Why nothing can be started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unclear {
    /// The script that starts the application needs a shell or another program.
    Script(String),
    /// There are several programs.
    Programs(Vec<String>),
    /// Nothing is said.
    Nothing,
}

/// What starts where a package says nothing, as `npm start` does it ("scripts" of npm's documentation).
pub(super) const USUAL: &str = "server.js";
/// The scripts that start an application; the second is what some frameworks call the one for production.
const SCRIPTS: [&str; 2] = ["start:prod", "start"];
/// How many scripts may call one another.
const MOST_CALLS: usize = 8;
/// What npm's shell would read besides.
const QUOTES: [char; 3] = ['"', '\'', '\n'];
/// Options of Node that have a value as a word of its own.
const WITH_VALUE: [&str; 11] = [
    "-C",
    "--conditions",
    "-r",
    "--require",
    "--import",
    "--loader",
    "--experimental-loader",
    "--env-file",
    "--env-file-if-exists",
    "--title",
    "--max-http-header-size",
];

/// What starts the application: a script that is plain `node …`, its only program, or its main module.
///
/// The script counts first: it is written to start the application, where `main` is often what `npm init` left.
pub(super) fn find(package: &Package) -> Result<Start, Unclear> {
    let scripts = SCRIPTS.iter().filter_map(|name| package.script(name));
    let scripts: Vec<&str> = scripts.map(|script| called(package, script)).collect();
    if let Some(start) = scripts.iter().find_map(|script| plain(script)) {
        return Ok(start);
    }
    if let Some(script) = scripts.first() {
        return Err(Unclear::Script((*script).to_owned()));
    }
    let programs = package.programs();
    let only = || (programs.len() == 1).then(|| programs.values().next().copied()).flatten();
    if let Some(program) = only().or_else(|| package.text(&["main"])) {
        let program = program.strip_prefix("./").unwrap_or(program).to_owned();
        return Ok(Start { options: Vec::new(), program, arguments: Vec::new() });
    }
    match programs.len() {
        0 => Err(Unclear::Nothing),
        _ => Err(Unclear::Programs(programs.keys().map(|name| (*name).to_owned()).collect())),
    }
}

/// What a script comes to that does nothing but run another one of the package's by its manager.
fn called<'p>(package: &'p Package, mut script: &'p str) -> &'p str {
    for _ in 0..MOST_CALLS {
        let words: Vec<&str> = script.split_whitespace().collect();
        let (["npm", "run" | "run-script", name] | ["yarn" | "pnpm", "run", name] | ["yarn" | "pnpm", name]) =
            words[..]
        else {
            break;
        };
        // Managers run these before it and behind it.
        let has_more = ["pre", "post"].iter().any(|when| package.script(&format!("{when}{name}")).is_some());
        match package.script(name).filter(|_| !has_more) {
            Some(other) => script = other,
            None => break,
        }
    }
    script
}

/// A script that starts a program with Node and needs no shell for it.
fn plain(script: &str) -> Option<Start> {
    if script.contains(OF_SHELLS) || script.contains(QUOTES) {
        return None;
    }
    let mut words = script.split_whitespace().peekable();
    // The image says so by itself.
    while words.next_if(|word| matches!(*word, "NODE_ENV=production" | "cross-env")).is_some() {}
    words.next_if_eq(&"node")?;
    let mut options = Vec::new();
    while let Some(option) = words.next_if(|word| word.starts_with('-')) {
        options.push(option.to_owned());
        if WITH_VALUE.contains(&option) {
            options.push(words.next()?.to_owned());
        }
    }
    let program = words.next()?;
    let program = program.strip_prefix("./").unwrap_or(program).to_owned();
    Some(Start { options, program, arguments: words.map(str::to_owned).collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::ContextPath;

    fn of(text: &str) -> Result<Start, Unclear> {
        find(&Package::parse(ContextPath::root(), text.as_bytes()).unwrap())
    }

    fn program(text: &str) -> String {
        of(text).unwrap().program
    }

    #[test]
    fn the_start_script_counts_before_program_and_module() {
        let all = r#"{"scripts": {"start": "node ./server.js"}, "bin": "cli.js", "main": "index.js"}"#;
        assert_eq!(program(all), "server.js");
        assert_eq!(program(r#"{"bin": "cli.js", "main": "index.js"}"#), "cli.js");
        assert_eq!(program(r#"{"bin": {"a": "a.js", "b": "b.js"}, "main": "index.js"}"#), "index.js");
        assert_eq!(
            program(r#"{"scripts": {"start": "nest start", "start:prod": "node dist/main"}}"#),
            "dist/main"
        );
    }

    #[test]
    fn a_script_that_only_runs_another_is_that_other() {
        let scripts = r#"{"scripts": {"start": "npm run serve", "serve": "yarn one", "one": "node a.js"}}"#;
        assert_eq!(program(scripts), "a.js");
        for script in
            ["npm run start", "npm run none", "npm run one -- --port=1", "pnpm exec one", "npm run two"]
        {
            let scripts = format!(
                r#"{{"scripts": {{"start": "{script}", "one": "node a.js", "two": "node b.js", "pretwo": "x"}}}}"#
            );
            assert_eq!(of(&scripts), Err(Unclear::Script(script.to_owned())));
        }
    }

    #[test]
    fn options_and_arguments_keep_their_places() {
        let start =
            of(r#"{"scripts": {"start": "NODE_ENV=production node --import ./a.js -r b c.js --port 1"}}"#);
        let words = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>();
        let expected = Start {
            options: words(&["--import", "./a.js", "-r", "b"]),
            program: "c.js".to_owned(),
            arguments: words(&["--port", "1"]),
        };
        assert_eq!(start, Ok(expected));
    }

    #[test]
    fn what_needs_a_shell_is_told() {
        for script in ["node migrate.js && node server.js", "PORT=3000 node server.js", "tsx server.ts"] {
            assert_eq!(
                of(&format!(
                    r#"{{"scripts": {{"start": "{script}"}}, "bin": "cli.js", "main": "index.js"}}"#
                )),
                Err(Unclear::Script(script.to_owned()))
            );
        }
        assert_eq!(
            of(r#"{"bin": {"a": "a", "b": "b"}}"#),
            Err(Unclear::Programs(vec!["a".into(), "b".into()]))
        );
        assert_eq!(of("{}"), Err(Unclear::Nothing));
    }
}
