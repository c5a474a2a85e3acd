//! Every default of the manifest, in one place.

/// The application's name.
pub(super) const NAME: &str = "app";
/// Where the application lies and runs.
pub(super) const WORKDIR: &str = "/app";
/// The signal that stops it.
pub(super) const STOP_SIGNAL: &str = "SIGTERM";
/// The signal on which nginx answers what was asked before it stops (nginx, "Controlling nginx").
pub(super) const SITE_STOP_SIGNAL: &str = "SIGQUIT";
/// Where the server of a site listens.
pub(super) const SITE_PORTS: [u16; 1] = [8080];
/// What the user is called.
pub(super) const USER_NAME: &str = "nonroot";
/// The cargo profile.
pub(super) const PROFILE: &str = "release";
/// The permission bits of files of the context.
pub(super) const FILE_MODE: u32 = 0o444;
/// The seconds that a test may take.
pub(super) const TIMEOUT: u16 = 20;
