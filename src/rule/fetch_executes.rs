//! `fetch-executes`: no code that was fetched runs with network, unless the manifest names it.

use super::{Exception, Proof, Rule};

/// The record of `fetch-executes`.
pub static RULE: Rule = Rule {
    name: "fetch-executes",
    title: "Code that was fetched runs without network",
    forbids: "A step with network that runs scripts of fetched packages, unless the manifest names the packages \
        (`node.fetch-scripts`); and in any case one that sees a secret or the source. For the same reason packages of \
        npm that come from repositories: managers run their scripts as they fetch them. What a build has Maven load \
        into itself (`<extensions>`, `.mvn/extensions.xml`) runs as dependencies are resolved, and commands of \
        `custom.fetch` may run what they fetched. Each of these is a warning of this name, and the report has the rule \
        among what is excepted; Maven's extensions beside a secret are an error.",
    why: "Whoever publishes a package could make its install script send away what it sees, or bring in what \
        no lock file names. A named one sees fetched packages, and nothing that is secret.",
    mend: "Leave the scripts to the offline step; where one must download something, name its package in \
        `node: {fetch-scripts: […]}`. Instead of a repository, depend on a release in a registry or on an archive. Do \
        without extensions of Maven; have `custom.fetch` download only. Where the exception is meant and warnings fail \
        the build, `COFFERDAM_CHECK` skips this one.",
    exception: Exception::Named,
    proof: Proof::Graph,
};
