//! The frontend: what BuildKit starts, speaking its gateway protocol over stdin and stdout.
