//! More certificate authorities for fetch steps: one bundle in memory, named to every tool by its variable.

use crate::plan::{CA_SECRET, Script, SecretTarget, Step};

/// The variables by which Go and OpenSSL, Cargo, git, curl, pip, requests and Node find a bundle.
const VARIABLES: &str = "SSL_CERT_FILE CARGO_HTTP_CAINFO GIT_SSL_CAINFO CURL_CA_BUNDLE PIP_CERT REQUESTS_CA_BUNDLE NODE_EXTRA_CA_CERTS";

/// The command line of a step.
///
/// The secret's value reaches only a file in memory; the command names nothing but its place.
pub(super) fn command(step: &Step) -> Vec<String> {
    let is_authority =
        |target: &SecretTarget| matches!(target, SecretTarget::File(path) if path == CA_SECRET);
    if !step.secrets.iter().any(|secret| is_authority(&secret.target)) {
        return plain(&step.script);
    }
    let (text, arguments) = match &step.script {
        Script::Shell { text, arguments } => (text.as_str(), arguments),
        Script::Program(words) => ("exec \"$@\"", words),
    };
    let trust = format!(
        "if [ -s {CA_SECRET} ]; then\n  \
           known=\"${{SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}}\"\n  \
           {{ if [ -f \"$known\" ]; then cat \"$known\"; echo; fi; cat {CA_SECRET}; }} > /tmp/trusted.pem\n  \
           for name in {VARIABLES}; do export \"$name=/tmp/trusted.pem\"; done\n\
         fi\n{text}"
    );
    plain(&Script::Shell { text: trust, arguments: arguments.clone() })
}

fn plain(script: &Script) -> Vec<String> {
    match script {
        Script::Program(words) => words.clone(),
        Script::Shell { text, arguments } => {
            let shell = ["/bin/sh", "-euc", text, "sh"].map(str::to_owned);
            shell.into_iter().chain(arguments.iter().cloned()).collect()
        }
    }
}
