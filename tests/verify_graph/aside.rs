//! Steps that look at the finished image: nothing of what they write may become a file of it.

use super::Build;
use super::fixtures;
use super::mutate::sort;

/// A step beside the image, and how it is told that what it writes gets into it.
pub(crate) struct Aside {
    pub(crate) build: fn() -> Build,
    pub(crate) rule: &'static str,
    pub(crate) told: &'static str,
    /// The step, what only it needs, and which of its inputs is the image.
    pub(crate) step: &'static str,
    pub(crate) needs: &'static str,
    pub(crate) image: usize,
    /// What it writes, where, and a file of it.
    pub(crate) output: i64,
    pub(crate) at: &'static str,
    pub(crate) file: &'static str,
}

impl Aside {
    /// Fails unless the verifier says that something is made of what the step wrote.
    #[track_caller]
    fn leaks(&self, mutate: impl FnOnce(&mut Build)) {
        let mut build = (self.build)();
        mutate(&mut build);
        let found = build.verify();
        let told = found.iter().any(|item| item.code == self.rule && item.message.contains(self.told));
        assert!(told, "{found:#?}");
    }

    /// Tries every way into the image.
    #[track_caller]
    pub(crate) fn is_no_file_of_the_image(&self) {
        let written = |build: &Build| (build.find(self.step), self.output);
        // As the image itself.
        self.leaks(|build| build.image = Some(written(build)));
        // As a layer, which the image is.
        self.leaks(|build| {
            let leak = build.add("leak", &[written(build)], fixtures::layer_copy(-1, 0));
            build.image = Some((leak, 0));
        });
        // Merged over the image.
        self.leaks(|build| {
            let leak = build.add("leak", &[build.image.unwrap(), written(build)], fixtures::merge(2));
            build.image = Some((leak, 0));
        });
        // As what a layer is picked from.
        self.leaks(|build| {
            let artifact = fixtures::artifact(self.file, "/leak");
            let leak = build.layer("leak", Some(written(build)), self.at, artifact);
            let merge = build.add("again", &[build.image.unwrap(), (leak, 0)], fixtures::merge(2));
            build.image = Some((merge, 0));
        });
        // As what a compile step sees, in a build in which the step comes first.
        self.leaks(|build| {
            let data = build.find("layer data");
            build.draft(self.step, |draft| draft.inputs[self.image] = (data, 0));
            let before = ["request data", "stage data", "layer data", self.needs, self.step, "compile"];
            let after = ["request app", "stage app", "layer app", "merge", "inspect"];
            sort(build, &[&before[..], &after].concat());
            let written = written(build);
            build.draft("compile", |draft| draft.inputs[2] = written);
        });
    }
}
