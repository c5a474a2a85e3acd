//! The step that compiles a Rust application's dependencies alone: an ordinary layer, which registry caches carry.
//!
//! Cargo works in a cache, so that an edited dependency compiles alone; the layer gets what this very build used.

use super::read::Crate;
use super::{Builder, TARGET, build_command, step};
use crate::name::Digest;
use crate::plan::node::{Access, Cache, Mount, Script, Tree};
use crate::plan::planner::Planner;
use crate::plan::steps::work_tree;

/// Where the step puts what its successors see as [`TARGET`].
const LAYER: &str = "/dependencies";

/// Compiles the dependencies against stubs of the application; returns the tree of cargo's target directory.
pub(super) fn compile(
    planner: &mut Planner<'_>,
    krate: &Crate<'_>,
    builder: &Builder,
    skeleton: Tree,
) -> Tree {
    let kept = krate.vendored.is_empty();
    let script = if kept { script(krate, builder) } else { Script::Program(build_command(krate, builder)) };
    let mut step = step(planner, krate, builder, "compile dependencies", script);
    step.mounts.push(work_tree(skeleton, Access::Discarded));
    step.mounts.push(builder.judge.0.clone());
    // Cargo takes crates for what their version says. In the context, somebody may have edited them.
    if !kept {
        step.mounts.push(Mount::output(Tree::Scratch, TARGET));
        return Tree::Output(planner.add_compile(step), TARGET.to_owned());
    }
    step.mounts.push(Mount::output(Tree::Scratch, LAYER));
    step.caches.push(Cache {
        id: cache_id(planner, krate, &builder.toolchain),
        at: TARGET.to_owned(),
        exclusive: true,
    });
    // With the manifest's variables: build scripts of dependencies read them too.
    let id = planner.add_compile(step);
    Tree::Output(id, LAYER.to_owned())
}

/// Whoever shares a cache decides what others compile, so its id names the very workspace, where one can tell, and what
/// build scripts find in the builder.
fn cache_id(planner: &Planner<'_>, krate: &Crate<'_>, toolchain: &Digest) -> String {
    let setting = planner.builder_setting();
    let mut project = vec![krate.root.as_str(), krate.triple, &setting];
    for package in &krate.packages {
        project.extend([package.name.as_str(), package.repository().unwrap_or_default()]);
    }
    let project = Digest::of(project.join("\n").as_bytes());
    format!("cargo-target-{}-{}", &project.hex()[..12], &toolchain.hex()[..12])
}

/// Compiles in the cache, and copies the units that cargo names.
///
/// A unit's name ends in a hash of all that makes it what it is; cargo says which it used, compiled now or before. The
/// application's own are stubs: they are forgotten, for those of another commit may lie there.
fn script(krate: &Crate<'_>, builder: &Builder) -> Script {
    const TEXT: &str = r#"
packages=$1; shift
# Build scripts look at libraries, and cargo does not: with other versions of them, all is compiled anew.
libraries=$(sha256sum < /var/lib/dpkg/status 2>/dev/null || :)
if [ "$libraries" != "$(cat /target/libraries 2>/dev/null)" ]; then find /target -mindepth 1 -delete; fi
printf '%s\n' "$libraries" > /target/libraries
for package in $packages; do
  rm -rf /target/*/.fingerprint/"$package"-???????????????? /target/*/*/.fingerprint/"$package"-????????????????
done
"$@" > /tmp/messages
grep -oE -e '-[0-9a-f]{16}' /tmp/messages | sort -u > /tmp/units
cd /target
find . -regextype posix-extended -regex '.*-[0-9a-f]{16}[^/]*' -prune -print | grep -F -f /tmp/units > /tmp/used || :
[ ! -e .rustc_info.json ] || echo .rustc_info.json >> /tmp/used
xargs -r -d '\n' cp -a --parents -t /dependencies < /tmp/used
"#;
    let packages: Vec<&str> = krate.packages.iter().map(|package| package.name.as_str()).collect();
    let mut arguments = vec![packages.join(" ")];
    arguments.extend(build_command(krate, builder));
    arguments.push("--message-format=json-render-diagnostics".to_owned());
    Script::Shell { text: TEXT.trim().to_owned(), arguments }
}
