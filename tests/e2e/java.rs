//! Java applications: what Maven builds offline, the runtime that ships, and what is wrong with them told at its line.

use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::examples::keeps_the_promises;
use crate::support::{AS_JSON, Build, Context, Image, Process, Service, cached, lab, run};

const AMD64: &str = "linux/amd64";
const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\n";

fn roles(image: &Image) -> Vec<String> {
    image.layers(AMD64).into_iter().map(|(role, _)| role).collect()
}

#[test]
fn a_spring_boot_service() {
    let context = Context::example("java-service");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    assert_eq!(roles(&image), ["runtime", "dependencies", "application"]);
    let port = Service::free_port();
    let env = format!("PORT={port}");
    let service = Service::start("java-service", port, &image.reference, &["--env", &env], &[]);
    let get = |path: &str| -> Value {
        let (status, body) = service.get(path);
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    };
    assert_eq!(get("/actuator/health")["status"], "UP");
    let about = get("/");
    assert_eq!(
        (&about["java"], &about["uid"], &about["writable"]),
        (&21.into(), &65532.into(), &false.into())
    );
    assert!(about["authorities"].as_u64().unwrap() > 50, "the vendor's authorities: {about}");
    assert!((10..30).contains(&about["modules"].as_u64().unwrap()), "{about}");
    let files = image.files(AMD64);
    for absent in ["bin/javac", "bin/jlink", "lib/jrt-fs.jar.src", "jmods"] {
        assert!(!files.contains_key(&format!("/usr/lib/jvm/jre/{absent}")), "{absent} ships");
    }
    assert!(
        !files.keys().any(|path| path.contains("junit") || path.contains("/maven")),
        "tests and Maven stay"
    );
    let sbom = image.sbom(AMD64).to_string();
    for library in
        ["pkg:maven/org.springframework.boot/spring-boot@", "pkg:maven/io.projectreactor/reactor-core@"]
    {
        assert!(sbom.contains(library), "{library} is not in the bill of materials");
    }
    let program = "src/main/java/org/example/harbour/Harbour.java";
    let edited =
        Context::example("java-service").replacing(program, "Mono.just(ship)", "Mono.just(ship + '!')");
    let log = Build::of(&edited).flag(AS_JSON).succeed(&[]);
    assert!(cached(&log, "collect the Java runtime"), "a change of the source makes no new runtime:\n{log}");
    assert!(!cached(&log, "build with Maven"));
}

#[test]
fn modules_of_a_build_with_a_plain_archive() {
    let context = Context::example("java-modules");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    let sbom = image.sbom(AMD64).to_string();
    assert!(
        sbom.contains("pkg:maven/info.picocli/picocli@4.7.7"),
        "what a plain archive needs is in the bill"
    );
    let said = run(&image.reference, &[], &["--version"]);
    assert_eq!(said, "2.1.0-SNAPSHOT\ngenerated: true\n", "the annotation processor was fetched and ran");
    let port = Service::free_port();
    let service = Service::start("java-modules", port, &image.reference, &[], &[&format!("--port={port}")]);
    assert_eq!(service.get("/"), (200, String::new()));
    let said = run(&image.reference, &[], &["--text=Tür Tor tor"]);
    assert_eq!(said, "tor 2.000 ‰\ntür 1.000 ‰\n", "`jdk.localedata` is there");
    let files = image.files(AMD64);
    assert!(
        files.contains_key("/app/lib/words-2.1.0-SNAPSHOT.jar")
            && files.contains_key("/app/lib/picocli-4.7.7.jar")
    );
}

#[test]
fn a_runtime_of_all_modules_has_no_compiler() {
    let full = Context::example("java-modules").replacing(
        "cofferdam.yaml",
        "java: {modules: [jdk.localedata]}",
        "java: {jre: full}",
    );
    let image = Build::of(&full).push();
    keeps_the_promises(&image, "65532:65532");
    let said = run(&image.reference, &[], &["--text=Tür Tor tor"]);
    assert_eq!(said, "tor 2.000 ‰\ntür 1.000 ‰\n", "`jdk.localedata` is there, though nobody named it");
    let release = image.text(AMD64, "/usr/lib/jvm/jre/release");
    assert!(release.contains("java.sql.rowset") && release.contains("jdk.jfr"), "{release}");
    assert!(!release.contains("jdk.compiler") && !release.contains("jdk.jlink"), "{release}");
}

/// What a script says that runs in Java's toolchain, in the directory of some files.
fn in_the_toolchain(context: &Context, script: &str) -> String {
    let volume = format!("{}:/work", context.path().display());
    let (run, program) = (["run", "--user", "0", "--read-only=false", "--volume"], ["sh", "-euc"]);
    let script = format!("cd /work && {script}");
    lab().verb(&[&run[..], &[&volume, "library/maven:3.9"], &program, &[&script]].concat()).stdout()
}

#[test]
fn modules_are_told_of_archives_that_have_a_class_for_different_releases() {
    let program = include_str!("../../src/plan/language/java/builder/Modules.java");
    let uses =
        |what: &str| format!("package p; class X {{ Object o() throws Exception {{ return {what}; }} }}\n");
    let files = [
        ("Modules.java", program),
        ("old/p/X.java", &uses("null")),
        ("9/p/X.java", &uses("java.util.logging.Logger.getGlobal()")),
        ("11/p/X.java", &uses("java.net.http.HttpClient.newHttpClient()")),
        ("99/p/X.java", &uses("java.sql.DriverManager.getDrivers()")),
        ("m/module-info.java", "module m { requires java.desktop; exports p; }\n"),
        ("m/p/X.java", &uses("null").replace("class", "public class")),
    ];
    let context = Context::of("java-modules-of-releases", &files);
    let script = "mkdir lib && for each in old 9 11 99 m; do javac -d \"c/$each\" $(find \"$each\" -name '*.java'); done
        jar --create --file lib/m.jar -C c/m .
        jar --create --file lib/nine.jar -C c/old . --release 9 -C c/9 .
        jar --create --file lib/eleven.jar -C c/old . --release 11 -C c/11 . --release 99 -C c/99 .
        java Modules.java lib";
    let said = in_the_toolchain(&context, script);
    assert_eq!(said, "java.base java.logging java.net.http\n", "of each the release that this Java runs");
}

/// What docs/java.md tells users of Gradle: the archive is made before, and ships on a base that has Java.
#[test]
fn an_archive_that_was_built_elsewhere_ships_on_a_base_that_has_java() {
    let full = Context::example("java-modules").replacing(
        "cofferdam.yaml",
        "java: {modules: [jdk.localedata]}",
        "java: {jre: full}",
    );
    let base = Build::of(&full).push();
    let context = Context::empty("gradle");
    let classes = context.path().join("classes");
    let context = context.with(
        "Main.java",
        "class Main { public static void main(String[] a) { System.out.println(\"shipped\"); } }\n",
    );
    in_the_toolchain(
        &context,
        "javac -d classes Main.java && mkdir -p build/libs && jar --create --file build/libs/harbour.jar --main-class Main -C classes .",
    );
    assert!(classes.is_dir());
    let manifest = format!(
        "{SYNTAX}binary: {{from: build/libs/harbour.jar}}\nruntime:\n  base: {}\n  entrypoint: [/usr/lib/jvm/jre/bin/java, -XX:MaxRAMPercentage=75, -jar, /app/harbour.jar]\n",
        base.reference
    );
    let image = Build::of(&context.with("cofferdam.yaml", manifest)).push();
    keeps_the_promises(&image, "65532:65532");
    assert_eq!(run(&image.reference, &["--network", "none"], &[]), "shipped\n");
}

#[test]
fn a_build_for_another_release_of_java_ships_that_one() {
    let context = Context::example("java-modules").replacing("pom.xml", "release>21<", "release>25<");
    let image = Build::of(&context).push();
    keeps_the_promises(&image, "65532:65532");
    assert_eq!(run(&image.reference, &[], &["--text=Tür Tor tor"]), "tor 2.000 ‰\ntür 1.000 ‰\n");
    let release = image.text(AMD64, "/usr/lib/jvm/jre/release");
    assert!(release.contains("JAVA_VERSION=\"25"), "{release}");
}

#[test]
fn a_published_server_unmodified() {
    let context = Context::empty("ftpserver");
    let volume = format!("{}:/work", context.path().display());
    let fetch = [
        "run",
        "--user",
        "0",
        "--read-only=false",
        "--network",
        "host",
        "--volume",
        &volume,
        "library/maven:3.9",
        "mvn",
        "--batch-mode",
        "--quiet",
        "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy",
        "-Dartifact=org.apache.ftpserver:ftpserver-parent:1.2.1:zip:source-release",
        "-DoutputDirectory=/work",
    ];
    lab().verb(&fetch).stdout();
    let unpack = "unzip -q *.zip; rm *.zip; mv */* .";
    Process::new("sh").args(["-euc", unpack]).directory(context.path()).stdout();
    let manifest = "
source: {path: core, exclude: [ftpd.xml]}
java: {version: 21}
runtime:
  entrypoint: [java, -cp, '/app/app.jar:/app/lib/*', org.apache.ftpserver.main.CommandLine, ftpd.xml]
  files: [{from: ftpd.xml, to: /app/ftpd.xml}]
";
    let context = context.with("ftpd.xml", include_str!("java/ftpd.xml"));
    let image = Build::of(&context.with("cofferdam.yaml", format!("{SYNTAX}{manifest}"))).push();
    keeps_the_promises(&image, "65532:65532");
    let _service = Service::start("ftpserver", 2121, &image.reference, &[], &[]);
    let connection = TcpStream::connect("127.0.0.1:2121").unwrap();
    connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let mut greeting = String::new();
    BufReader::new(connection).read_line(&mut greeting).unwrap();
    assert!(greeting.starts_with("220 "), "{greeting}");
}

#[test]
fn what_is_wrong_is_told() {
    let pom = |elements: &str| {
        format!(
            "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId>\
             <version>1</version><properties><maven.compiler.release>21</maven.compiler.release></properties>\
             {elements}</project>"
        )
    };
    let main = ("src/main/java/Main.java", "class Main { public static void main(String[] a) {} }\n");
    let failed = |pom: &str| {
        let context = Context::of("bad-java", &[("pom.xml", pom), main]);
        let context = context.with("cofferdam.yaml", format!("{SYNTAX}language: java\n"));
        Build::of(&context).fail().clear().at_line(2)
    };
    failed(&pom("")).says(&["no archive that the build makes has a Main-Class", "maven-jar-plugin"]);
    let unknown = "<dependencies><dependency><groupId>org.example</groupId><artifactId>nowhere</artifactId>\
                   <version>1</version></dependency></dependencies>";
    failed(&pom(unknown)).says(&["org.example:nowhere:jar:1"]);
    failed("<project><modelVersion>4.0.0").says(&["Non-readable POM"]);
    let network = "<build><plugins><plugin><artifactId>maven-antrun-plugin</artifactId><version>3.1.0</version><executions>\
                   <execution><phase>compile</phase><goals><goal>run</goal></goals><configuration><target>\
                   <get src=\"http://example.com/\" dest=\"x\"/></target></configuration></execution></executions>\
                   </plugin></plugins></build>";
    failed(&pom(network)).says(&[
        "build with Maven (offline)",
        "example.com",
        "Maven failed in the offline step that builds the application",
        "must be in the context, or an artifact that pom.xml names",
    ]);
}
