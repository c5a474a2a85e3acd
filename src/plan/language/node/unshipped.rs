//! What of a package without a list of its files only its developers need.
//!
//! One table serves the step that packages and the stage that stands in for it (`plain.rs`).

use serde_json::json;

use crate::contract::LeaveOut;
use crate::facts::{matches, matches_parts};
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
/// The same of what is no directory: hidden files at the top, and what holds secrets anywhere.
const FILES: [&str; 4] = [".*", "**/.env", "**/.env.*", "**/.envrc"];
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
/// The endings of programs, and what else tests end with.
const PROGRAMS: [&str; 8] = ["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx"];
const OF_TESTS: [&str; 3] = ["snap", "svelte", "vue"];

/// What stays behind of a package's directory.
pub(super) fn leave_out() -> LeaveOut {
    let documents = DOCUMENTS.iter().flat_map(|name| ENDINGS.map(|ending| format!("{name}{ending}")));
    let endings = || PROGRAMS.iter().chain(&OF_TESTS);
    let tests = TESTS.iter().flat_map(|kind| endings().map(move |ending| format!("**/*.{kind}.{ending}")));
    let files = FILES.iter().map(|&pattern| pattern.to_owned()).chain(documents).chain(tests).collect();
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
    let small = program.as_str().to_ascii_lowercase();
    let is_left = |path: &ContextPath| paths.iter().any(|pattern| matches(pattern, path));
    !program.ancestors().any(|path| is_left(&path))
        && !files.iter().any(|pattern| matches_parts(pattern, &small))
}

/// Whether a path ends like a program's: Node looks for what has no ending in more than one place.
pub(super) fn is_program(path: &ContextPath) -> bool {
    let ending = path.file_name().rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| PROGRAMS.contains(&ending))
}
