//! What planning reads of a `pom.xml` (Maven, "POM Reference", `maven-4.0.0.xsd`).
//!
//! Maven itself reads all of it, in the builder. Here, an element with text counts, with the names of those around it.

use std::collections::BTreeMap;

/// What a `pom.xml` says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pom {
    /// The directories, or the files, of the modules that it is built with.
    pub(super) modules: Vec<String>,
    /// The name of what it makes.
    pub(super) artifact: String,
    /// What it makes, where it says so.
    pub(super) packaging: Option<String>,
    /// Artifacts that it asks for in a version, by their names.
    pub(super) versions: Vec<(String, String)>,
    /// Whether plugins that it names change how Maven itself works.
    pub(super) extends: bool,
    properties: BTreeMap<String, String>,
}

/// The properties that tell for which release of Java is compiled, the strongest first.
const RELEASE: [&str; 4] =
    ["maven.compiler.release", "java.version", "maven.compiler.target", "maven.compiler.source"];

impl Pom {
    /// What a text says; what is no XML says nothing, and is refused by Maven.
    pub(super) fn read(text: &str) -> Pom {
        let mut pom = Pom::default();
        let mut artifact = String::new();
        for (path, text) in elements(text) {
            match path[..] {
                ["project", "artifactId"] => text.clone_into(&mut pom.artifact),
                ["project", "packaging"] => pom.packaging = Some(text.to_owned()),
                ["project", "properties", name] => {
                    drop(pom.properties.insert(name.to_owned(), text.to_owned()));
                }
                ["project", "modules", "module"]
                | ["project", "profiles", "profile", "modules", "module"] => {
                    pom.modules.push(text.to_owned());
                }
                // A property may have another value elsewhere: in a module, a profile, `.mvn/maven.config`.
                [.., "plugin", "extensions"] => pom.extends |= text != "false",
                [.., "extensions", "extension", "artifactId"] => pom.extends = true,
                [.., "dependency" | "plugin" | "parent", "artifactId"] => text.clone_into(&mut artifact),
                [.., "dependency" | "plugin" | "parent", "version"] => {
                    pom.versions.push((artifact.clone(), text.to_owned()));
                }
                _ => {}
            }
        }
        pom
    }

    /// The release of Java that it compiles for, where it says so.
    pub(super) fn release(&self) -> Option<u32> {
        let written = RELEASE.iter().find_map(|name| self.properties.get(*name))?;
        let value = self.value(written);
        value.strip_prefix("1.").unwrap_or(value).parse().ok()
    }

    /// What a text stands for, where it names one property.
    pub(super) fn value<'t>(&'t self, text: &'t str) -> &'t str {
        let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
        name.and_then(|name| self.properties.get(name)).map_or(text, String::as_str)
    }
}

/// The elements that hold text, each with the names from the root to it.
fn elements(text: &str) -> Vec<(Vec<&str>, &str)> {
    let (mut found, mut path) = (Vec::new(), Vec::new());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        let before = rest[..start].trim();
        rest = &rest[start..];
        let end = ["<!--", "<![CDATA[", "<?", "<"].iter().zip(["-->", "]]>", "?>", ">"]);
        let Some((_, end)) = end.into_iter().find(|(start, _)| rest.starts_with(**start)) else { break };
        let Some(length) = rest.find(end) else { break };
        let tag = &rest[1..length];
        rest = &rest[length + end.len()..];
        if tag.starts_with(['!', '?']) {
            continue;
        }
        if tag.starts_with('/') {
            if !before.is_empty() {
                found.push((path.clone(), before));
            }
            path.pop();
        } else if !tag.ends_with('/') {
            path.push(tag.split(char::is_whitespace).next().unwrap_or_default());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pom_tells_its_modules_versions_and_release() {
        let pom = Pom::read(
            "<?xml version=\"1.0\"?><!-- <modules> -->\n<project xmlns=\"x\">
  <parent><artifactId>p</artifactId><version>1-SNAPSHOT</version><relativePath/></parent>
  <artifactId>shop</artifactId><packaging>pom</packaging>
  <properties><java>17</java><maven.compiler.release>${java}</maven.compiler.release></properties>
  <modules><module>api</module><!-- no --><module> web </module></modules>
  <dependencies><dependency><artifactId>a</artifactId><version>[1,2)</version></dependency></dependencies>
  <build><plugins><plugin><artifactId>q</artifactId><extensions>true</extensions></plugin></plugins></build>
</project>",
        );
        assert_eq!((pom.artifact.as_str(), pom.packaging.as_deref()), ("shop", Some("pom")));
        assert_eq!(pom.modules, ["api", "web"]);
        assert_eq!((pom.release(), pom.extends), (Some(17), true));
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(pom.versions, [pair("p", "1-SNAPSHOT"), pair("a", "[1,2)")]);
    }

    #[test]
    fn what_is_no_xml_says_nothing() {
        for text in ["", "<", "<project", "</project></a>", "<project><!-- ", "{}"] {
            assert_eq!(Pom::read(text), Pom::default(), "{text}");
        }
        let old = Pom::read("<project><properties><java.version>1.8</java.version></properties></project>");
        assert_eq!(old.release(), Some(8));
    }
}
