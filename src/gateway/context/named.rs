//! Named contexts: trees that the client puts in the place of images (BuildKit `frontend/dockerui`, "namedcontext").

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Inputs, local, remote};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::facts::{ImageConfig, ImageFact, Replacement};
use crate::gateway::bridge::Bridge;
use crate::gateway::failure::Failure;
use crate::gateway::options::Options;
use crate::llb::{Graph, Meta, OciLayout};
use crate::name::{Digest, Platform, Reference};
use crate::wire::pb;

/// The named contexts of a build; clones share the note of which were used.
#[derive(Debug, Clone)]
pub(in crate::gateway) struct NamedContexts {
    options: Options,
    inputs: Inputs,
    asked: Arc<Mutex<Asked>>,
}

/// What the plans asked for.
#[derive(Debug, Default)]
struct Asked {
    used: BTreeSet<String>,
    images: BTreeSet<String>,
}

const PREFIX: &str = "context:";

impl NamedContexts {
    /// The named contexts that the options tell.
    pub(in crate::gateway) fn new(options: &Options, inputs: Inputs) -> NamedContexts {
        NamedContexts { options: options.clone(), inputs, asked: Arc::default() }
    }

    /// What the client puts in the place of an image, resolved; `None` when it wants the image itself.
    pub(in crate::gateway) async fn replace(
        &self,
        bridge: &Bridge,
        reference: &Reference,
        platform: &Platform,
    ) -> Result<Option<ImageFact>, Failure> {
        let Some((name, value)) = self.find(reference, platform) else { return Ok(None) };
        let place = Place { name: &name, value: &value, reference, platform };
        let (scheme, rest) = value.split_once(':').unwrap_or((&value, ""));
        match scheme {
            "docker-image" => self.image(bridge, &place, rest.trim_start_matches("//")).await,
            "oci-layout" => self.layout(bridge, &place, rest.trim_start_matches("//")).await,
            "local" => self.directory(bridge, &place, rest).await,
            "input" => self.input(&place, rest),
            _ => {
                let known_hosts = self.options.known_hosts();
                let wanted = remote::Wanted { known_hosts, ..remote::Wanted::default() };
                match remote::find(bridge, &value, &place.what(), wanted).await? {
                    Some(remote) => {
                        let config = empty_config(place.platform);
                        Ok(place.replaced(remote.tree, config, false, &value))
                    }
                    None => Err(place
                        .wrong("it is none of docker-image://, oci-layout://, local:, input:, git or http")),
                }
            }
        }
        .map(Some)
    }

    /// The warnings about contexts that nothing used, and about one that stands for the frontend itself.
    pub(in crate::gateway) fn warnings(&self) -> Vec<Diagnostic> {
        let Ok(asked) = self.asked.lock() else { return Vec::new() };
        let mut found = Vec::new();
        for (key, value) in self.all() {
            let name = key.split("::").next().unwrap_or(key);
            if self.is_frontend(name) {
                let message = format!("the frontend `{name}` itself was replaced by {value}");
                found.push(Diagnostic::warning("frontend-replaced", message).why(
                    "whoever admits images by the frontend in their provenance sees another one than the manifest names",
                ));
            } else if !asked.used.contains(key) && !matches!(name, "context" | "dockerfile") {
                let message = format!("the named context `{name}` replaces nothing");
                let images: Vec<&str> = asked.images.iter().map(String::as_str).collect();
                let near = did_you_mean(name, images.iter().copied());
                let help = near.map_or_else(
                    || format!("this build uses {}", images.join(", ")),
                    |near| format!("did you mean `{near}`?"),
                );
                found.push(Diagnostic::warning("unused-context", message).help(help));
            }
        }
        found
    }

    fn all(&self) -> impl Iterator<Item = (&str, &str)> {
        self.options.prefixed(PREFIX)
    }

    fn is_frontend(&self, name: &str) -> bool {
        let source = self.options.get("source").and_then(|source| Reference::parse(source).ok());
        source.is_some_and(|source| source.familiar() == name || source.to_string() == name)
    }

    /// The context for an image: for its full name or its name without tag, each first for the platform alone.
    fn find(&self, reference: &Reference, platform: &Platform) -> Option<(String, String)> {
        let full = reference.familiar();
        let full = full.strip_suffix(":latest").unwrap_or(&full);
        let bare = Reference::parse(&reference.name()).map(|bare| bare.familiar()).unwrap_or_default();
        let mut asked = self.asked.lock().ok()?;
        asked.images.insert(full.to_owned());
        let keys = [full, &bare].map(|name| [format!("{name}::{platform}"), name.to_owned()]);
        keys.into_iter().flatten().find_map(|key| {
            let value = self.options.get(&format!("{PREFIX}{key}"))?.to_owned();
            asked.used.insert(key.clone());
            Some((key, value))
        })
    }

    async fn image(&self, bridge: &Bridge, place: &Place<'_>, text: &str) -> Result<ImageFact, Failure> {
        if text == "scratch" {
            return Err(
                place.wrong("nothing cannot take the place of an image; write `runtime: {base: scratch}`")
            );
        }
        let reference = Reference::parse(text).map_err(|error| place.wrong(&error.to_string()))?;
        bridge.resolve_image(&reference, place.platform, self.options.resolve_mode()).await
    }

    /// An image in an OCI layout of the client, whose tag the client has resolved already.
    async fn layout(&self, bridge: &Bridge, place: &Place<'_>, text: &str) -> Result<ImageFact, Failure> {
        let (store, digest) = text.split_once('@').ok_or_else(|| place.wrong("it has no digest"))?;
        let digest = Digest::parse(digest).map_err(|error| place.wrong(&error.to_string()))?;
        let store = store.split(':').next().unwrap_or(store);
        let session = &self.options.session;
        let source = OciLayout::new(place.reference, &digest, store, session, place.platform).into_source();
        let mode = self.options.resolve_mode();
        let fact = bridge.resolve_image_source(source.clone(), place.reference, place.platform, mode).await?;
        // What the daemon answers may leave out which client holds the layout.
        let attributes = source.to_wire().attrs.into_iter().collect();
        Ok(ImageFact { attributes, reference: place.reference.clone().with_digest(digest), ..fact })
    }

    async fn directory(&self, bridge: &Bridge, place: &Place<'_>, name: &str) -> Result<ImageFact, Failure> {
        let ignore = local::ignore_file(bridge, &self.options, name).await?;
        let context = place.name.split("::").next().unwrap_or(place.name);
        let source = local::directory(&self.options, name)
            .shared_key_hint(local::shared_key(&self.options, context, name))
            .exclude_patterns(ignore.as_deref().map(local::patterns).unwrap_or_default());
        let mut graph = Graph::new();
        let output = graph.add(source, Meta::named(format!("[context {context}] load from client")));
        let tree = remote::define(&graph, &output)?;
        Ok(place.replaced(tree, empty_config(place.platform), false, "a directory of the client"))
    }

    fn input(&self, place: &Place<'_>, name: &str) -> Result<ImageFact, Failure> {
        let tree = self.inputs.get(name).ok_or_else(|| place.wrong("the client sent no such input"))?;
        let config = self.input_config(place, name)?;
        let is_image = config.is_some();
        let config = config.unwrap_or_else(|| empty_config(place.platform));
        Ok(place.replaced(tree.clone(), config, is_image, &format!("the input {name}")))
    }

    /// The configuration that came with an input which is an image (bake's links between targets).
    fn input_config(&self, place: &Place<'_>, name: &str) -> Result<Option<ImageConfig>, Failure> {
        let Some(text) = self.options.get(&format!("input-metadata:{name}")) else { return Ok(None) };
        let unreadable = |why: &str| place.wrong(&format!("its metadata is not understood: {why}"));
        let all: BTreeMap<String, String> =
            serde_json::from_str(text).map_err(|error| unreadable(&error.to_string()))?;
        let specific = format!("containerimage.config/{}", place.platform);
        let Some(config) = all.get(&specific).or_else(|| all.get("containerimage.config")) else {
            return Ok(None);
        };
        let bytes = STANDARD.decode(config).map_err(|error| unreadable(&error.to_string()))?;
        ImageConfig::parse(&bytes).map(Some).ok_or_else(|| unreadable("it has no image configuration"))
    }
}

/// A named context at work: which one, and in the place of what.
struct Place<'a> {
    name: &'a str,
    value: &'a str,
    reference: &'a Reference,
    platform: &'a Platform,
}

impl Place<'_> {
    fn what(&self) -> String {
        format!("the named context {}={}", self.name, self.value)
    }

    fn wrong(&self, why: &str) -> Failure {
        Failure::plain(format!("{}: {why}", self.what()))
    }

    fn replaced(&self, tree: pb::Definition, config: ImageConfig, is_image: bool, origin: &str) -> ImageFact {
        ImageFact {
            reference: self.reference.clone(),
            platform: self.platform.clone(),
            // It names the tree in caches that belong to a toolchain; nothing is looked up by it.
            digest: Digest::of(format!("{}={}", self.name, self.value).as_bytes()),
            identifier: self.value.to_owned(),
            attributes: Vec::new(),
            config,
            replacement: Some(Box::new(Replacement {
                name: self.reference.familiar(),
                tree,
                is_image,
                origin: origin.to_owned(),
            })),
        }
    }
}

/// The configuration of a tree that is no image: a layer without history.
fn empty_config(platform: &Platform) -> ImageConfig {
    let (architecture, os) = (platform.architecture(), platform.os());
    let value = serde_json::json!({"architecture": architecture, "os": os, "rootfs": {"type": "layers", "diff_ids": [""]}});
    ImageConfig::parse(value.to_string().as_bytes()).unwrap_or_default()
}
