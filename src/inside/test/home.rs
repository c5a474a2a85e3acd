//! The home directory of a user, as container runtimes find it (runc `libcontainer`, "HOME").

use std::io;

use crate::tree::{Bounds, FilePath, Resolved, Tree, read_file, resolve};

const ACCOUNTS: &str = "/etc/passwd";
/// As much of the accounts is read; a larger file is an error.
const LIMIT: usize = 16 << 20;

/// The home of a user as the image's accounts have it; `/` where they do not tell.
pub(super) fn of(image: &dyn Tree, uid: u32) -> io::Result<String> {
    let accounts = match resolve(image, &FilePath::root(), ACCOUNTS, Bounds::World)? {
        Resolved::Found(path, stat) if stat.is_file() => read_file(image, &path, LIMIT)?,
        _ => Vec::new(),
    };
    let accounts = String::from_utf8_lossy(&accounts);
    // The fields of a line are name, password, user, group, comment, home, shell (passwd(5)).
    let mut lines = accounts.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let line = lines.find(|line| line.get(2).is_some_and(|field| field.parse() == Ok(uid)));
    let home = line.and_then(|line| line.get(5).copied()).filter(|home| !home.is_empty());
    Ok(home.unwrap_or("/").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::memory::Memory;

    #[test]
    fn the_home_is_that_of_the_first_account_with_the_users_number() {
        let accounts =
            "root:x:0:0:root:/root:/bin/sh\n\nodd\nempty:x:7:7:::\na:x:65532:1::/home/a:\nb:x:65532:1::/b:\n";
        let image = Memory::new().file("/etc/passwd", 0o644, accounts.as_bytes());
        for (uid, home) in [(0, "/root"), (65532, "/home/a"), (7, "/"), (8, "/")] {
            assert_eq!(of(&image, uid).unwrap(), home, "{uid}");
        }
        assert_eq!(of(&Memory::new(), 0).unwrap(), "/");
    }
}
