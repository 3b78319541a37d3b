//! Stopping all processes of a group at once, and letting them run again.
//!
//! Version 2 ([`cgroup.freeze`](https://docs.kernel.org/admin-guide/cgroup-v2.html), Linux 5.2) is used wherever a version 2
//! hierarchy is mounted, on hybrid hosts too: what it froze can be killed. Version 1 is for the others: a process it froze
//! keeps a SIGKILL until it is thawed.

use super::{Mounts, keyed, v1, write};
use crate::Error;
use crate::error::Step;
use std::fs;
use std::io;
use std::path::Path;

#[derive(Clone, Copy, Debug)]
pub(super) enum Freezer<'a> {
    V1(&'a Path),
    V2(&'a Path),
}

impl Freezer<'_> {
    pub(super) fn freeze(self) -> Result<(), Error> {
        match self {
            Self::V1(dir) => write(dir, "freezer.state", "FROZEN"),
            Self::V2(dir) => write(dir, "cgroup.freeze", "1"),
        }
    }

    pub(super) fn is_frozen(self) -> bool {
        match self {
            Self::V1(dir) => {
                let frozen = state(dir) == "FROZEN";
                if !frozen {
                    // It stays FREEZING over a process that could not stop then, until it is asked again.
                    let _ = self.freeze();
                }
                frozen
            }
            Self::V2(dir) => keyed(dir, "cgroup.events", "frozen ") == 1,
        }
    }

    pub(super) fn thaw(self) -> Result<(), Error> {
        match self {
            Self::V1(dir) => write(dir, "freezer.state", "THAWED"),
            Self::V2(dir) => write(dir, "cgroup.freeze", "0"),
        }
    }
}

fn state(dir: &Path) -> String {
    fs::read_to_string(dir.join("freezer.state")).unwrap_or_default().trim().to_owned()
}

/// For a folder of which only its path is known: see [`super::Group::let_die`].
pub(super) fn let_die(dir: &Path) {
    if !matches!(state(dir).as_str(), "" | "THAWED") {
        // It fails for a group that is removed meanwhile.
        let _ = Freezer::V1(dir).thaw();
    }
}

pub(super) fn unsupported() -> Result<(), Error> {
    let what = "no version 2 hierarchy is mounted, and no version 1 freezer";
    Err(io::Error::new(io::ErrorKind::Unsupported, what)).step(|| "freeze an instance")
}

/// Which version would freeze on this host.
pub(crate) fn can_freeze(mounts: &Mounts) -> Option<u8> {
    let legacy = mounts.controller(v1::FREEZER).map(|_| 1);
    mounts.unified.as_ref().map(|_| 2).or(legacy)
}
