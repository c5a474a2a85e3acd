//! From findings to diagnostics: a finding is an error unless the manifest makes an exception.

use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Exception, Image};
use crate::rule;
use crate::step::Finding;
use crate::text::Span;

/// Judges findings; each comes with the place in the manifest that is to blame for it.
pub(super) fn judge(image: &Image, findings: Vec<(Finding, Option<Span>)>) -> Diagnostics {
    let mut found = Diagnostics::new();
    for (finding, span) in findings {
        let code = rule::find(&finding.rule).map_or("artifact", |rule| rule.name);
        let exception = image.exceptions.iter().find(|exception| excuses(exception, &finding));
        let message = format!("{}: {}", finding.path, finding.message);
        let diagnostic = match exception {
            None => Diagnostic::error(code, message).at(span.unwrap_or_default()),
            Some(exception) => {
                let excused = format!("{message} (excepted: {})", exception.reason);
                Diagnostic::warning(code, excused).at(exception.span)
            }
        };
        found.push(if finding.help.is_empty() { diagnostic } else { diagnostic.help(finding.help) });
    }
    found
}

fn excuses(exception: &Exception, finding: &Finding) -> bool {
    let path = exception.path.as_ref().map(|path| path.as_str().trim_end_matches('/'));
    let within = |path: &str| {
        finding.path == path || finding.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    };
    exception.rule.value == finding.rule && path.is_none_or(within)
}
