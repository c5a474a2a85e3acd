//! One build: from the client's options to a result for every platform.

use super::bridge::{Bridge, Greeting};
use super::checks::Checks;
use super::context::{self, BuildContext, NamedContexts};
use super::definition::{self, Definition};
use super::failure::Failure;
use super::options::{Epoch, Options};
use super::outcome;
use super::platform_build::{Built, PlatformBuild};
use super::side_by_side::side_by_side;
use super::target::Target;
use super::{capability, option_check, scanner, step_options, subrequest};
use crate::diagnostic::{Diagnostic, Diagnostics, Severity};
use crate::llb::Source;
use crate::name::Platform;
use crate::wire::{gateway, pb};
use crate::{report, text};

/// Runs a build, or answers the client's question about it.
///
/// `program` is where our own binary comes from when the graph runs it.
pub async fn build(
    bridge: &Bridge,
    options: &Options,
    program: crate::lower::Program,
) -> Result<gateway::Result, Failure> {
    let greeting = bridge.ping().await?;
    if let Err(lacking) = capability::check(&greeting) {
        return Err(refused(bridge, options, &greeting, lacking).await);
    }
    let mut warnings = option_check::check(options)?;
    let target = Target::of(options);
    let (steps, found) = step_options::read(options, &greeting)?;
    warnings.extend(found);
    let inputs = context::inputs(bridge, &greeting).await?;
    let context = BuildContext::find(bridge, options, &inputs).await?;
    warnings.extend(context::unchecked_hosts(options));
    let epoch = epoch(options, &context, &mut warnings)?;
    let definition = definition::load(bridge, options, &context).await?;
    let native = native_platform(&greeting);
    let asked = options.platforms()?;
    let targets = if asked.is_empty() { vec![native.clone()] } else { asked };
    let several = options.several_platforms(targets.len())?;
    let named = NamedContexts::new(options, inputs);
    let scanner = scanner::find(bridge, options, &native).await?;
    let build = PlatformBuild {
        bridge: bridge.for_platforms(several),
        options: options.clone(),
        definition: definition.clone(),
        context,
        named: named.clone(),
        native,
        runs: greeting.platforms.clone(),
        program,
        can_merge: capability::can_merge(&greeting),
        several,
        steps,
        scanner,
        epoch,
        target,
    };
    if let Some(request) = options.get("requestid") {
        return subrequest::answer(request, &build, &targets).await;
    }
    let built = all(build, targets).await?;
    warnings.extend(named.warnings());
    for one in &built {
        let known: Vec<Diagnostic> = warnings.iter().cloned().collect();
        warnings.extend(one.warnings.iter().filter(|warning| !known.contains(warning)).cloned());
    }
    let warnings = Checks::of(options)?.apply(warnings, &definition.source)?;
    warn(bridge, &definition, &warnings).await?;
    outcome::result(built, several, epoch)
}

/// What a daemon lacks, told at the manifest's first line, which says who builds; such a daemon may be unable to read it,
/// and is not asked to clone or download anything for it.
async fn refused(bridge: &Bridge, options: &Options, greeting: &Greeting, lacking: Diagnostic) -> Failure {
    let source = async {
        let inputs = context::inputs(bridge, greeting).await.ok()?;
        let context = BuildContext::of_client(options, &inputs)?;
        Some(definition::load(bridge, options, &context).await.ok()?.source)
    };
    let source = source.await.unwrap_or_else(|| text::Source::new(options.filename(), ""));
    Failure::diagnostics(&lacking.into(), &source)
}

/// The time of everything in the image, in seconds since 1970.
fn epoch(options: &Options, context: &BuildContext, found: &mut Diagnostics) -> Result<i64, Failure> {
    let time = match options.epoch()? {
        Epoch::At(time) => return Ok(time),
        Epoch::OfContext => context.time.filter(|time| *time >= 0),
    };
    if time.is_none() {
        let message =
            "SOURCE_DATE_EPOCH=context has no effect: nothing tells when the build context was made";
        let help = "a repository tells it (to BuildKit 0.26 and newer), and so does a download; for a directory, give a number, \
            such as that of `git log -1 --pretty=%ct`";
        found.push(Diagnostic::warning("ignored-option", message).help(help));
    }
    Ok(time.unwrap_or(0))
}

/// Builds every platform side by side; the first failure in the order of the platforms counts.
async fn all(build: PlatformBuild, targets: Vec<Platform>) -> Result<Vec<Built>, Failure> {
    let builds = targets.into_iter().map(|target| {
        let build = build.clone();
        // One of these is large, and there may be several.
        async move { Box::pin(build.run(target)).await }
    });
    side_by_side(builds).await?.into_iter().collect()
}

/// The platform that the daemon runs natively.
fn native_platform(greeting: &Greeting) -> Platform {
    greeting.platforms.first().cloned().unwrap_or_else(|| Platform::new("linux", "amd64", ""))
}

/// Shows warnings at their lines.
async fn warn(bridge: &Bridge, definition: &Definition, warnings: &Diagnostics) -> Result<(), Failure> {
    for warning in warnings.iter().filter(|warning| warning.severity == Severity::Warning) {
        let (start, end) = definition.source.positions(warning.span.unwrap_or_default());
        let position = |at: crate::text::Position| pb::Position {
            line: i32::try_from(at.line).unwrap_or(i32::MAX),
            character: i32::try_from(at.column).unwrap_or(i32::MAX),
        };
        let short = format!("{}: {} (line {})", warning.code, warning.message, start.line);
        let detail = report::details(warning).into_iter().map(String::into_bytes).collect();
        let request = gateway::WarnRequest {
            digest: definition.vertex.clone(),
            level: 1,
            short: short.into_bytes(),
            detail,
            info: Some(definition.info.clone()),
            ranges: vec![pb::Range { start: Some(position(start)), end: Some(position(end)) }],
            ..Default::default()
        };
        bridge.warn(request).await?;
    }
    Ok(())
}

/// Where our own binary comes from: the image that the daemon started us from, unless it does not tell the digest, as
/// of an image that a client put in our place by its tag.
pub(super) fn own_image(definition: &[u8]) -> Option<Source> {
    use prost::Message as _;
    let definition = pb::Definition::decode(definition).ok()?;
    let sources = definition.def.iter().filter_map(|bytes| match crate::wire::decode_op(bytes).ok()?.op? {
        pb::op::Op::Source(source) => Some(source),
        _ => None,
    });
    let mut images = sources.filter(|source| {
        let scheme = source.identifier.split_once("://").map(|(scheme, _)| scheme);
        matches!(scheme, Some("docker-image" | "oci-layout")) && source.identifier.contains("@sha256:")
    });
    images.next().map(Source::from_wire)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llb::{Graph, Meta};

    fn own(identifier: &str) -> Option<Source> {
        use prost::Message as _;
        let mut graph = Graph::new();
        let image = graph.add(Source::new(identifier), Meta::named("frontend"));
        own_image(&graph.definition(&image, Vec::new()).unwrap().encode_to_vec())
    }

    #[test]
    fn our_own_image_counts_only_by_its_digest() {
        let digest = format!("@sha256:{}", "0".repeat(64));
        for name in ["docker-image://example.com/a:1", "oci-layout://example.com/a"] {
            assert!(own(&format!("{name}{digest}")).is_some(), "{name}");
            assert!(own(name).is_none(), "{name} could be another image by now");
        }
        assert!(own(&format!("https://example.com/a{digest}")).is_none());
    }
}
