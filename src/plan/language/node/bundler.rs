//! Tools that make a site of files, and where they put it.

use super::package::Package;

/// A tool that makes a site.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::plan::language) struct Bundler {
    /// The package that it comes in.
    package: &'static str,
    /// Its program, by which a start script that serves while people develop is known.
    program: &'static str,
    /// Where it puts the site.
    pub(super) output: &'static str,
    /// The directory of files whose names say what they hold.
    pub(in crate::plan::language) hashed: Option<&'static str>,
}

/// The tools, those that use others before these.
const BUNDLERS: [Bundler; 7] = [
    Bundler { package: "next", program: "next", output: "out", hashed: Some("_next/static") },
    Bundler { package: "astro", program: "astro", output: "dist", hashed: Some("_astro") },
    Bundler { package: "@docusaurus/core", program: "docusaurus", output: "build", hashed: Some("assets") },
    Bundler { package: "@sveltejs/adapter-static", program: "vite", output: "build", hashed: Some("_app/immutable") },
    Bundler { package: "react-scripts", program: "react-scripts", output: "build", hashed: Some("static") },
    Bundler { package: "@vue/cli-service", program: "vue-cli-service", output: "dist", hashed: None },
    Bundler { package: "vite", program: "vite", output: "dist", hashed: Some("assets") },
];

/// The tool among a package's dependencies.
pub(super) fn find(package: &Package) -> Option<&'static Bundler> {
    let has = |name: &str| package.all_dependencies().any(|(dependency, _)| dependency == name);
    BUNDLERS.iter().find(|bundler| has(bundler.package))
}
