//! The scanner of the client's: a step in its image that sees the finished file system and nothing else.

use super::{Broken, Lowering};
use crate::facts::ImageFact;
use crate::llb::{Exec, Mount, Network, Output, Root};
use crate::step::scan;

/// A scanner that the client wants to be run on the finished image.
#[derive(Debug, Clone, PartialEq)]
pub struct Scanner {
    /// Its image, which has a command.
    pub image: ImageFact,
    /// What the client tells it, by names in the scanner's own language.
    pub parameters: Vec<(String, String)>,
}

impl Lowering<'_> {
    /// The directory with what the scanner wrote; `None` where the client has none.
    pub(super) fn scan(&mut self, image: &Output) -> Result<Option<Output>, Broken> {
        let setting = self.setting;
        let Some(Scanner { image: fact, parameters }) = &setting.scanner else { return Ok(None) };
        let root = self.pull(fact, setting.proves_anew())?;
        let config = &fact.config;
        let exec = Exec::new(&fact.platform, config.command())
            .root(&root, Root::Output)
            .cwd(config.working_directory())
            .network(Network::None)
            .envs(config.env());
        let exec = parameters
            .iter()
            .fold(exec, |exec, (name, value)| exec.env([scan::PARAMETER_PREFIX, name].concat(), value));
        let exec = exec
            .envs(scan::PLACES)
            .mount(Mount::tmpfs(scan::MEMORY))
            .mount(Mount::read_only(image, scan::SOURCE_MOUNT))
            .mount(Mount::output(scan::DESTINATION_MOUNT));
        let name = self.name("final", format_args!("scan the image with {}", fact.reference.familiar()));
        let meta = self.proof_meta(name, None);
        Ok(Some(self.graph.add(exec, meta).output(scan::DESTINATION_MOUNT)?))
    }
}
