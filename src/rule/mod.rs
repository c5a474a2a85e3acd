//! The rules: one record per rule, from which errors, exceptions and the reference page are made.
