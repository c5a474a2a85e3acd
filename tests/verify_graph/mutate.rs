//! Changes good graphs, and says which rule must object.

use cofferdam::wire::pb;

use super::Build;

/// Fails unless the mutation of a good graph breaks exactly this rule.
#[track_caller]
pub(crate) fn breaks(rule: &str, mut build: Build, mutate: impl FnOnce(&mut Build)) {
    build.assert_clean();
    mutate(&mut build);
    let broken: Vec<_> = build.broken().into_iter().collect();
    assert_eq!(broken, [rule], "{:#?}", build.verify());
}

/// A change and what it is.
pub(crate) type Change<T> = (&'static str, fn(&mut T));

/// Fails unless every change of something breaks exactly this rule.
#[track_caller]
pub(crate) fn each_breaks<T>(
    rule: &str,
    build: impl Fn() -> Build,
    apply: impl Fn(&mut Build, fn(&mut T)),
    changes: &[Change<T>],
) {
    for (what, change) in changes {
        let mut build = build();
        build.assert_clean();
        apply(&mut build, *change);
        let broken: Vec<_> = build.broken().into_iter().collect();
        assert_eq!(broken, [rule], "{what}: {:#?}", build.verify());
    }
}

/// Fails unless the mutation breaks this rule, perhaps among others.
#[track_caller]
pub(crate) fn breaks_among(rule: &str, mut build: Build, mutate: impl FnOnce(&mut Build)) {
    build.assert_clean();
    mutate(&mut build);
    assert!(build.broken().contains(rule), "{rule}: {:#?}", build.verify());
}

/// The mount of a step at this place.
pub(crate) fn mount<'e>(exec: &'e mut pb::ExecOp, dest: &str) -> &'e mut pb::Mount {
    exec.mounts.iter_mut().find(|mount| mount.dest == dest).unwrap()
}

/// The platform that images are for.
pub(crate) fn amd64() -> pb::Platform {
    pb::Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), ..Default::default() }
}

/// Moves the draft that was added last before another, so that it can be an input of what follows.
pub(crate) fn move_last_before(build: &mut Build, name: &str) {
    let last = build.drafts.len() - 1;
    let order: Vec<usize> = (0..last).collect();
    let at = build.find(name);
    let order = [&order[..at], &[last], &order[at..]].concat();
    reorder(build, &order);
}

/// Puts drafts into this order, at the place of the last of them.
pub(crate) fn sort(build: &mut Build, names: &[&str]) {
    let moved: Vec<usize> = names.iter().map(|name| build.find(name)).collect();
    let end = *moved.iter().max().unwrap();
    let keep =
        |range: std::ops::Range<usize>| range.filter(|index| !moved.contains(index)).collect::<Vec<_>>();
    let order = [keep(0..end + 1), moved.clone(), keep(end + 1..build.drafts.len())].concat();
    reorder(build, &order);
}

fn reorder(build: &mut Build, order: &[usize]) {
    let place = |old: usize| order.iter().position(|&index| index == old).unwrap();
    let mut drafts: Vec<_> = order.iter().map(|&index| build.drafts[index].clone()).collect();
    for draft in &mut drafts {
        draft.inputs.iter_mut().for_each(|input| input.0 = place(input.0));
    }
    build.drafts = drafts;
    build.image = build.image.map(|(vertex, output)| (place(vertex), output));
    build.reports.iter_mut().for_each(|report| report.0 = place(report.0));
}
