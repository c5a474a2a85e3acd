//! `cofferdam rules`: what is enforced, and why.

use std::process::ExitCode;

use clap::Args;

use crate::diagnostic::did_you_mean;
use crate::rule::{self, Rule};

/// Explain one rule, or list all of them
#[derive(Debug, Args)]
pub(super) struct Rules {
    /// The rule to explain
    name: Option<String>,
}

impl Rules {
    pub(super) fn run(&self) -> ExitCode {
        let Some(name) = &self.name else {
            let lines: Vec<String> =
                rule::all().iter().map(|rule| format!("{:<24} {}\n", rule.name, rule.title)).collect();
            return super::print(&lines.concat());
        };
        match rule::find(name) {
            Some(rule) => super::print(&explain(rule)),
            None => {
                let near = did_you_mean(name, rule::all().iter().map(|rule| rule.name));
                let help = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                super::fail(super::USAGE, &format!("there is no rule `{name}`{help}"))
            }
        }
    }
}

fn explain(rule: &Rule) -> String {
    format!("{}: {}\n\n{}\n{}\n{}\n", rule.name, rule.title, rule.forbids, rule.why, rule.mend)
}
