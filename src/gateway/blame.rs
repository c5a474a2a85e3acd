//! Which line of the manifest is to blame for what is at a path of the image.

use crate::contract::Role;
use crate::model::{BaseChoice, File, Image};
use crate::name::{ContextPath, ImagePath};
use crate::plan::{Layer, Plan};
use crate::rule;
use crate::step::Finding;
use crate::text::Span;

/// A place in the image, and the line that put something there.
type Place = (ImagePath, Option<Span>);

/// The place that is to blame for what is at a path: the file or the layer that brought it, else the base.
pub(super) fn blame(image: &Image, plan: &Plan, finding: &Finding) -> Span {
    let shadows = finding.rule == rule::MERGE_SHADOWS_BASE.name;
    let places = layers(image, plan).chain(files(image).flat_map(places));
    let brought = nearest(&finding.path, shadows, places).flatten();
    let base = Some(image.runtime.base.span).filter(|span| !span.is_empty());
    brought.or(base).unwrap_or(image.language.span)
}

/// The files that the manifest declares one by one.
fn files(image: &Image) -> impl Iterator<Item = &File> {
    image.runtime.files.iter().chain(&image.build.artifacts)
}

/// Where a declared file may be: under its own name in a directory, or with its content there, if it is one itself.
fn places(file: &File) -> Vec<Place> {
    let span = Some(file.from.span);
    let name = ContextPath::parse(file.from.value.file_name()).ok().filter(|_| file.into);
    name.map(|name| (file.to.join(&name), span)).into_iter().chain([(file.to.clone(), span)]).collect()
}

/// The places of the other layers.
///
/// A language's runtime claims all of `/usr`, and brings neither shells nor package managers: over an image that has
/// them, it is the image that is to blame.
fn layers<'a>(image: &'a Image, plan: &'a Plan) -> impl Iterator<Item = Place> + 'a {
    let is_over_an_image = matches!(image.runtime.base.value, BaseChoice::Image(_));
    let brings = move |layer: &&Layer| {
        let is_of_files = files(image).any(|file| layer.span == Some(file.from.span));
        !is_of_files && (layer.contract.role != Role::Runtime || !is_over_an_image)
    };
    plan.output.layers.iter().filter(brings).flat_map(|layer| {
        let directories = layer.contract.directories.iter().map(|directory| &directory.path);
        let places = layer.contract.artifacts.iter().map(|artifact| &artifact.to).chain(directories);
        places.map(|place| (place.clone(), layer.span))
    })
}

/// What belongs to the place that a path lies nearest to, or else, where that counts, to the first one below it.
fn nearest<T>(path: &str, or_below: bool, places: impl Iterator<Item = (ImagePath, T)>) -> Option<T> {
    let mut best: Option<(usize, T)> = None;
    for (place, of) in places {
        let place = place.as_str();
        let depth = match (within(path, place), or_below && within(place, path)) {
            (true, _) => 1 + place.trim_end_matches('/').len(),
            (false, true) => 0,
            (false, false) => continue,
        };
        if best.as_ref().is_none_or(|(known, _)| depth > *known) {
            best = Some((depth, of));
        }
    }
    best.map(|(_, of)| of)
}

/// Whether `path` is `directory` or lies below it.
pub(super) fn within(path: &str, directory: &str) -> bool {
    let directory = directory.trim_end_matches('/');
    path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_place_is_to_blame() {
        let places =
            [("/app", 1), ("/", 2), ("/app/bin/", 3), ("/app/bin/tool", 4), ("/etc/b/c", 5), ("/app", 6)];
        let all = || places.iter().map(|(place, of)| (ImagePath::parse(place).unwrap(), *of));
        let told = |path: &str, or_below: bool| nearest(path, or_below, all());
        assert_eq!(told("/app/x", false), Some(1), "the first of equals");
        assert_eq!(told("/app/bin/other", false), Some(3));
        assert_eq!(told("/app/bin/tool", false), Some(4));
        assert_eq!(told("/etc/b", false), Some(2));
        let below = |path: &str| nearest(path, true, all().skip(2));
        assert_eq!(below("/etc/b"), Some(5));
        assert_eq!(below("/app"), Some(6), "before what lies below");
        assert_eq!(nearest("/usr", false, all().skip(2)), None);
    }

    #[test]
    fn a_file_that_keeps_its_name_is_known_by_it_and_does_not_claim_its_directory() {
        let span = Span::new(1, 2);
        let file = |into: bool| File {
            from: crate::text::Spanned::new(ContextPath::parse("conf/app.toml").unwrap(), span),
            to: ImagePath::parse("/app").unwrap(),
            into,
            mode: None,
        };
        let application = (ImagePath::parse("/app").unwrap(), None);
        let told = |path: &str, into: bool| {
            nearest(path, false, std::iter::once(application.clone()).chain(places(&file(into))))
        };
        assert_eq!(told("/app/app.toml", true), Some(Some(span)));
        assert_eq!(told("/app/lib/x.so", true), Some(None), "the application's");
    }
}
