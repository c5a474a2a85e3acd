//! The final image from its parts: what the language makes, what the base lacks, what the manifest adds.

use super::base;
use super::detect;
use super::final_image::{Base, Final, Layer, RuntimeConfig};
use super::language;
use super::node::{FileEdit, Files, Node, Selection, Tree};
use super::planner::Planner;
use super::process;
use super::product::Product;
use crate::contract::{Artifact, Bundle, Directory, LayerContract, Role};
use crate::diagnostic::Diagnostic;
use crate::model::{File, Image, Language};
use crate::name::{ContextPath, ImagePath};

/// The final image, or `None` when facts are missing or errors were found.
pub(super) fn output(planner: &mut Planner<'_>) -> Option<Final> {
    let processes = process::read(planner);
    planner.processes = processes.clone().unwrap_or_default();
    let language = detect::language(planner)?;
    // The base is asked for beside the first questions of the language where the manifest alone tells it.
    let early = language::needs(&language).map(|needs| base::plan(planner, needs));
    let product = language::plan(planner, &language);
    let (base, scaffold) = match early {
        Some(planned) => planned?,
        None => base::plan(planner, product.as_ref()?.needs)?,
    };
    let (product, processes) = (product?, processes?);
    let is_chosen = !processes.is_empty() || planner.image.runtime.target.is_some();
    let chosen = if is_chosen { Some(process::choose(planner, &processes)?) } else { None };
    let mut layers: Vec<Layer> = scaffold.into_iter().collect();
    layers.extend(product.layers.iter().cloned());
    check_builder(planner, &product);
    layers.extend(build_artifacts(planner, &product));
    layers.extend(context_files(planner));
    layers.extend(certificates(planner, &base));
    layers.extend(writable_directories(planner.image));
    let mut config = config(planner.image, &language, &product, &base);
    if let Some(process) = chosen {
        config.entrypoint.clone_from(&process.argv);
        config.entrypoint_span = Some(process.span);
    }
    config.processes = processes;
    check_writable(planner, &layers, &config);
    Some(Final { base, layers, config, fetched_code: planner.fetched_code })
}

/// Reports commands and packages for a builder where there is none.
fn check_builder(planner: &mut Planner<'_>, product: &Product) {
    let build = &planner.image.build;
    let run = build.run.iter().map(|command| command.span);
    let span = run.chain(build.packages.iter().map(|package| package.span)).next();
    let (Some(span), None) = (span, &product.work_tree) else { return };
    let error = Diagnostic::error("no-builder", "this language has no builder that could run anything");
    planner.report(
        error.at(span).help("what ships lies in the context; a site that Node builds has `node: {}`"),
    );
}

/// The layer of `build.artifacts`, which come out of the work tree.
fn build_artifacts(planner: &mut Planner<'_>, product: &Product) -> Option<Layer> {
    let files = &planner.image.build.artifacts;
    let first = files.first()?;
    let Some((tree, seen_at)) = product.work_tree.clone() else {
        let help = "use `runtime.files` for files of the build context";
        planner.report(
            Diagnostic::error("no-builder", "this language has no builder that could make artifacts")
                .at(first.from.span)
                .help(help),
        );
        return None;
    };
    let application = &planner.image.source.path.value;
    let artifacts = files.iter().map(|file| artifact(file, application)).collect();
    Some(layer(Role::Application, tree, seen_at, artifacts, first))
}

/// The layer of `runtime.files`, which come straight from the context.
fn context_files(planner: &mut Planner<'_>) -> Option<Layer> {
    let files = &planner.image.runtime.files;
    let first = files.first()?;
    let paths = files.iter().map(|file| file.from.value.clone()).collect();
    let tree = Tree::Root(planner.add(Node::Context(Selection { paths, exclude: Vec::new() })));
    let artifacts = files.iter().map(|file| artifact(file, &ContextPath::root())).collect();
    Some(layer(Role::Configuration, tree, "/".to_owned(), artifacts, first))
}

/// The layer of the base's certificate bundle with the manifest's certificates added.
///
/// It depends on the base's content, so it is a layer of its own.
fn certificates(planner: &mut Planner<'_>, base: &Base) -> Option<Layer> {
    let added = planner.image.runtime.ca_certificates.clone();
    let first = added.first()?;
    let context = Tree::Root(planner.add(Node::Context(Selection {
        paths: added.iter().map(|path| path.value.clone()).collect(),
        exclude: Vec::new(),
    })));
    let bundle = base::certificates(planner, base)?;
    let mut edits = vec![bundle];
    let mut parts = vec![base::CA_BUNDLE.trim_start_matches('/').to_owned()];
    for (index, path) in added.iter().enumerate() {
        let part = format!("added/{index}.pem");
        let (tree, from) = (context.clone(), format!("/{}", path.value.as_str()));
        edits.push(FileEdit::Copy { tree, from, to: format!("/{part}"), exclude: Vec::new() });
        parts.push(part);
    }
    let name = "collect certificates".to_owned();
    let files = Files { name, over: Tree::Scratch, edits, span: Some(first.span) };
    let source = Tree::Root(planner.add(Node::Files(files)));
    let to = ImagePath::parse(base::CA_BUNDLE).ok()?;
    let contract =
        LayerContract { bundles: vec![Bundle { parts, to }], ..LayerContract::new(Role::Configuration) };
    Some(Layer { contract, source, seen_at: "/".to_owned(), span: Some(first.span) })
}

/// The layer of the directories that the user may write.
fn writable_directories(image: &Image) -> Option<Layer> {
    let writable = &image.runtime.writable;
    let owner = image.runtime.user;
    let directories = writable.iter().map(|path| Directory { path: path.value.clone(), mode: 0o755, owner });
    let contract =
        LayerContract { directories: directories.collect(), ..LayerContract::new(Role::Configuration) };
    let span = Some(writable.first()?.span);
    Some(Layer { contract, source: Tree::Scratch, seen_at: "/".to_owned(), span })
}

/// Reports directories that the user may write and that hold the application: the program cannot change itself.
fn check_writable(planner: &mut Planner<'_>, layers: &[Layer], config: &RuntimeConfig) {
    let layers = layers.iter().filter(|layer| layer.contract.role != Role::Configuration);
    let artifacts =
        layers.flat_map(|layer| layer.contract.artifacts.iter().map(|artifact| artifact.to.clone()));
    let started = config.entrypoint.first().and_then(|program| ImagePath::parse(program).ok());
    let application: Vec<ImagePath> = artifacts.chain(started).collect();
    for path in &planner.image.runtime.writable {
        let Some(held) = application.iter().find(|held| held.is_within(&path.value)) else { continue };
        let message = format!("`{}` cannot be writable, because `{held}` lies there", path.value);
        let error = Diagnostic::error("path", message)
            .at(path.span)
            .why("the program cannot change itself, and neither can whoever breaks into it")
            .help(format!("name a directory beside or below it, such as `{}/data`", path.value));
        planner.report(error);
    }
}

/// How the image runs.
fn config(image: &Image, language: &Language, product: &Product, base: &Base) -> RuntimeConfig {
    let runtime = &image.runtime;
    let mut env = base.kept_env();
    for (name, value) in product.env.iter().chain(&runtime.env) {
        match env.iter_mut().find(|(known, _)| known == name) {
            Some(entry) => entry.1.clone_from(value),
            None => env.push((name.clone(), value.clone())),
        }
    }
    let entrypoint = runtime.entrypoint.as_ref();
    RuntimeConfig {
        user: runtime.user,
        working_directory: product.directory.as_ref().unwrap_or(&runtime.workdir).as_str().to_owned(),
        env,
        entrypoint: entrypoint.map_or_else(|| product.entrypoint.clone(), |written| written.value.clone()),
        processes: Vec::new(),
        cmd: runtime.cmd.clone(),
        ports: language.ports(&runtime.ports).to_vec(),
        stop_signal: runtime.stop_signal.clone().unwrap_or_else(|| language.stop_signal().to_owned()),
        labels: runtime.labels.clone(),
        annotations: runtime.annotations.clone(),
        entrypoint_span: Some(entrypoint.map_or(image.language.span, |written| written.span)),
    }
}

fn artifact(file: &File, below: &ContextPath) -> Artifact {
    let from = match below.is_root() {
        true => file.from.value.as_str().to_owned(),
        false => format!("{}/{}", below.as_str(), file.from.value.as_str()),
    };
    Artifact { mode: file.mode, into: file.into, ..Artifact::new(from, file.to.clone()) }
}

fn layer(role: Role, source: Tree, seen_at: String, artifacts: Vec<Artifact>, first: &File) -> Layer {
    let contract = LayerContract::of(role, artifacts);
    Layer { contract, source, seen_at, span: Some(first.from.span) }
}
