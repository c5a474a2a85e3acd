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
use crate::plan::node::{Mount, Node, Script, Selection, Step, Tree};
use crate::plan::planner::Planner;
use crate::plan::product::{Needs, OUTPUT, Product, RELEASE, WORK_TREE};
use crate::text::Spanned;

/// Where the step that packs sees the site.
const SITE: &str = "/site";
/// Where the image has the server's configuration.
const CONFIGURATION: &str = "/etc/nginx/nginx.conf";
/// The page that every site begins with.
const INDEX: &str = "index.html";

/// The files of a site, before they are packed.
struct Files {
    tree: Tree,
    /// The directory in it.
    at: ContextPath,
    /// What people call that directory.
    name: String,
    bundler: Option<&'static Bundler>,
    work_tree: Option<(Tree, String)>,
    fetch_executes: bool,
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
    let runtime = planner.runtime_layer("nginx", &image, include_str!("runtime.sh"))?;
    let packed = pack(planner, site, &files, &image)?;
    Some(Product {
        layers: vec![runtime, packed],
        entrypoint: ["/usr/sbin/nginx", "-e", "stderr"].map(str::to_owned).into(),
        env: Vec::new(),
        needs: Needs::CLibrary,
        directory: None,
        fetch_executes: files.fetch_executes,
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
        fetch_executes: built.fetch_executes,
    })
}

/// The files of the context; `None` while they are not known, or when there is no site.
fn plain(planner: &mut Planner<'_>, site: &Site) -> Option<Files> {
    let source = planner.image.source.path.value.clone();
    let at = match &site.root {
        Some(root) => source.join(root.value.as_str()).ok()?,
        None => source,
    };
    let span = site.root.as_ref().map_or(planner.source_span(), |root| root.span);
    let fallback = site.fallback.as_ref().map(|fallback| (fallback.value.as_str(), fallback.span));
    let wanted: Vec<_> = std::iter::once((INDEX, span)).chain(fallback).collect();
    let heads: Vec<_> =
        wanted.iter().map(|(name, _)| Some(planner.ask.head(&at.join(name).ok()?)?.is_some())).collect();
    let heads: Vec<bool> = heads.into_iter().collect::<Option<_>>()?;
    for ((name, span), _) in wanted.iter().zip(&heads).filter(|(_, is_there)| !**is_there) {
        let message = format!("there is no `{name}` in `{at}`");
        let help = "name the directory of the site, as in `static: {root: public}`; \
                    what Node builds has `node: {}` beside it";
        planner.report(Diagnostic::error("no-site", message).at(*span).help(help));
    }
    if heads.contains(&false) {
        return None;
    }
    let mut exclude = planner.image.source.exclude.clone();
    exclude.extend(["**/cofferdam.yaml", "**/.git", "**/node_modules"].map(str::to_owned));
    let tree = Tree::Root(planner.add(Node::Context(Selection { paths: vec![at.clone()], exclude })));
    let name = at.to_string();
    Some(Files { tree, at, name, bundler: None, work_tree: None, fetch_executes: false })
}

/// The layer of the site and of the server's configuration.
fn pack(planner: &mut Planner<'_>, site: &Site, files: &Files, image: &Tree) -> Option<Layer> {
    let workdir = planner.image.runtime.workdir.clone();
    let fallback = site.fallback.as_ref().map_or("", |fallback| fallback.value.as_str());
    for (text, span) in [(workdir.as_str(), None), (fallback, site.fallback.as_ref().map(|path| path.span))] {
        if text.contains(['$', '"']) {
            let error = Diagnostic::error("path", format!("nginx cannot be told of `{text}`"));
            let span = span.unwrap_or(planner.image.language.span);
            planner.report(error.at(span).why("its configuration has no way to write `$` and `\"`"));
            return None;
        }
    }
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

/// The server's configuration, but for the site's digest.
fn configuration(ports: &[u16], root: &ImagePath, fallback: &str, bundler: Option<&Bundler>) -> String {
    let listen: String = ports.iter().map(|port| format!("        listen {port};\n")).collect();
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
        .replace("@LISTEN@", &listen)
        .replace("@ROOT@", root.as_str())
        .replace("@HASHED@", &hashed)
        .replace("@HASHED_LOCATION@", &location)
        .replace("@MISSING@", &missing)
        .replace("@FORBIDDEN@", &forbidden)
}
