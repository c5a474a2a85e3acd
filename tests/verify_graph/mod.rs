//! Graphs built by hand on the wire, so that the verifier is tested without the code that it checks.
#![allow(dead_code, reason = "each test crate uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a fixture that cannot be built fails its test")]

pub(crate) mod aside;
pub(crate) mod fixtures;
pub(crate) mod flip;
pub(crate) mod mutate;
pub(crate) mod scanned;
pub(crate) mod tested;

use std::collections::{BTreeMap, BTreeSet};

use cofferdam::contract::{Contract, LayerContract};
use cofferdam::diagnostic::{Diagnostics, Severity};
use cofferdam::name::Digest;
use cofferdam::step::{self, InspectRequest, StageRequest};
use cofferdam::text::Source;
use cofferdam::verify::{Case, Client, Program, verify};
use cofferdam::wire::{encode_op, pb};
use serde_json::Value;

/// The bytes that stand for our own binary.
pub(crate) const PROGRAM: &[u8] = b"\x7fELF of the tests";

/// A vertex that is not marshalled yet; its inputs are other drafts.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) name: String,
    pub(crate) inputs: Vec<Link>,
    pub(crate) op: pb::Op,
}

/// An output of a draft.
pub(crate) type Link = (usize, i64);

/// A graph with everything that the verifier is asked about.
#[derive(Debug, Clone)]
pub(crate) struct Build {
    pub(crate) drafts: Vec<Draft>,
    pub(crate) image: Option<Link>,
    pub(crate) reports: Vec<Link>,
    pub(crate) contract: Contract,
    pub(crate) config: Value,
    pub(crate) annotations: Vec<(String, String)>,
    pub(crate) declared_env: Vec<String>,
    pub(crate) program_image: Option<String>,
    /// The image of the client's scanner.
    pub(crate) scanner: Option<String>,
    pub(crate) manifest: Source,
    /// Which line of the manifest each named draft comes from.
    pub(crate) lines: BTreeMap<String, i32>,
}

impl Build {
    /// Adds a draft.
    pub(crate) fn add(&mut self, name: &str, inputs: &[Link], op: pb::op::Op) -> usize {
        let is_image = |source: &pb::SourceOp| {
            source.identifier.starts_with("docker-image://") || source.identifier.starts_with("oci-layout://")
        };
        let has_platform = match &op {
            pb::op::Op::Exec(_) => true,
            pb::op::Op::Source(source) => is_image(source),
            _ => false,
        };
        let op = pb::Op {
            inputs: Vec::new(),
            platform: has_platform.then(mutate::amd64),
            constraints: Some(pb::WorkerConstraints::default()),
            op: Some(op),
        };
        self.drafts.push(Draft { name: name.to_owned(), inputs: inputs.to_vec(), op });
        self.drafts.len() - 1
    }

    /// The draft of a name.
    pub(crate) fn find(&self, name: &str) -> usize {
        let found = self.drafts.iter().position(|draft| draft.name == name);
        found.unwrap_or_else(|| panic!("there is no draft {name}"))
    }

    /// Changes a draft.
    pub(crate) fn draft(&mut self, name: &str, change: impl FnOnce(&mut Draft)) {
        let index = self.find(name);
        change(&mut self.drafts[index]);
    }

    /// Changes a step.
    pub(crate) fn exec(&mut self, name: &str, change: impl FnOnce(&mut pb::ExecOp)) {
        self.draft(name, |draft| match &mut draft.op.op {
            Some(pb::op::Op::Exec(exec)) => change(exec),
            _ => panic!("{name} is no step"),
        });
    }

    /// Changes one mount of a step.
    pub(crate) fn mount(&mut self, name: &str, dest: &str, change: impl FnOnce(&mut pb::Mount)) {
        self.exec(name, |exec| {
            let mount = exec.mounts.iter_mut().find(|mount| mount.dest == dest);
            change(mount.unwrap_or_else(|| panic!("{name} has no mount {dest}")));
        });
    }

    /// Changes the command line, variables and so on of a step.
    pub(crate) fn meta(&mut self, name: &str, change: impl FnOnce(&mut pb::Meta)) {
        self.exec(name, |exec| change(exec.meta.as_mut().unwrap()));
    }

    /// Changes a source.
    pub(crate) fn source(&mut self, name: &str, change: impl FnOnce(&mut pb::SourceOp)) {
        self.draft(name, |draft| match &mut draft.op.op {
            Some(pb::op::Op::Source(source)) => change(source),
            _ => panic!("{name} is no source"),
        });
    }

    /// Changes a file operation.
    pub(crate) fn file(&mut self, name: &str, change: impl FnOnce(&mut pb::FileOp)) {
        self.draft(name, |draft| match &mut draft.op.op {
            Some(pb::op::Op::File(file)) => change(file),
            _ => panic!("{name} is no file operation"),
        });
    }

    /// Changes the first copy of a file operation.
    pub(crate) fn copy(&mut self, name: &str, change: impl FnOnce(&mut pb::FileActionCopy)) {
        self.file(name, |file| {
            let copy = file.actions.iter_mut().find_map(|action| match &mut action.action {
                Some(pb::file_action::Action::Copy(copy)) => Some(copy),
                _ => None,
            });
            change(copy.expect("a copy"));
        });
    }

    /// Changes the first made file of a file operation.
    pub(crate) fn mkfile(&mut self, name: &str, change: impl FnOnce(&mut pb::FileActionMkFile)) {
        self.file(name, |file| {
            let made = file.actions.iter_mut().find_map(|action| match &mut action.action {
                Some(pb::file_action::Action::Mkfile(made)) => Some(made),
                _ => None,
            });
            change(made.expect("a made file"));
        });
    }

    /// Changes what a stage step is asked.
    pub(crate) fn request(&mut self, name: &str, change: impl FnOnce(&mut StageRequest)) {
        self.mkfile(name, |file| {
            let mut request: StageRequest = step::decode(&file.data).unwrap();
            change(&mut request);
            file.data = step::encode(&request);
        });
    }

    /// Changes what the inspection is asked.
    pub(crate) fn inspection(&mut self, change: impl FnOnce(&mut InspectRequest)) {
        self.mkfile("inspect request", |file| {
            let mut request: InspectRequest = step::decode(&file.data).unwrap();
            change(&mut request);
            file.data = step::encode(&request);
        });
    }

    /// The definition that ends in an output: inputs before users, each once.
    pub(crate) fn definition(&self, end: Option<Link>) -> pb::Definition {
        self.sealed_definition(end, &self.seal())
    }

    /// The definitions of the image and of the reports.
    pub(crate) fn definitions(&self) -> (pb::Definition, Vec<pb::Definition>) {
        let sealed = self.seal();
        let reports = self.reports.iter().map(|&report| self.sealed_definition(Some(report), &sealed));
        (self.sealed_definition(self.image, &sealed), reports.collect())
    }

    fn sealed_definition(&self, end: Option<Link>, sealed: &[(String, Vec<u8>)]) -> pb::Definition {
        let mut definition = pb::Definition::default();
        let Some((root, output)) = end else { return definition };
        let mut needed = BTreeSet::from([root]);
        for index in (0..=root).rev() {
            if needed.contains(&index) {
                needed.extend(self.drafts[index].inputs.iter().map(|input| input.0));
            }
        }
        let mut source = pb::Source {
            locations: BTreeMap::new(),
            infos: vec![pb::SourceInfo {
                filename: "cofferdam.yaml".to_owned(),
                data: self.manifest.text().as_bytes().to_vec(),
                ..Default::default()
            }],
        };
        let mut seen = BTreeSet::new();
        for index in needed {
            let (digest, bytes) = &sealed[index];
            if !seen.insert(digest.clone()) {
                continue;
            }
            let draft = &self.drafts[index];
            let description = BTreeMap::from([("llb.customname".to_owned(), draft.name.clone())]);
            let metadata = pb::OpMetadata { description, ..Default::default() };
            definition.metadata.insert(digest.clone(), metadata);
            if let Some(&line) = self.lines.get(&draft.name) {
                let at = |character| Some(pb::Position { line, character });
                let range = pb::Range { start: at(1), end: at(4) };
                let location = pb::Location { source_index: 0, ranges: vec![range] };
                source.locations.insert(digest.clone(), pb::Locations { locations: vec![location] });
            }
            definition.def.push(bytes.clone());
        }
        let input = pb::Input { digest: sealed[root].0.clone(), index: output };
        definition.def.push(encode_op(&pb::Op { inputs: vec![input], ..Default::default() }));
        definition.source = Some(source);
        definition
    }

    /// Every draft's digest and bytes.
    fn seal(&self) -> Vec<(String, Vec<u8>)> {
        let mut sealed: Vec<(String, Vec<u8>)> = Vec::new();
        for draft in &self.drafts {
            let input = |&(vertex, index): &Link| {
                let digest = sealed.get(vertex).map_or_else(|| Digest::of(b"?").to_string(), |s| s.0.clone());
                pb::Input { digest, index }
            };
            let op = pb::Op { inputs: draft.inputs.iter().map(input).collect(), ..draft.op.clone() };
            let bytes = encode_op(&op);
            sealed.push((Digest::of(&bytes).to_string(), bytes));
        }
        sealed
    }

    /// What the verifier says.
    pub(crate) fn verify(&self) -> Diagnostics {
        let (image, reports) = self.definitions();
        self.verify_definitions(&image, &reports)
    }

    /// What the verifier says of other definitions.
    pub(crate) fn verify_definitions(
        &self,
        image: &pb::Definition,
        reports: &[pb::Definition],
    ) -> Diagnostics {
        verify(&Case {
            image,
            reports: reports.iter().collect(),
            program: self.program_image.as_deref().map_or(Program::Bytes(PROGRAM), Program::Image),
            contract: &self.contract,
            config: self.config.to_string().as_bytes(),
            annotations: &self.annotations,
            declared_env: self.declared_env.iter().map(String::as_str).collect(),
            client: Client { scanner: self.scanner.as_deref(), ..Client::default() },
            manifest: &self.manifest,
        })
    }

    /// The rules that are broken.
    pub(crate) fn broken(&self) -> BTreeSet<&'static str> {
        let found = self.verify();
        found.iter().filter(|item| item.severity == Severity::Error).map(|item| item.code).collect()
    }

    /// Fails unless nothing is found.
    pub(crate) fn assert_clean(&self) {
        let found = self.verify();
        assert!(found.is_empty(), "{found:#?}");
    }

    /// Adds a layer of what a stage step picks from a tree, and returns the copy.
    pub(crate) fn layer(
        &mut self,
        name: &str,
        tree: Option<Link>,
        seen_at: &str,
        contract: LayerContract,
    ) -> usize {
        let stage = self.stage(name, tree, seen_at, &contract);
        self.contract.layers.push(contract);
        self.reports.push((stage, 2));
        self.add(&format!("layer {name}"), &[(stage, 1)], fixtures::layer_copy(-1, 0))
    }

    /// The same, copied onto what is below.
    pub(crate) fn stacked(&mut self, name: &str, tree: Link, below: Link, contract: LayerContract) -> usize {
        let stage = self.stage(name, Some(tree), "/out", &contract);
        self.contract.layers.push(contract);
        self.reports.push((stage, 2));
        self.add(&format!("layer {name}"), &[below, (stage, 1)], fixtures::layer_copy(0, 1))
    }

    pub(crate) fn stage(
        &mut self,
        name: &str,
        tree: Option<Link>,
        seen_at: &str,
        contract: &LayerContract,
    ) -> usize {
        let request = step::encode(&fixtures::stage_request(contract, seen_at));
        let request = self.add(&format!("request {name}"), &[], fixtures::request_file(request));
        self.own(&format!("stage {name}"), step::Step::Stage, request, &[(step::INPUT_MOUNT, tree)])
    }
}
