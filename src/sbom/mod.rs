//! The components of a file system, and the SPDX document that lists them.
