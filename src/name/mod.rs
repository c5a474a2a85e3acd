//! Names with a grammar of their own: platforms, image references, digests, paths.

mod digest;
mod path;
mod platform;
mod reference;

pub use digest::{Digest, DigestError};
pub use path::{ContextPath, ImagePath, PathError};
pub use platform::{Platform, PlatformError};
pub use reference::{Reference, ReferenceError};
