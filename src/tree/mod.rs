//! A file system to look at, read-only: a directory on disk, or one made up for a test.
