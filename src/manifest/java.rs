//! The options of Java applications.

use super::value::Text;
use crate::text::Spanned;

words! {
    /// What builds a Java application.
    pub enum BuildTool {
        /// Maven, by `pom.xml`.
        Maven = "maven",
    }
    later { "gradle", }
}

words! {
    /// How much of Java's runtime ships.
    pub enum Jre {
        /// The modules that the application and its libraries need.
        Jlink = "jlink",
        /// All modules that run programs.
        Full = "full",
    }
}

block! {
    /// Options of Java. Dependencies and plugins are fetched without running a plugin; the build runs offline.
    pub struct Java as "java" {
        /// The release of Java, of those with long-term support: `17`, `21` or `25`.
        "version" version: Option<Text> = "the first that is as new as `pom.xml` or else `.tool-versions` asks for, else `21`";
        /// What builds the application.
        "build-tool" build_tool: Option<Spanned<BuildTool>> = "the one whose files are there";
        /// Profiles of the build.
        "profiles" profiles: Vec<Text>;
        /// How much of Java's runtime ships.
        "jre" jre: Option<Spanned<Jre>> = "`jlink`";
        /// Modules of Java's runtime besides those that are found, such as `jdk.localedata`.
        "modules" modules: Vec<Text>;
    }
    foreign {
        "jdk" => "write `version`",
        "release" => "write `version`",
        "jvm" => "write `version`",
        "profile" => "write `profiles`",
        "goals" => "the build runs `package`; other commands of the builder are `build: {run: […]}`",
        "options" => "options of the running machine are part of `runtime: {entrypoint: [java, …, -jar, /app/app.jar]}`",
        "jvm-options" => "options of the running machine are part of `runtime: {entrypoint: [java, …, -jar, /app/app.jar]}`",
        "main" => "name the class in `pom.xml`, or write `runtime: {entrypoint: [java, …]}`",
        "main-class" => "name the class in `pom.xml`, or write `runtime: {entrypoint: [java, …]}`",
        "module" => "name the module's directory in `source`; the build that it belongs to is found upward",
        "settings" => "settings of Maven are a secret: `fetch: {secrets: [maven-settings]}`",
    }
}
