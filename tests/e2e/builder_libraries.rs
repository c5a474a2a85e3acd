//! Libraries and tools that a builder lacks: the error names the package, and with that package the build succeeds.

use crate::support::{Build, Context, Process, run};

const SYNTAX: &str = "# syntax=ghcr.io/cofferdam/cofferdam:1\n";

/// An application whose extension takes what it tells from a header of libsodium, which official images lack.
fn salted() -> Context {
    let project = "[project]\nname = \"salted\"\nversion = \"1.0\"\n\
        [project.scripts]\nsalted = \"salted:main\"\n\
        [build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n";
    let setup = "from setuptools import Extension, setup\n\
        setup(py_modules=['salted'], ext_modules=[Extension('_salted', ['_salted.c'])])\n";
    let extension = "#include <Python.h>\n#include <sodium/version.h>\n\
        static PyModuleDef module = {PyModuleDef_HEAD_INIT, \"_salted\"};\n\
        PyMODINIT_FUNC PyInit__salted(void) {\n    PyObject *made = PyModule_Create(&module);\n    \
        PyModule_AddStringConstant(made, \"version\", SODIUM_VERSION_STRING);\n    return made;\n}\n";
    let program = "import _salted\n\ndef main():\n    print(_salted.version)\n";
    let files = [
        ("cofferdam.yaml", &*format!("{SYNTAX}language: python\n")),
        ("pyproject.toml", project),
        ("setup.py", setup),
        ("_salted.c", extension),
        ("salted.py", program),
    ];
    Context::of("salted", &files)
}

#[test]
fn an_application_in_python_gets_the_package_that_the_error_names() {
    let lacks = ["`build: {packages: [libsodium-dev]}`", "sodium/version.h"];
    Build::of(&salted()).fail().at_line(2).says(&lacks);
    let context = salted().appending("cofferdam.yaml", "build: {packages: [libsodium-dev]}\n");
    let said = run(&Build::of(&context).push().reference, &["--network", "none"], &[]);
    assert!(said.starts_with("1."), "{said}");
}

#[test]
fn a_package_from_source_names_what_builds_it_and_then_what_it_needs_where_it_runs() {
    let requirement = "python-ldap==3.4.8 --hash=sha256:18dc7460470c6ff64ed5c04ee21c56dbfee7ab433a53213ba91e407eea44c34c\n\
         pyasn1==0.6.1 --hash=sha256:0d632f46f2ba09143da3a8afe9e33fb6f92fa2320ab7e886e2d0f7672af84629\n\
         pyasn1-modules==0.4.2 --hash=sha256:29253a9207ce32b64c3ac6600edc75368f98473906e8fd1043bd6b5b1de2c14a\n";
    let files = [
        ("requirements.txt", requirement),
        ("main.py", "import ldap\nldap.initialize('ldap://localhost')\n"),
    ];
    let context =
        Context::of("directory", &files).with("cofferdam.yaml", format!("{SYNTAX}language: python\n"));
    Build::of(&context).fail().at_line(2).says(&["`build: {packages: [libsasl2-dev]}`", "sasl/sasl.h"]);
    let context = context.appending("cofferdam.yaml", "build: {packages: [libsasl2-dev]}\n");
    Build::of(&context).fail().clear().says(&["missing-library", "libldap.so.2", "`libldap2`"]);
    let pages = include_str!("../../docs/debugging.md");
    let (manifest, _) = pages.split_once("```yaml\n").and_then(|(_, rest)| rest.split_once("```")).unwrap();
    let context = context.with("cofferdam.yaml", format!("{SYNTAX}{manifest}"));
    let image = Build::of(&context).push();
    run(&image.reference, &["--network", "none"], &[]);
    let copies = image.files("linux/amd64").into_keys().filter(|path| path.ends_with("/libldap.so.2"));
    assert_eq!(copies.collect::<Vec<_>>(), ["/usr/lib/libldap.so.2"], "it ships once");
}

#[test]
fn an_add_on_of_node_gets_the_package_that_the_error_names() {
    let gyp = "{'targets': [{'target_name': 'salt', 'sources': ['salt.c']}]}\n";
    let add_on = "#include <node_api.h>\n#include <sodium/version.h>\n\
        NAPI_MODULE_INIT() {\n  napi_value version;\n  \
        napi_create_string_utf8(env, SODIUM_VERSION_STRING, NAPI_AUTO_LENGTH, &version);\n  return version;\n}\n";
    let files = [
        ("cofferdam.yaml", &*format!("{SYNTAX}language: node\nsource: {{exclude: [salt]}}\n")),
        ("salt/package.json", r#"{"name": "salt", "version": "1.0.0", "main": "build/Release/salt.node"}"#),
        ("salt/binding.gyp", gyp),
        ("salt/salt.c", add_on),
        ("main.js", "console.log(require('salt'));\n"),
        (
            "package.json",
            r#"{"name": "a", "version": "1.0.0", "main": "main.js", "dependencies": {"salt": "file:salt-1.0.0.tgz"}}"#,
        ),
    ];
    let context = Context::of("salted-node", &files);
    let lock = "npm pack --silent ./salt && npm install --silent --package-lock-only";
    Process::new("sh").args(["-ec", lock]).directory(context.path()).stdout();
    let lacks = ["the install script of salt failed", "`build: {packages: [libsodium-dev]}`"];
    Build::of(&context).fail().at_line(2).says(&lacks);
    let context = context.appending("cofferdam.yaml", "build: {packages: [libsodium-dev]}\n");
    let said = run(&Build::of(&context).push().reference, &["--network", "none"], &[]);
    assert!(said.starts_with("1."), "{said}");
}

#[test]
fn compilers_and_linkers_of_other_languages_are_heard_too() {
    let lacks = "`build: {packages: [libsodium-dev]}`";
    let program = "package main\n\n// #include <sodium/version.h>\nimport \"C\"\n\n\
        func main() { println(C.SODIUM_VERSION_STRING) }\n";
    let files = [
        ("cofferdam.yaml", &*format!("{SYNTAX}go: {{cgo: true}}\n")),
        ("go.mod", "module example.com/salted\n\ngo 1.26\n"),
        ("main.go", program),
    ];
    Build::of(&Context::of("salted-go", &files)).fail().at_line(2).says(&[lacks, "sodium/version.h"]);
    let program = "#[link(name = \"sodium\")]\nunsafe extern \"C\" {\n    fn sodium_init() -> i32;\n}\n\n\
        fn main() {\n    assert!(unsafe { sodium_init() } >= 0);\n}\n";
    let files = [
        ("cofferdam.yaml", &*format!("{SYNTAX}language: rust\n")),
        ("Cargo.toml", "[package]\nname = \"salted\"\nversion = \"1.0.0\"\nedition = \"2024\"\n"),
        ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"salted\"\nversion = \"1.0.0\"\n"),
        ("src/main.rs", program),
    ];
    Build::of(&Context::of("salted-rust", &files)).fail().at_line(2).says(&[lacks, "-lsodium"]);
}
