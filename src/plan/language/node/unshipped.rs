//! What of a package without a list of its files only its developers need.
//!
//! One table serves the step that packages and the selection that stands in for it (`plain.rs`).

use crate::name::ContextPath;
use crate::plan::product::in_directory;

/// Patterns below a package's directory: `*` within a part, a leading `**/` at any depth.
const PATTERNS: &[&str] = &[
    "node_modules",
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
    "Dockerfile",
    "dockerfile",
    "Dockerfile.*",
    "*.Dockerfile",
    "docker-compose*.yml",
    "docker-compose*.yaml",
    "compose.yml",
    "compose.yaml",
    "Makefile",
    "makefile",
    "README",
    "README.*",
    "readme.md",
    "CHANGELOG",
    "CHANGELOG.*",
    "changelog.md",
    "CONTRIBUTING",
    "CONTRIBUTING.*",
    "contributing.md",
    "CODE_OF_CONDUCT",
    "CODE_OF_CONDUCT.*",
    "code_of_conduct.md",
    "SECURITY",
    "SECURITY.*",
    "security.md",
];
/// What is between a test's name and the ending of a program; `openapi.spec.yaml` is no test.
const TESTS: [&str; 2] = ["test", "spec"];
/// The endings of programs.
const PROGRAMS: [&str; 8] = ["js", "cjs", "mjs", "jsx", "ts", "cts", "mts", "tsx"];

/// All patterns, below a package's directory.
pub(super) fn patterns() -> Vec<String> {
    let tests = TESTS.iter().flat_map(|kind| PROGRAMS.map(|ending| format!("**/*.{kind}.{ending}")));
    PATTERNS.iter().map(|&pattern| pattern.to_owned()).chain(tests).collect()
}

/// All patterns for a package at a directory of the context.
pub(super) fn patterns_in(directory: &ContextPath) -> Vec<String> {
    patterns().iter().map(|pattern| in_directory(directory, pattern)).collect()
}

/// All patterns as the step that packages reads them.
pub(super) fn as_json() -> String {
    serde_json::Value::from(patterns()).to_string()
}
