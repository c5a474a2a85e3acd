//! A content-addressed graph of build operations that marshals to a BuildKit definition.
