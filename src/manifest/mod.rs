//! The manifest as written: one table of fields decodes it, explains it and describes it as JSON Schema.
