//! Authorities that the manifest adds (`runtime.ca-certificates`): programs in the image trust who is vouched for by them.

use crate::secrets::Proxy;
use crate::support::{Build, Context, run, try_run};

const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\n";

/// The status that a server answers with, where its certificate is trusted.
const GO: &str = r#"package main

import (
	"fmt"
	"net/http"
	"os"
)

func main() {
	answer, err := http.Get(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(answer.StatusCode)
}
"#;

/// The same, and whether the vendor's authorities are there too.
const JAVA: &str = r#"
import java.net.HttpURLConnection;
import java.net.URI;
import java.security.KeyStore;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

class Main {
  public static void main(String[] words) throws Exception {
    var answer = (HttpURLConnection) URI.create(words[0]).toURL().openConnection();
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init((KeyStore) null);
    var trusted = ((X509TrustManager) trust.getTrustManagers()[0]).getAcceptedIssuers().length;
    System.out.println(answer.getResponseCode() + " " + (trusted > 50));
  }
}
"#;
const POM: &str = "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId><artifactId>a</artifactId><version>1</version>
<properties><maven.compiler.release>21</maven.compiler.release></properties><build><plugins><plugin>
<artifactId>maven-jar-plugin</artifactId><configuration><archive><manifest><mainClass>Main</mainClass></manifest></archive>
</configuration></plugin></plugins></build></project>
";

#[test]
fn a_program_on_any_base_trusts_them_beside_the_usual_ones() {
    let directory = Context::empty("authority-go");
    let proxy = Proxy::start(directory.path());
    let authority = std::fs::read_to_string(directory.path().join("authority.pem")).unwrap();
    let files =
        [("go.mod", "module example.com/ask\n\ngo 1.26\n"), ("main.go", GO), ("ca/own.pem", &authority)];
    let address = format!("https://{}/", proxy.address);
    let built = |base: &str, certificates: &str| {
        let runtime = format!("language: go\nruntime: {{base: {base}{certificates}}}\n");
        Build::of(&Context::of("authority-go", &files).with("cofferdam.yaml", format!("{SYNTAX}{runtime}")))
            .push()
    };
    for base in ["scratch", "distroless"] {
        let image = built(base, ", ca-certificates: [ca/own.pem]");
        assert_eq!(run(&image.reference, &["--network", "host"], &[&address]), "401\n", "{base}");
        let bundle = image.text("linux/amd64", "/etc/ssl/certs/ca-certificates.crt");
        assert!(bundle.contains(authority.trim()), "{base}");
        assert!(bundle.matches("BEGIN CERTIFICATE").count() > 50, "{base}");
    }
    let without = try_run(&built("scratch", "").reference, &["--network", "host"], &[&address]);
    assert!(!without.success && without.stderr.contains("unknown authority"), "{}", without.all());
}

#[test]
fn java_trusts_them_by_its_own_store() {
    let directory = Context::empty("authority-java");
    let proxy = Proxy::start(directory.path());
    let authority = std::fs::read_to_string(directory.path().join("authority.pem")).unwrap();
    let manifest = format!("{SYNTAX}language: java\nruntime: {{ca-certificates: [own.pem]}}\n");
    let files = [
        ("cofferdam.yaml", manifest.as_str()),
        ("pom.xml", POM),
        ("src/main/java/Main.java", JAVA),
        ("own.pem", &authority),
    ];
    let context = Context::of("authority-java", &files);
    let image = Build::of(&context).push();
    let address = format!("https://{}/", proxy.address);
    assert_eq!(run(&image.reference, &["--network", "host"], &[&address]), "401 true\n");
    let bundle = image.text("linux/amd64", "/etc/ssl/certs/ca-certificates.crt");
    assert!(bundle.contains(authority.trim()), "the system's bundle has it as well");
    let again = Build::of(&context).flag("--no-cache").push();
    assert_eq!(again.digest("linux/amd64"), image.digest("linux/amd64"), "the store has no date and no salt");
}
