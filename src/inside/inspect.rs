//! The inspection: the output rules, and the bill of materials.

use std::fs;
use std::io;
use std::path::Path;

use crate::sbom;
use crate::step::{self, InspectRequest, Report};
use crate::tree::Tree;

/// Inspects the finished file system, and writes the bill of materials into `out` if the request wants one.
pub(super) fn inspect(image: &dyn Tree, out: &Path, request: &InspectRequest) -> io::Result<Report> {
    let mut report = crate::inspect::inspect(image, request)?;
    if let Some(wanted) = &request.sbom {
        let sbom = sbom::document(image, request, wanted);
        fs::write(out.join(step::SBOM_FILE), sbom.bytes)?;
        report.summary.components = sbom.components;
    }
    Ok(report)
}
