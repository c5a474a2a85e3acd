//! The inspection: the output rules, and the bill of materials.

use std::io;
use std::path::Path;

use crate::step::{InspectRequest, Report};
use crate::tree::Tree;

/// Inspects the finished file system, and writes the bill of materials into `out` if the request wants one.
pub(super) fn inspect(image: &dyn Tree, _out: &Path, request: &InspectRequest) -> io::Result<Report> {
    crate::inspect::inspect(image, request)
}
