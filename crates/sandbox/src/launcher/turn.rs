//! One launcher of an installation at a time.

use crate::Error;
use crate::error::Step;
use rustix::event::Timespec;
use rustix::fs::{FlockOperation, Mode, OFlags};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long a launcher may take to clear up after its daemon was killed.
const TURN: Duration = Duration::from_secs(20);

/// Waits until no other launcher of this installation lives. After the daemon was killed, its launcher still ends the
/// instances; whoever started meanwhile would lose its own cgroups and network to it.
///
/// A record lock (fcntl(2)): it goes with the process, and the sandboxes that are forked do not inherit it.
pub(super) fn turn(run_dir: &Path) -> Result<OwnedFd, Error> {
    let path = run_dir.join("launcher.lock");
    let flags = OFlags::RDWR | OFlags::CREATE | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let file = rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR).step(|| format!("open {}", path.display()))?;
    let until = Instant::now() + TURN;
    loop {
        match rustix::fs::fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => return Ok(file),
            Err(rustix::io::Errno::ACCESS | rustix::io::Errno::AGAIN) if Instant::now() < until => {
                // There is nothing to wait on in a process that is not ours but time.
                let pause = Timespec { tv_sec: 0, tv_nsec: 2_000_000 };
                rustix::event::poll(&mut [], Some(&pause)).step(|| "wait for the former launcher")?;
            }
            Err(error) => return Err(error).step(|| "wait for the former launcher to end (is it stopped?)"),
        }
    }
}
