//! Answers the questions of planning: a batch becomes one look at the context, and images resolved side by side.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use super::bridge::Bridge;
use super::context::NamedContexts;
use super::failure::Failure;
use crate::facts::{Answer, Facts, HEAD_BYTES, Query, literal, matches, reaches};
use crate::llb::{Graph, Meta};
use crate::lower::ContextTree;
use crate::name::ContextPath;
use crate::text::{Source, Span};
use crate::wire::gateway;

/// What answering needs to know of the build.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    /// The daemon.
    pub(super) bridge: Bridge,
    /// The context; a directory of the client is without the patterns of what is wanted.
    pub(super) context: ContextTree,
    /// What the client puts in the place of images.
    pub(super) named: NamedContexts,
    /// How images are resolved.
    pub(super) resolve_mode: String,
    /// The manifest, which failures point into.
    pub(super) manifest: Source,
}

/// The most entries that one pattern's tree may have; more means that the context is not what it seems.
const MOST_ENTRIES: usize = 200_000;

impl Desk {
    /// Answers every question.
    pub(super) async fn answer(
        &self,
        questions: BTreeMap<Query, Option<Span>>,
        facts: &mut Facts,
    ) -> Result<(), Failure> {
        let mut running = JoinSet::new();
        let (images, files): (Vec<_>, Vec<_>) =
            questions.into_iter().partition(|(query, _)| matches!(query, Query::Image { .. }));
        for (query, span) in images {
            let desk = self.clone();
            running.spawn(async move { desk.image(query, span).await.map(|answer| vec![answer]) });
        }
        if !files.is_empty() {
            let desk = self.clone();
            let files = files.into_iter().map(|(query, _)| query).collect();
            running.spawn(async move { desk.files(files).await });
        }
        while let Some(finished) = running.join_next().await {
            let answers = finished.map_err(|error| Failure::internal(&error.to_string()))??;
            answers.into_iter().for_each(|(query, answer)| facts.insert(query, answer));
        }
        Ok(())
    }

    async fn image(&self, query: Query, span: Option<Span>) -> Result<(Query, Answer), Failure> {
        let Query::Image { reference, platform } = &query else {
            return Err(Failure::internal("a question for files was taken for one for an image"));
        };
        let located = |failure: Failure| failure.at(&self.manifest, span);
        let replaced = self.named.replace(&self.bridge, reference, platform).await.map_err(located)?;
        let fact = match replaced {
            Some(fact) => fact,
            None => {
                let resolved = self.bridge.resolve_image(reference, platform, &self.resolve_mode).await;
                resolved.map_err(located)?
            }
        };
        Ok((query, Answer::Image(Box::new(fact))))
    }

    /// Transfers what all questions want at once, then looks at it.
    async fn files(&self, queries: Vec<Query>) -> Result<Vec<(Query, Answer)>, Failure> {
        let exact = queries.iter().filter_map(|query| match query {
            Query::File(path) | Query::Head(path) => Some(literal(path)),
            _ => None,
        });
        let patterns = queries.iter().filter_map(|query| match query {
            Query::Glob(pattern) => Some(pattern.clone()),
            _ => None,
        });
        let wanted: BTreeSet<String> = exact.chain(patterns).collect();
        let tree = match &self.context {
            ContextTree::Local(local) => {
                let mut graph = Graph::new();
                let source = local.clone().include_patterns(wanted);
                let output = graph.add(source, Meta::named("[internal] look at the build context"));
                self.bridge.solve_output(&graph, &output, Vec::new()).await?
            }
            ContextTree::Whole(tree) => self.bridge.solve(tree.clone()).await?,
        };
        let patterns: Vec<&str> = queries
            .iter()
            .filter_map(|query| if let Query::Glob(pattern) = query { Some(pattern.as_str()) } else { None })
            .collect();
        let listing =
            if patterns.is_empty() { BTreeSet::new() } else { self.listing(&tree, &patterns).await? };
        let mut running = JoinSet::new();
        let mut answers = Vec::new();
        for query in queries {
            if let Query::Glob(pattern) = &query {
                let found = listing.iter().filter(|path| matches(pattern, path)).cloned().collect();
                answers.push((query, Answer::Paths(found)));
                continue;
            }
            let (bridge, tree) = (self.bridge.clone(), tree.clone());
            running.spawn(async move {
                let bytes = match &query {
                    Query::Head(path) => bridge.read_head(&tree, path.as_str(), HEAD_BYTES).await,
                    Query::File(path) => bridge.read_file(&tree, path.as_str()).await,
                    _ => Ok(None),
                };
                bytes.map(|bytes| (query, Answer::File(bytes)))
            });
        }
        while let Some(finished) = running.join_next().await {
            answers.push(finished.map_err(|error| Failure::internal(&error.to_string()))??);
        }
        Ok(answers)
    }

    /// Every file of a tree in the directories that patterns reach.
    async fn listing(
        &self,
        tree: &gateway::Ref,
        patterns: &[&str],
    ) -> Result<BTreeSet<ContextPath>, Failure> {
        /// Go's bit for directories in a file mode (Go `io/fs`, "`FileMode`").
        const DIRECTORY: u32 = 1 << 31;
        let mut files = BTreeSet::new();
        let mut directories = vec![ContextPath::root()];
        let mut seen = 0;
        while let Some(directory) = directories.pop() {
            for entry in self.bridge.read_dir(tree, &format!("/{}", directory.as_str())).await? {
                seen += 1;
                if seen > MOST_ENTRIES {
                    let message = format!(
                        "the build context has more than {MOST_ENTRIES} files of the kinds looked for"
                    );
                    return Err(Failure::plain(format!(
                        "{message}; leave directories out with .dockerignore"
                    )));
                }
                // A name that no path can have (such as one with a line break) is none that is looked for.
                let Ok(path) = directory.join(&entry.path) else { continue };
                if entry.mode & DIRECTORY == 0 {
                    files.insert(path);
                } else if patterns.iter().any(|pattern| reaches(pattern, &path)) {
                    directories.push(path);
                }
            }
        }
        Ok(files)
    }
}
