//! A site of files with nginx: the server is a layer of its own, the site and the configuration another.
//!
//! The files are in the context, or Node builds them. Either way one step puts them beside a configuration that names
//! their digest, because all files of an image have the same time and nginx would tell them apart by nothing else.

use super::node::{self, Bundler};
use crate::contract::{Artifact, LayerContract, Role};
use crate::diagnostic::Diagnostic;
use crate::model::{self, Site};
use crate::name::{ContextPath, ImagePath, Reference};
use crate::plan::final_image::Layer;
use crate::plan::node::{Mount, Script, Step, Tree};
use crate::plan::planner::Planner;
use crate::plan::product::{Needs, OUTPUT, Product, RELEASE, WORK_TREE};
use crate::text::{Span, Spanned};

/// Where the step that packs sees the site.
const SITE: &str = "/site";
/// Where the image has the server's configuration.
const CONFIGURATION: &str = "/etc/nginx/nginx.conf";
/// The page that every site begins with.
pub(in crate::plan) const INDEX: &str = "index.html";

/// What a checkout has beside a site.
const LEFT_OUT: [&str; 9] = [
    "**/cofferdam.yaml",
    "**/.git",
    "**/node_modules",
    "**/Dockerfile",
    "**/compose.y*ml",
    "**/docker-compose*.y*ml",
    "**/Makefile",
    "**/Procfile",
    "**/package-lock.json",
];

/// The files of a site, before they are packed.
struct Files {
    tree: Tree,
    /// The directory in it.
    at: ContextPath,
    /// What people call that directory.
    name: String,
    bundler: Option<&'static Bundler>,
    work_tree: Option<(Tree, String)>,
}

/// Plans a site.
pub(super) fn plan(planner: &mut Planner<'_>, site: &Site) -> Option<Product> {
    let files = match &site.node {
        Some(options) => built(planner, options, site),
        None => plain(planner, site),
    };
    let nginx = Reference::official("nginx", &format!("1-{RELEASE}"));
    let nginx = Spanned::new(nginx, planner.image.language.span);
    let image = planner.server(&nginx);
    let (files, image) = (files?, image?);
    let runtime = planner.runtime_layer("nginx", &image, include_str!("runtime.sh"), Vec::new())?;
    let packed = pack(planner, site, &files, &image)?;
    Some(Product {
        layers: vec![runtime, packed],
        entrypoint: ["/usr/sbin/nginx", "-e", "stderr"].map(str::to_owned).into(),
        env: Vec::new(),
        needs: Needs::CLibrary,
        directory: None,
        work_tree: files.work_tree,
    })
}

/// The files that Node makes.
fn built(planner: &mut Planner<'_>, options: &model::Node, site: &Site) -> Option<Files> {
    let built = node::plan_site(planner, options, site.root.as_ref())?;
    Some(Files {
        tree: built.made,
        at: ContextPath::root(),
        name: built.root,
        bundler: built.bundler,
        work_tree: Some((built.work, WORK_TREE.to_owned())),
    })
}

/// The files of the context; `None` while they are not known, or when there is no site.
fn plain(planner: &mut Planner<'_>, site: &Site) -> Option<Files> {
    let source = planner.image.source.path.value.clone();
    let (at, span) = match &site.root {
        Some(root) => (source.join(root.value.as_str()).ok()?, root.span),
        None => (source, planner.source_span()),
    };
    let index =
        is_there(planner, &at, INDEX, span, "name the directory of the site: `static: {root: public}`");
    let fallback = site.fallback.as_ref().map_or(Some(()), |fallback| {
        let help = "name a file of the site, such as `index.html`";
        is_there(planner, &at, fallback.value.as_str(), fallback.span, help)
    });
    let source = if site.root.is_none() { is_built_already(planner, &at) } else { Some(()) };
    index.and(fallback).and(source)?;
    planner.leave_out(LEFT_OUT);
    let tree = planner.context(vec![at.clone()]);
    let name = at.to_string();
    Some(Files { tree, at, name, bundler: None, work_tree: None })
}

/// Reports a file of the site that is not there.
fn is_there(planner: &mut Planner<'_>, at: &ContextPath, name: &str, span: Span, help: &str) -> Option<()> {
    if planner.ask.head(&at.join(name).ok()?)?.is_some() {
        return Some(());
    }
    let error = Diagnostic::error("no-site", format!("there is no `{name}` in `{at}`")).at(span);
    planner.report(error.help(format!("{help}; what Node builds has `node: {{}}` beside it")));
    None
}

/// Reports the source of a site that is still to be built: its page begins with `index.html` too.
fn is_built_already(planner: &mut Planner<'_>, at: &ContextPath) -> Option<()> {
    let path = at.join("package.json").ok()?;
    if !planner.ask.head(&path)?.is_some_and(node::makes_site) {
        return Some(());
    }
    let message = format!("`{path}` builds a site, and the manifest does not say that it is built");
    let error = Diagnostic::error("no-site", message).at(planner.image.language.span);
    planner.report(error.help(
        "add `node: {}`; where the site is in the context, name its directory: `static: {root: dist}`",
    ));
    None
}

/// The layer of the site and of the server's configuration.
fn pack(planner: &mut Planner<'_>, site: &Site, files: &Files, image: &Tree) -> Option<Layer> {
    let workdir = planner.image.runtime.workdir.clone();
    let fallback = site.fallback.as_ref().map_or("", |fallback| fallback.value.as_str());
    let span = site.fallback.as_ref().map_or(planner.image.language.span, |path| path.span);
    can_be_told(planner, workdir.as_str(), planner.image.language.span)?;
    can_be_told(planner, fallback, span)?;
    let ports = site.ports(&planner.image.runtime.ports);
    let configuration = configuration(ports, &workdir, fallback, files.bundler);
    let (scripts, script) =
        planner.scripts(&[("pack.sh", include_str!("pack.sh")), ("nginx.conf", &configuration)]);
    let at = if files.at.is_root() { SITE.to_owned() } else { format!("{SITE}/{}", files.at) };
    let template = format!("{}/nginx.conf", scripts.at);
    let argv = ["/bin/sh", &script, &at, &template, OUTPUT, fallback, &files.name].map(str::to_owned);
    let step = Step {
        mounts: vec![
            scripts,
            Mount::read_only(files.tree.clone(), SITE),
            Mount::output(Tree::Scratch, OUTPUT),
        ],
        ..planner.step("pack the site", image, Script::Program(argv.into()))
    };
    let id = planner.add_compile(step);
    let artifacts = vec![
        Artifact::new("site", workdir),
        Artifact::new("nginx.conf", ImagePath::parse(CONFIGURATION).ok()?),
    ];
    let contract = LayerContract::of(Role::Application, artifacts);
    let (source, span) = (Tree::Output(id, OUTPUT.to_owned()), Some(planner.image.language.span));
    Some(Layer { contract, source, seen_at: OUTPUT.to_owned(), span })
}

/// Reports a path that nginx's configuration cannot hold.
fn can_be_told(planner: &mut Planner<'_>, path: &str, span: Span) -> Option<()> {
    if !path.contains(['$', '"']) {
        return Some(());
    }
    let error = Diagnostic::error("path", format!("nginx cannot be told of `{path}`")).at(span);
    planner.report(error.why("its configuration has no way to write `$` and `\"`"));
    None
}

/// The server's configuration, but for the site's digest.
fn configuration(ports: &[u16], root: &ImagePath, fallback: &str, bundler: Option<&Bundler>) -> String {
    let listen: Vec<String> = ports.iter().map(|port| format!("        listen {port};\n")).collect();
    let (mut hashed, mut location) = (String::new(), String::new());
    if let Some(Bundler { hashed: Some(directory), .. }) = bundler {
        hashed = format!(
            "        \"~^/{directory}/.*[-.][0-9A-Za-z_-]{{8,}}[.][0-9a-z.]+$\" \"public, max-age=31536000, immutable\";\n"
        );
        location =
            format!("        location /{directory}/ {{\n            try_files $uri =404;\n        }}\n");
    }
    let (missing, forbidden) = match fallback {
        "" => ("=404".to_owned(), "=404 /404.html".to_owned()),
        path => (format!("\"/{path}\""), format!("=200 \"/{path}\"")),
    };
    include_str!("nginx.conf")
        .replace("@LISTEN@", &listen.concat())
        .replace("@ROOT@", root.as_str())
        .replace("@HASHED@", &hashed)
        .replace("@HASHED_LOCATION@", &location)
        .replace("@MISSING@", &missing)
        .replace("@FORBIDDEN@", &forbidden)
}
