//! What of a package without a list of its files only its developers need.
//!
//! One table serves the step that packages and the stage that stands in for it (`plain.rs`).

use serde_json::json;

use crate::contract::LeaveOut;
use crate::facts::matches;
use crate::name::ContextPath;

/// Patterns below a package's directory, of whatever is there: `*` within a part, a leading `**/` at any depth.
const PATHS: [&str; 44] = [
    "**/node_modules",
    "test",
    "tests",
    "__tests__",
    "__mocks__",
    "e2e",
    "cypress",
    "coverage",
    ".git",
    ".github",
    ".gitlab",
    ".husky",
    ".vscode",
    ".idea",
    ".yarn",
    ".pnpm-store",
    ".turbo",
    ".cache",
    ".nyc_output",
    ".circleci",
    ".devcontainer",
    ".changeset",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "yarn.lock",
    "pnpm-lock.yaml",
    "pnpm-workspace.yaml",
    "cofferdam.yaml",
    "tsconfig*.json",
    "jsconfig.json",
    "*.tsbuildinfo",
    "jest.config.*",
    "vitest.config.*",
    "vite.config.*",
    "eslint.config.*",
    "prettier.config.*",
    "rollup.config.*",
    "webpack.config.*",
    "babel.config.*",
    "tsup.config.*",
    "playwright.config.*",
    "cypress.config.*",
    "commitlint.config.*",
    "lint-staged.config.*",
];
/// What is hidden at the top, unless it is a directory: there are settings, and secrets.
const HIDDEN: &str = ".*";
/// Names of documents and recipes at the top, in small letters, and their endings.
const DOCUMENTS: [&str; 9] = [
    "dockerfile",
    "docker-compose",
    "compose",
    "makefile",
    "readme",
    "changelog",
    "contributing",
    "code_of_conduct",
    "security",
];
const ENDINGS: [&str; 6] = ["", ".md", ".rst", ".txt", ".yml", ".yaml"];
/// What is between a test's name and the ending of a program; `openapi.spec.yaml` is no test.
const TESTS: [&str; 2] = ["test", "spec"];
/// The endings of programs.
const PROGRAMS: [&str; 8] = ["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx"];

/// What stays behind of a package's directory.
pub(super) fn leave_out() -> LeaveOut {
    let documents = DOCUMENTS.iter().flat_map(|name| ENDINGS.map(|ending| format!("{name}{ending}")));
    let tests = TESTS.iter().flat_map(|kind| PROGRAMS.map(|ending| format!("**/*.{kind}.{ending}")));
    let files = std::iter::once(HIDDEN.to_owned()).chain(documents).chain(tests).collect();
    LeaveOut { paths: PATHS.map(str::to_owned).into(), files }
}

/// The same for the step that packages.
pub(super) fn as_json() -> String {
    let LeaveOut { paths, files } = leave_out();
    json!({"paths": paths, "files": files}).to_string()
}

/// Whether a program below a package's directory ships.
pub(super) fn ships(program: &ContextPath) -> bool {
    let LeaveOut { paths, files } = leave_out();
    let small = ContextPath::parse(&program.as_str().to_ascii_lowercase()).unwrap_or_default();
    let is_left = |path: &ContextPath| paths.iter().any(|pattern| matches(pattern, path));
    !program.ancestors().any(|path| is_left(&path)) && !files.iter().any(|pattern| matches(pattern, &small))
}

/// Whether a path is that of a program, and of no directory that a program's name could mean.
pub(super) fn is_program(path: &ContextPath) -> bool {
    let ending = path.file_name().rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| PROGRAMS.contains(&ending))
}
