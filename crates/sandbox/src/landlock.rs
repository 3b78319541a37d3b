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
