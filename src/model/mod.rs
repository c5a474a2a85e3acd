//! The checked image: every default filled in, every illegal state unrepresentable.
