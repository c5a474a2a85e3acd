//! Answers the questions of planning: a batch becomes one look at the context, and images resolved side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::bridge::Bridge;
use super::context::NamedContexts;
use super::failure::Failure;
use super::side_by_side::side_by_side;
use crate::facts::{
    Answer, Asker, Facts, HEAD_BYTES, ImageFact, LARGE, MOST_ENTRIES, Query, literal, matches, reaches,
};
use crate::llb::{Graph, Meta};
use crate::lower::ContextTree;
use crate::name::{ContextPath, Platform, Reference};
use crate::text::Source;
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
    /// What was looked at already.
    pub(super) looks: Vec<Look>,
}

/// A look at the client's directory.
#[derive(Debug, Clone)]
pub(super) struct Look {
    asked: Vec<Query>,
    tree: gateway::Ref,
}

impl Desk {
    /// Answers every question.
    pub(super) async fn answer(
        &mut self,
        questions: BTreeMap<Query, Asker>,
        facts: &mut Facts,
    ) -> Result<(), Failure> {
        let is_of_image = |query: &Query| matches!(query, Query::Image { .. } | Query::Libraries { .. });
        let (images, files): (Vec<_>, Vec<_>) =
            questions.into_iter().partition(|(query, _)| is_of_image(query));
        let desk = self.clone();
        let images = images.into_iter().map(|(query, asker)| {
            let desk = desk.clone();
            async move { desk.image(query, asker).await }
        });
        let files = files.into_iter().map(|(query, _)| query).collect();
        let (images, files) = tokio::join!(side_by_side(images), self.files(files));
        for answer in images? {
            let (query, answer) = answer?;
            facts.insert(query, answer);
        }
        files?.into_iter().for_each(|(query, answer)| facts.insert(query, answer));
        Ok(())
    }

    async fn image(&self, query: Query, asker: Asker) -> Result<(Query, Answer), Failure> {
        let answer = match &query {
            Query::Image { reference, platform } => {
                Answer::Image(Box::new(self.resolve(reference, platform, &asker).await?))
            }
            Query::Libraries { reference, platform } => {
                let fact = self.resolve(reference, platform, &asker).await?;
                Answer::Names(self.libraries(&fact).await?)
            }
            _ => return Err(Failure::internal("a question for files was taken for one for an image")),
        };
        Ok((query, answer))
    }

    /// The names in the directories where an image has its shared libraries.
    async fn libraries(&self, fact: &ImageFact) -> Result<BTreeSet<String>, Failure> {
        let tree = match &fact.replacement {
            Some(replacement) => self.bridge.solve(replacement.tree.clone()).await?,
            None => {
                let mut graph = Graph::new();
                let output =
                    graph.add(fact.source(), Meta::named(format!("[internal] look at {}", fact.pinned())));
                self.bridge.solve_output(&graph, &output, Vec::new()).await?
            }
        };
        let mut names = BTreeSet::new();
        for directory in library_directories(fact.platform.architecture()) {
            let entries = self.bridge.read_dir(&tree, &directory).await?;
            names.extend(entries.into_iter().map(|entry| entry.path));
        }
        Ok(names)
    }

    async fn resolve(
        &self,
        reference: &Reference,
        platform: &Platform,
        asker: &Asker,
    ) -> Result<ImageFact, Failure> {
        let located = |failure: Failure| failure.at(&self.manifest, asker.span);
        let explained = |failure: Failure| match &asker.help {
            Some(help) => failure.where_not_found(help),
            None => failure,
        };
        let replaced = self.named.replace(&self.bridge, reference, platform).await.map_err(located)?;
        match replaced {
            Some(fact) => Ok(fact),
            None => {
                let resolved = self.bridge.resolve_image(reference, platform, &self.resolve_mode).await;
                resolved.map_err(explained).map_err(located)
            }
        }
    }

    /// Looks at what all questions want.
    async fn files(&mut self, queries: Vec<Query>) -> Result<Vec<(Query, Answer)>, Failure> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let tree = self.look(&queries).await?;
        let patterns: Vec<&str> = queries
            .iter()
            .filter_map(|query| if let Query::Glob(pattern) = query { Some(pattern.as_str()) } else { None })
            .collect();
        let listing =
            if patterns.is_empty() { BTreeSet::new() } else { self.listing(&tree, &patterns).await? };
        let (globs, contents): (Vec<_>, Vec<_>) =
            queries.into_iter().partition(|query| matches!(query, Query::Glob(_)));
        let reads = contents.into_iter().map(|query| read(self.bridge.clone(), tree.clone(), query));
        let mut answers = side_by_side(reads).await?.into_iter().collect::<Result<Vec<_>, _>>()?;
        answers.extend(globs.into_iter().map(|query| {
            let wanted = |path: &&ContextPath| matches!(&query, Query::Glob(glob) if matches(glob, path));
            let found = listing.iter().filter(wanted).cloned().collect();
            (query, Answer::Paths(found))
        }));
        Ok(answers)
    }

    /// The tree to look at: one that an earlier look brought, or a new one with all that is wanted, in one transfer.
    async fn look(&mut self, queries: &[Query]) -> Result<gateway::Ref, Failure> {
        let local = match &self.context {
            ContextTree::Local(local) => local.clone(),
            ContextTree::Whole(tree) => return self.bridge.solve(tree.clone()).await,
        };
        let brought =
            |look: &&Look| queries.iter().all(|query| look.asked.iter().any(|asked| brings(asked, query)));
        if let Some(look) = self.looks.iter().find(brought) {
            return Ok(look.tree.clone());
        }
        let wanted: BTreeSet<String> = queries.iter().filter_map(pattern).collect();
        let mut graph = Graph::new();
        let passed =
            LARGE.iter().filter(|name| !wanted.iter().any(|path| path.split('/').any(|part| part == **name)));
        let passed: Vec<String> = passed.map(|name| format!("**/{name}")).collect();
        // Kept apart from the context of the build, where it would delete what it does not want.
        let source = local.include_patterns(wanted).exclude_patterns(passed).shared_key_hint("context-look");
        let output = graph.add(source, Meta::named("[internal] look at the build context"));
        let tree = self.bridge.solve_output(&graph, &output, Vec::new()).await?;
        self.looks.push(Look { asked: queries.to_vec(), tree: tree.clone() });
        Ok(tree)
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

/// Where images of usual distributions have shared libraries: Debian by architecture ("Multiarch tuples"), others in
/// the directories of the file system's standard.
fn library_directories(architecture: &str) -> [String; 4] {
    let tuple = match architecture {
        "amd64" => "x86_64-linux-gnu",
        "arm64" => "aarch64-linux-gnu",
        "arm" => "arm-linux-gnueabihf",
        "ppc64le" => "powerpc64le-linux-gnu",
        other => &format!("{other}-linux-gnu"),
    };
    [format!("/usr/lib/{tuple}"), format!("/lib/{tuple}"), "/usr/lib64".to_owned(), "/lib64".to_owned()]
}

/// The pattern of what a question wants of the context.
fn pattern(query: &Query) -> Option<String> {
    match query {
        Query::File(path) | Query::Head(path) => Some(literal(path)),
        Query::Glob(pattern) => Some(pattern.clone()),
        Query::Image { .. } | Query::Libraries { .. } => None,
    }
}

/// Whether a look for one question brings what another wants.
fn brings(asked: &Query, query: &Query) -> bool {
    match (asked, query) {
        (Query::Glob(pattern), Query::File(path) | Query::Head(path)) => matches(pattern, path),
        (Query::File(asked) | Query::Head(asked), Query::File(path) | Query::Head(path)) => asked == path,
        _ => asked == query,
    }
}

/// Answers a question for the content of a file.
async fn read(bridge: Bridge, tree: gateway::Ref, query: Query) -> Result<(Query, Answer), Failure> {
    let bytes = match &query {
        Query::Head(path) => bridge.read_head(&tree, path.as_str(), HEAD_BYTES).await?,
        Query::File(path) => bridge.read_file(&tree, path.as_str()).await?,
        Query::Glob(_) | Query::Image { .. } | Query::Libraries { .. } => None,
    };
    let link = match (&query, &bytes) {
        (Query::Head(path) | Query::File(path), None) => bridge.read_link(&tree, path).await?,
        _ => None,
    };
    Ok((query, link.map_or(Answer::File(bytes), Answer::Link)))
}
