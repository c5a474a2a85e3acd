//! Java applications: what is planned for them, and what people are told where nothing can be.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod plan_support;

use cofferdam::name::ContextPath;
use cofferdam::plan::{Compartment, Node};
use cofferdam::report::Proof;
use cofferdam::step::Report;
use plan_support::{builder, planned, refused, steps, warnings};

const JAVA: &str = "language: java\n";

/// A description with some elements.
fn pom(elements: &str) -> String {
    format!("<project><artifactId>shop</artifactId>{elements}</project>")
}

fn release(release: &str) -> String {
    pom(&format!("<properties><java.version>{release}</java.version></properties>"))
}

#[test]
fn the_release_is_the_first_that_runs_what_is_compiled() {
    let with =
        |manifest: &str, text: &str| planned(manifest, &[("pom.xml", text)]).map(|plan| builder(&plan));
    for (asked, chosen) in [("1.8", "17"), ("17", "17"), ("18", "21"), ("21", "21"), ("25", "25")] {
        let image = format!("maven:3.9-eclipse-temurin-{chosen}");
        assert_eq!(with(JAVA, &release(asked)), Ok(image), "{asked}");
    }
    assert_eq!(with(JAVA, &pom("")).unwrap(), "maven:3.9-eclipse-temurin-21");
    assert_eq!(with("java: {version: 25}\n", &release("17")).unwrap(), "maven:3.9-eclipse-temurin-25");
    for (manifest, text, said) in [
        (JAVA, release("99"), "there is no Java 99 to build with"),
        ("java: {version: 11}\n", pom(""), "there is no Java 11 to build with"),
        ("java: {version: 17}\n", release("21"), "pom.xml compiles for Java 21, which Java 17 cannot run"),
    ] {
        let refused = with(manifest, &text).unwrap_err();
        assert!(refused.contains(said) && refused.contains("17, 21, 25"), "{refused}");
    }
}

#[test]
fn the_fetch_sees_the_descriptors_of_the_whole_build_and_nothing_else_has_network() {
    let top = pom("<modules><module>api</module><module>web/pom.xml</module></modules>");
    let module = pom("<parent><artifactId>top</artifactId><version>1-SNAPSHOT</version></parent>");
    let files = [
        ("pom.xml", "<project><modules><module>elsewhere</module></modules></project>"),
        ("shop/pom.xml", &top),
        ("shop/api/pom.xml", &module),
        ("shop/web/pom.xml", &module),
        ("shop/web/src/test/resources/pom.xml", &module),
        ("shop/web/target/classes/META-INF/maven/pom.xml", &module),
        ("shop/.mvn/maven.config", "-Drevision=2\n"),
        ("shop/web/Main.java", ""),
    ];
    let plan = planned("source: shop/web\njava: {profiles: [prod, cloud]}\n", &files).unwrap();
    let selections = plan.nodes.iter().filter_map(|node| match node {
        Node::Context(selection) => Some(selection.paths.iter().map(ContextPath::as_str).collect()),
        _ => None,
    });
    let seen: Vec<Vec<&str>> = selections.collect();
    let descriptors = vec!["shop/api/pom.xml", "shop/pom.xml", "shop/web/pom.xml", "shop/.mvn/maven.config"];
    assert_eq!(seen, [descriptors, vec!["shop"]]);
    let steps = steps(&plan);
    let fetches: Vec<_> = steps.iter().filter(|step| step.compartment == Compartment::Fetch).collect();
    assert_eq!(fetches.len(), 1);
    for step in [fetches[0], steps.iter().find(|step| step.name == "build with Maven").unwrap()] {
        assert!(step.script.argv().ends_with(&["-Pprod,cloud", "-pl", "web", "-am"].map(str::to_owned)));
    }
}

#[test]
fn what_cannot_be_built_is_told_with_what_to_do() {
    let plain = pom("");
    for (manifest, files, said) in [
        (JAVA, vec![("Main.java", "")], "there is no pom.xml in `.`"),
        (
            JAVA,
            vec![("build.gradle.kts", "")],
            "build.gradle.kts` is built by Gradle, which is not supported",
        ),
        (JAVA, vec![("build.gradle", "")], "`binary: {from: build/libs/app.jar}`"),
        (
            JAVA,
            vec![("pom.xml", plain.as_str()), ("build.gradle", "")],
            "`.` has both a pom.xml and a build.gradle",
        ),
        (
            "java: {build-tool: gradle}\n",
            vec![("build.gradle", "")],
            "is `gradle`, which this version does not know yet",
        ),
        (
            JAVA,
            vec![(
                "pom.xml",
                "<project><packaging>pom</packaging><modules><module>web</module></modules></project>",
            )],
            "name the one that starts: `source: web`",
        ),
        (
            JAVA,
            vec![("pom.xml", "<project><packaging>war</packaging></project>")],
            "makes a war, which does not start",
        ),
    ] {
        let refused = refused(manifest, &files);
        assert!(refused.contains(said), "{refused}");
    }
    assert!(planned("java: {build-tool: maven}\n", &[("pom.xml", &plain), ("build.gradle", "")]).is_ok());
}

#[test]
fn no_secret_is_beside_code_that_maven_loads_into_itself() {
    let secret = "language: java\nfetch: {secrets: [maven-settings]}\n";
    let plugin = "<build><plugins><plugin><artifactId>x</artifactId><extensions>true</extensions></plugin></plugins></build>";
    let (plain, extended) = (pom(""), pom(plugin));
    assert!(planned(secret, &[("pom.xml", &plain)]).is_ok());
    assert!(planned(JAVA, &[("pom.xml", &extended)]).is_ok());
    let settings = [".mvn/extensions.xml", ".mvn/maven.config", ".mvn/jvm.config"];
    let beside = settings.map(|path| (path, vec![("pom.xml", plain.as_str()), (path, "")]));
    for (path, files) in beside.into_iter().chain([("pom.xml", vec![("pom.xml", extended.as_str())])]) {
        let refused = refused(secret, &files);
        assert!(refused.contains("2:19: error[fetch-executes]"), "{refused}");
        assert!(refused.contains(&format!("`{path}` can have Maven load")), "{refused}");
    }
}

#[test]
fn code_that_maven_loads_as_it_fetches_is_a_warning_and_not_reported_as_proved() {
    let plain = pom("");
    let plugin = |extensions: &str| {
        pom(&format!(
            "<build><plugins><plugin><artifactId>x</artifactId><extensions>{extensions}</extensions></plugin></plugins></build>"
        ))
    };
    // A module may give the property another value, which counts for what it inherits.
    let off = "<properties><all>false</all></properties>";
    let by_property = plugin("${all}").replace("</project>", &format!("{off}</project>"));
    let (extended, not) = (plugin("true"), plugin("false"));
    let told = |text: &str, more: &[(&str, &str)]| {
        let files = [&[("pom.xml", text)], more].concat();
        let proof = Proof::new(&planned(JAVA, &files).unwrap(), &Report::default(), &[]);
        let is_named = |rules: Vec<String>| rules.iter().any(|rule| rule == "fetch-executes");
        let warned = warnings(JAVA, &files).contains("1:11: warning[fetch-executes]");
        (warned, is_named(proof.rules), is_named(proof.excepted))
    };
    for (text, more) in
        [(&extended, &[][..]), (&by_property, &[]), (&plain, &[(".mvn/extensions.xml", "<extensions/>")])]
    {
        assert_eq!(told(text, more), (true, false, true), "{text} {more:?}");
    }
    for more in [&[][..], &[(".mvn/maven.config", "-T1C\n")]] {
        assert_eq!(told(&plain, more), (false, true, false), "{more:?}");
    }
    assert_eq!(told(&not, &[]), (false, true, false));
}

#[test]
fn a_wrapper_of_another_maven_than_the_one_that_builds_is_a_warning() {
    let plain = pom("");
    let with = |url: &str| {
        let properties = format!("# of the wrapper\nwrapperVersion=3.3.2\ndistributionUrl={url}\n");
        warnings(JAVA, &[("pom.xml", &plain), (".mvn/wrapper/maven-wrapper.properties", &properties)])
    };
    let url = |version: &str| {
        format!("https\\://example.com/org/apache/maven/{version}/apache-maven-{version}-bin.zip")
    };
    let told = with(&url("3.6.3"));
    assert!(
        told.contains("1:11: warning[wrapper]: the wrapper asks for Maven 3.6.3, and 3.9 builds"),
        "{told}"
    );
    assert!(told.contains("`build: {base: …}`"), "{told}");
    for silent in [url("3.9.1"), url("3.9.11"), "https://example.com/own.zip".to_owned()] {
        assert_eq!(with(&silent), "", "{silent}");
    }
}
