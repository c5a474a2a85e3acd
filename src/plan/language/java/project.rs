//! A Java application as planning sees it: the build that it belongs to, and what fetching sees of that.

use super::pom::Pom;
use crate::diagnostic::Diagnostic;
use crate::facts::literal;
use crate::model::Java;
use crate::name::{ContextPath, Reference};
use crate::plan::planner::Planner;
use crate::plan::product::in_directory;
use crate::plan::tool_versions::{self, Named};
use crate::rule;

/// Everything that planning knows of a Java application.
pub(super) struct Project {
    /// The directory of the build that the application is a module of, or its own.
    pub(super) root: ContextPath,
    /// All that the fetch step may see.
    pub(super) descriptors: Vec<ContextPath>,
    /// The builder's image.
    pub(super) image: Reference,
    /// The first file that names code which Maven loads into itself, where one does.
    pub(super) extends: Option<ContextPath>,
    /// Whether libraries may change without a change of their version.
    pub(super) has_snapshots: bool,
}

impl Project {
    /// Patterns of what Maven makes in a checkout; a package of the source may well be called `target`.
    pub(super) fn outputs(&self) -> impl Iterator<Item = String> {
        let modules = self.descriptors.iter().filter(|path| path.file_name() == POM);
        modules.filter_map(|pom| Some(literal(&pom.parent()?.join("target").ok()?)))
    }
}

const POM: &str = "pom.xml";
/// The files of Gradle, each of which is a build's.
const GRADLE: [&str; 2] = ["build.gradle", "build.gradle.kts"];
const GRADLE_WHY: &str = "its builds are programs that download as they run, and what of that could be fetched without them is not known yet";
const GRADLE_HELP: &str = "ship the archive that Gradle made before, by `binary: {from: build/libs/app.jar}` on a base that has Java; or \
    describe the application in a pom.xml beside it, which builds the same sources (Cofferdam's docs/java.md shows both)";
/// What Maven obeys besides.
const SETTINGS: [&str; 3] = [".mvn/maven.config", ".mvn/jvm.config", EXTENSIONS];
/// Names what Maven loads into itself.
const EXTENSIONS: &str = ".mvn/extensions.xml";
/// What the wrapper reads.
const WRAPPER: &str = ".mvn/wrapper/maven-wrapper.properties";
/// The Maven that builds; a wrapper's own would be a program from the network that nothing pins.
const MAVEN: &str = "3.9";
/// The releases of Java with long-term support that have the tools, the oldest first.
const RELEASES: [u32; 3] = [17, 21, 25];
const USUAL: u32 = 21;

/// Reads the descriptors of the build; `None` when facts are missing or errors were found.
pub(super) fn read(planner: &mut Planner<'_>, options: &Java) -> Option<Project> {
    let (poms, named) = (above(planner), planner.tool_version(tool_versions::JAVA));
    let gradle = GRADLE.map(|name| there(planner, name));
    let (poms, gradle) = (poms?, gradle.into_iter().collect::<Option<Vec<bool>>>()?);
    let gradle = GRADLE.iter().zip(gradle).find(|(_, is_there)| *is_there).map(|(name, _)| *name);
    let application = own(planner, options, poms.first(), gradle)?;
    let root = root(&poms);
    let found = planner.ask.glob(in_directory(&root, "**/pom.xml"));
    let settings = SETTINGS.map(|name| root.join(name).ok());
    let settings: Vec<_> =
        settings.into_iter().flatten().map(|path| (planner.ask.head(&path), path)).collect();
    let wrapper = planner.ask.file(&root.join(WRAPPER).ok()?);
    let mut descriptors: Vec<ContextPath> =
        found?.iter().filter(|path| is_descriptor(path, &root)).cloned().collect();
    descriptors.extend(poms.iter().map(|(directory, _)| directory.join(POM)).filter_map(Result::ok));
    descriptors.retain(|path| path.is_within(&root));
    descriptors.sort();
    descriptors.dedup();
    let texts: Vec<_> = descriptors.iter().map(|path| planner.ask.file(path)).collect();
    let texts: Vec<_> = texts.into_iter().collect::<Option<_>>()?;
    let read = |(path, text): (&ContextPath, Option<&[u8]>)| Some((path.clone(), parse(text?)));
    let (paths, all): (Vec<_>, Vec<_>) = descriptors.iter().zip(texts).filter_map(read).unzip();
    let mut extends = all.iter().position(|pom| pom.extends).map(|index| paths[index].clone());
    let mut obeyed = extends.clone();
    for (answer, path) in settings {
        if answer?.is_some() {
            obeyed.get_or_insert_with(|| path.clone());
            if path.as_str().ends_with(EXTENSIONS) {
                extends.get_or_insert_with(|| path.clone());
            }
            descriptors.push(path);
        }
    }
    refuse_secrets(planner, obeyed.as_ref())?;
    tell_wrapper(planner, wrapper?);
    let has_snapshots = tell_unlocked(planner, &all);
    let lineage = std::iter::once(application).chain(poms.iter().skip(1).map(|(_, pom)| pom));
    let image = image(planner, options, named?.as_ref(), lineage)?;
    Some(Project { root, descriptors, image, extends, has_snapshots })
}

fn parse(bytes: &[u8]) -> Pom {
    Pom::read(&String::from_utf8_lossy(bytes))
}

/// What the application's directory and those above it describe, the application's own first.
fn above(planner: &mut Planner<'_>) -> Option<Vec<(ContextPath, Pom)>> {
    let directories = planner.image.source.path.value.ancestors();
    let paths = directories.filter_map(|directory| Some((directory.join(POM).ok()?, directory)));
    let answers: Vec<_> =
        paths.map(|(path, directory)| Some((directory, planner.ask.file(&path)?))).collect();
    let answers: Vec<_> = answers.into_iter().collect::<Option<_>>()?;
    let source = &planner.image.source.path.value;
    // Without a description of its own, none above counts.
    let described = answers.first().is_some_and(|(directory, text)| directory == source && text.is_some());
    let known = answers.into_iter().filter_map(|(directory, text)| Some((directory, parse(text?))));
    Some(if described { known.collect() } else { Vec::new() })
}

fn there(planner: &mut Planner<'_>, name: &str) -> Option<bool> {
    let path = planner.image.source.path.value.join(name).ok()?;
    Some(planner.ask.head(&path)?.is_some())
}

/// The application's own description; an error where there is none, or one of something else.
fn own<'p>(
    planner: &mut Planner<'_>,
    options: &Java,
    pom: Option<&'p (ContextPath, Pom)>,
    gradle: Option<&str>,
) -> Option<&'p Pom> {
    let source = planner.image.source.path.value.clone();
    let error = match (pom, gradle) {
        (Some(_), Some(file)) if options.build_tool.is_none() => {
            Diagnostic::error("two-build-tools", format!("`{source}` has both a {POM} and a {file}"))
                .at(planner.image.language.span)
                .help("remove what does not count, or write `java: {build-tool: maven}`")
        }
        (None, Some(file)) => Diagnostic::error(
            "gradle",
            format!("`{source}/{file}` is built by Gradle, which is not supported"),
        )
        .at(planner.image.language.span)
        .why(GRADLE_WHY)
        .help(GRADLE_HELP),
        (None, None) => Diagnostic::error("no-project", format!("there is no {POM} in `{source}`"))
            .at(planner.source_span())
            .help("name the application's directory in `source`; an ignore file may hide its files"),
        (Some((_, pom)), _) => match pom.packaging.as_deref() {
            Some("pom") => {
                let message =
                    format!("`{source}/{POM}` puts modules together, and none of them is the application");
                let first = pom.modules.first().map_or("services/api", String::as_str);
                let example = source.join(first).map_or_else(|_| first.to_owned(), |path| path.to_string());
                Diagnostic::error("no-application", message)
                    .at(planner.source_span())
                    .help(format!("name the one that starts: `source: {example}`"))
            }
            Some(kind @ ("war" | "ear" | "rar" | "maven-plugin")) => {
                let message = format!("`{source}/{POM}` makes a {kind}, which does not start");
                Diagnostic::error("packaging", message)
                    .at(planner.image.language.span)
                    .help("package it as a `jar` that starts, with its server in it")
            }
            _ => return Some(pom),
        },
    };
    planner.report(error);
    None
}

/// The directory of the build: the highest one of those that name the one before as their module.
fn root(poms: &[(ContextPath, Pom)]) -> ContextPath {
    let mut root = poms[0].0.clone();
    for (directory, pom) in &poms[1..] {
        let mut modules = pom.modules.iter().filter_map(|module| directory.join(module).ok());
        if modules.any(|module| module == root || module.parent().as_ref() == Some(&root)) {
            root = directory.clone();
        }
    }
    root
}

/// Whether a file describes a part of the build, and is no test's or build's.
fn is_descriptor(path: &ContextPath, root: &ContextPath) -> bool {
    let below = path.relative_to(root).unwrap_or_default();
    !below.parts().any(|part| matches!(part, "target" | "src" | "node_modules"))
}

/// Secrets stay away from code that the build loads into Maven itself, and from options that could name some.
fn refuse_secrets(planner: &mut Planner<'_>, obeyed: Option<&ContextPath>) -> Option<()> {
    let secret = planner.image.fetch.secrets.first();
    let Some((secret, path)) = secret.zip(obeyed) else { return Some(()) };
    let message = format!("`{path}` can have Maven load code of its own, beside a secret");
    let error = Diagnostic::error(rule::FETCH_EXECUTES.name, message)
        .at(secret.id.span)
        .why("extensions run while dependencies are resolved; the secret would be theirs")
        .help("do without `<extensions>`, and without .mvn/extensions.xml, maven.config and jvm.config; or fetch from where no secret is needed");
    planner.report(error);
    None
}

/// Says so where the wrapper asks for another Maven than the one that builds.
fn tell_wrapper(planner: &mut Planner<'_>, wrapper: Option<&[u8]>) {
    let text = wrapper.map(String::from_utf8_lossy).unwrap_or_default();
    let url = text.lines().find_map(|line| line.trim().strip_prefix("distributionUrl"));
    let file = url.and_then(|url| url.rsplit('/').next()?.strip_prefix("apache-maven-"));
    let Some(version) = file.and_then(|file| file.strip_suffix("-bin.zip")) else { return };
    if !version.starts_with(&format!("{MAVEN}.")) {
        let message = format!("the wrapper asks for Maven {version}, and {MAVEN} builds");
        let warning = Diagnostic::warning("wrapper", message).at(planner.image.language.span);
        planner.report(warning.help("name another image of Maven in `build: {base: …}` if it matters"));
    }
}

/// Warns of dependencies whose version does not say which code they are; returns whether some are snapshots.
fn tell_unlocked(planner: &mut Planner<'_>, poms: &[Pom]) -> bool {
    let is_own = |name: &str| poms.iter().any(|pom| pom.artifact == name);
    let versions = poms
        .iter()
        .flat_map(|pom| pom.versions.iter().map(|(name, version)| (name.as_str(), pom.value(version))));
    let is_open = |version: &str| version.starts_with(['[', '(']) || matches!(version, "LATEST" | "RELEASE");
    let (mut open, mut has_snapshots) = (Vec::new(), false);
    for (name, version) in versions.filter(|(name, _)| !is_own(name)) {
        let is_snapshot = version.ends_with("-SNAPSHOT");
        has_snapshots |= is_snapshot;
        if is_snapshot || is_open(version) {
            open.push(format!("{name} {version}"));
        }
    }
    open.sort();
    open.dedup();
    if !open.is_empty() {
        let message = format!("these versions do not say which code they are: {}", open.join(", "));
        let warning = Diagnostic::warning(rule::UNLOCKED.name, message).at(planner.image.language.span);
        planner.report(warning.why(rule::UNLOCKED.why).help("name a release of each"));
    }
    has_snapshots
}

/// The release of Java in a version such as `temurin-21.0.2+13.0.LTS`: the first number after the vendor's names.
fn major(version: &str) -> Option<u32> {
    let number = version.split('-').find(|part| part.starts_with(|c: char| c.is_ascii_digit()))?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// The official image of Maven with the release of Java that the manifest or the application asks for.
fn image<'p>(
    planner: &mut Planner<'_>,
    options: &Java,
    named: Option<&Named>,
    mut lineage: impl Iterator<Item = &'p Pom>,
) -> Option<Reference> {
    let of_tool = named.and_then(|named| major(&named.version));
    let asked = lineage.find_map(Pom::release);
    let (release, span) = match &options.version {
        Some(version) => {
            (version.value.parse().ok().filter(|release| RELEASES.contains(release)), version.span)
        }
        None => {
            let wanted = asked.or(of_tool).unwrap_or(USUAL);
            (RELEASES.iter().find(|release| **release >= wanted).copied(), planner.image.language.span)
        }
    };
    if let (Some(named), Some(of_tool), Some(release), None) = (named, of_tool, release, &options.version) {
        let by = if asked.is_some() { POM } else { "the nearest release with long-term support is" };
        planner.tell_other_version(named, &of_tool.to_string(), &release.to_string(), by);
    }
    let written = options.version.as_ref().map(|version| version.value.clone());
    let name = written.or(asked.or(of_tool).map(|asked| asked.to_string())).unwrap_or_default();
    let message = match (release, asked) {
        (Some(release), Some(asked)) if asked > release => {
            format!("{POM} compiles for Java {asked}, which Java {release} cannot run")
        }
        (Some(release), _) => {
            match (&options.version, asked, of_tool.and(named)) {
                (None, Some(_), _) => planner.chose_version("Java", &release, &POM),
                (None, None, Some(named)) => planner.chose_version("Java", &release, &named.path),
                _ => {}
            }
            return Some(Reference::official("maven", &format!("{MAVEN}-eclipse-temurin-{release}")));
        }
        (None, _) => format!("there is no Java {name} to build with"),
    };
    let all = RELEASES.map(|release| release.to_string()).join(", ");
    let help =
        format!("write a release with long-term support: `java: {{version: {USUAL}}}`; there are {all}");
    planner.report(Diagnostic::error("version", message).at(span).help(help));
    None
}
