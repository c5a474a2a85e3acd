//! Tools that make a site of files, and where they put it.

use super::BUILD;
use super::package::Package;
use crate::name::ContextPath;

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
    Bundler {
        package: "@sveltejs/adapter-static",
        program: "vite",
        output: "build",
        hashed: Some("_app/immutable"),
    },
    Bundler { package: "react-scripts", program: "react-scripts", output: "build", hashed: Some("static") },
    Bundler { package: "@vue/cli-service", program: "vue-cli-service", output: "dist", hashed: None },
    Bundler { package: "vite", program: "vite", output: "dist", hashed: Some("assets") },
];

/// What makes servers, or either, so that only the manifest can say what ships.
const SERVERS: [&str; 9] = [
    "next",
    "nuxt",
    "nitropack",
    "nitro",
    "express",
    "fastify",
    "@sveltejs/adapter-node",
    "@react-router/node",
    "@astrojs/node",
];

/// The tool among a package's dependencies.
pub(super) fn find(package: &Package) -> Option<&'static Bundler> {
    let has = |name: &str| package.all_dependencies().any(|(dependency, _)| dependency == name);
    BUNDLERS.iter().find(|bundler| has(bundler.package))
}

/// Whether the text of a `package.json` is a site's: a script builds, a tool makes sites, and no server is started.
pub(in crate::plan::language) fn makes_site(text: &[u8]) -> bool {
    let Ok(package) = &Package::parse(ContextPath::root(), text) else { return false };
    let Some(bundler) = find(package).filter(|_| package.script(BUILD).is_some()) else { return false };
    let serves_while_developing =
        |script: &str| script.split_whitespace().find(|word| !word.contains('=')) == Some(bundler.program);
    // What these make depends on more than the package says.
    let may_serve = package.all_dependencies().any(|(name, _)| SERVERS.contains(&name));
    !may_serve && package.script("start").is_none_or(serves_while_developing) && package.programs().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_has_a_tool_that_makes_one_and_no_server() {
        let is_site = |text: &str| {
            let package = Package::parse(ContextPath::root(), text.as_bytes()).unwrap();
            (makes_site(text.as_bytes()), find(&package).map(|bundler| bundler.output))
        };
        for (text, expected) in [
            (
                r#"{"scripts": {"build": "vite build"}, "devDependencies": {"vite": "7"}}"#,
                (true, Some("dist")),
            ),
            (
                r#"{"scripts": {"build": "x", "start": "PORT=80 react-scripts start"}, "dependencies": {"react-scripts": "5"}}"#,
                (true, Some("build")),
            ),
            (
                r#"{"scripts": {"build": "x", "start": "node server.js"}, "devDependencies": {"vite": "7"}}"#,
                (false, Some("dist")),
            ),
            (
                r#"{"scripts": {"build": "x"}, "dependencies": {"vite": "7", "nuxt": "4"}}"#,
                (false, Some("dist")),
            ),
            (r#"{"devDependencies": {"vite": "7"}}"#, (false, Some("dist"))),
            (r#"{"scripts": {"build": "next build"}, "dependencies": {"next": "16"}}"#, (false, Some("out"))),
            (r#"{"scripts": {"build": "tsc"}}"#, (false, None)),
        ] {
            assert_eq!(is_site(text), expected, "{text}");
        }
    }
}
