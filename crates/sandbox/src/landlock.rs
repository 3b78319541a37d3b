//! The second wall: should a mount ever be writable by mistake, Landlock still lets the user write only where it may.

use crate::Error;
use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreated, RulesetCreatedAttr, Scope,
};
use std::io;

/// Rights beyond this one are about networks, which have a namespace of their own here.
const NEWEST: ABI = ABI::V6;

/// Restricts the calling process: reading and executing everywhere, writing below `/tmp`, `/dev/shm` and to devices and
/// `/proc` files, signals and abstract sockets within the instance. As much of it as the kernel has; nothing on a kernel
/// without Landlock, as the mounts are the first wall.
pub(crate) fn restrict() -> Result<(), Error> {
    rules().map(drop).map_err(|error| Error::Step {
        step: "restrict with landlock".to_owned(),
        source: io::Error::other(error.to_string()),
        remedy: "",
    })
}

fn rules() -> Result<landlock::RestrictionStatus, landlock::RulesetError> {
    let all = AccessFs::from_all(NEWEST);
    let read = AccessFs::from_read(NEWEST);
    let devices = read | AccessFs::WriteFile | AccessFs::IoctlDev;
    // A shell's `>` truncates.
    let process = read | AccessFs::WriteFile | AccessFs::Truncate;
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .scope(Scope::from_all(NEWEST))?
        .create()?;
    let ruleset = beneath(ruleset, "/", read)?;
    let ruleset = beneath(ruleset, "/dev", devices)?;
    let ruleset = beneath(ruleset, "/proc", process)?;
    let ruleset = beneath(ruleset, "/dev/shm", all)?;
    beneath(ruleset, "/tmp", all)?.restrict_self()
}

fn beneath(
    ruleset: RulesetCreated,
    path: &str,
    access: BitFlags<AccessFs>,
) -> Result<RulesetCreated, landlock::RulesetError> {
    match PathFd::new(path) {
        Ok(fd) => ruleset.add_rule(PathBeneath::new(fd, access)),
        // Less is allowed then, never more.
        Err(_) => Ok(ruleset),
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    /// The first wall is not there in this test: the folder is writable, for root even.
    #[test]
    fn a_folder_that_is_writable_by_mistake_stays_unwritten() {
        if crate::sys::landlock_abi() == 0 {
            eprintln!("SKIPPED: this kernel has no landlock");
            return;
        }
        let folder = tempfile::tempdir_in("/var/tmp").unwrap();
        let (inside, before) = (folder.path().join("x"), folder.path().join("before"));
        fs::write(&before, "").unwrap();
        // Restricts the thread it runs in, which then ends.
        let check = move || {
            rustix::thread::set_no_new_privs(true).unwrap();
            super::restrict().unwrap();
            assert!(fs::write(&inside, "").is_err(), "it made a file");
            assert!(File::options().append(true).open(&before).is_err(), "it opened a file for writing");
            assert!(File::open(&before).is_ok(), "reading is allowed");
            let own = tempfile::tempfile_in("/tmp");
            assert!(own.is_ok(), "{own:?}");
            assert!(fs::write("/dev/null", "x").is_ok(), "devices are writable");
        };
        std::thread::spawn(check).join().unwrap();
    }
}
