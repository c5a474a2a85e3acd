//! Bundles: one file put together from several texts, such as the certificates that programs trust.

use std::io;

use super::{Crossing, shown};
use crate::step::{Bundle, Finding, code};
use crate::tree::{Bounds, FilePath, Resolved, read_file, resolve};

/// No bundle of authorities is larger.
const LARGEST: usize = 8 << 20;
/// Where a certificate begins in its text form (RFC 7468).
const BEGIN: &[u8] = b"-----BEGIN CERTIFICATE-----";

impl Crossing<'_> {
    /// Writes a bundle of certificates; every part must hold one.
    pub(super) fn bundle(&mut self, bundle: &Bundle) -> io::Result<()> {
        let mut whole: Vec<u8> = Vec::new();
        for part in &bundle.parts {
            let bounds = Bounds::Part { seen_at: &self.seen_at };
            let Resolved::Found(path, stat) = resolve(self.input, &FilePath::root(), part, bounds)? else {
                self.find(Finding::new(code::ARTIFACT_MISSING, part, format!("there is no `{part}` to add")));
                return Ok(());
            };
            let bytes = if stat.is_file() { read_file(self.input, &path, LARGEST)? } else { Vec::new() };
            if !bytes.windows(BEGIN.len()).any(|window| window == BEGIN) {
                let message = format!("`{}` holds no certificate", shown(&path));
                let help = "give a file in PEM form, which begins with -----BEGIN CERTIFICATE-----";
                self.find(Finding::new(code::NO_CERTIFICATE, &shown(&path), message).help(help));
                return Ok(());
            }
            if whole.last().is_some_and(|&byte| byte != b'\n') {
                whole.push(b'\n');
            }
            whole.extend(bytes);
        }
        let written = self.output.file(&FilePath::new(&bundle.to), &whole, 0o644);
        self.written(written).map(drop)
    }
}
