//! The wire: BuildKit's messages in our own minimal description, encoded byte for byte as BuildKit encodes them.
