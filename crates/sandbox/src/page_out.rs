//! Moves the memory of a frozen instance to the host's swap, by `process_madvise(MADV_PAGEOUT)` (Linux 5.10).
//!
//! Only what is the instance's own is moved: private memory, not what is mapped from files, which other instances of the same
//! runtime share and which would have to be read again. The kernel leaves pages alone that several processes share.

use crate::cgroup::Group;
use crate::error::Step;
use crate::{Error, sys};
use rustix::process::{Pid, PidfdFlags};
use std::fs;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

/// Bytes a call, so that one that is to stop does so soon.
const STRIDE: usize = 8 << 20;

/// Until everything was offered, or `stop`.
pub(crate) fn page_out(group: &Group, stop: &AtomicBool) -> Result<(), Error> {
    for pid in group.processes()? {
        if stop.load(Ordering::Relaxed) {
            break;
        }
        // One that ends meanwhile has nothing left to move. Its number could be another's then, whose pages would come back
        // when it touches them: nothing is lost and nothing is shown.
        process(pid, stop)?;
    }
    Ok(())
}

fn process(pid: Pid, stop: &AtomicBool) -> Result<(), Error> {
    let Ok(pidfd) = rustix::process::pidfd_open(pid, PidfdFlags::empty()) else { return Ok(()) };
    let Ok(maps) = fs::read_to_string(format!("/proc/{}/maps", pid.as_raw_nonzero())) else { return Ok(()) };
    for range in maps.lines().filter_map(private) {
        let end = range.end;
        for start in range.step_by(STRIDE) {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            match sys::page_out(&pidfd, start, STRIDE.min(end - start)) {
                Ok(()) => {}
                // Locked memory and special mappings are refused one by one.
                Err(error) if error.raw_os_error() == Some(libc::EINVAL) => break,
                Err(error) if matches!(error.raw_os_error(), Some(libc::ENOMEM | libc::ESRCH)) => break,
                Err(error) => return Err(error).step(|| "page out an instance (it takes CAP_SYS_NICE)"),
            }
        }
    }
    Ok(())
}

/// The addresses in a line of proc_pid_maps(5), if they are the process's own memory: private, readable, and of no file or
/// written to.
fn private(line: &str) -> Option<Range<usize>> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let (permissions, inode, path) = (words.next()?, words.nth(2)?, words.next().unwrap_or_default());
    let own = inode == "0" || permissions.contains('w');
    let special = path.starts_with("[v");
    if !(permissions.starts_with('r') && permissions.ends_with('p') && own) || special {
        return None;
    }
    Some(usize::from_str_radix(start, 16).ok()?..usize::from_str_radix(end, 16).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expect: Option<Range<usize>>) {
        assert_eq!(private(line), expect, "{line}");
    }

    #[test]
    fn the_heap_the_stack_and_written_data_are_the_process_s_own() {
        check("55d0a000-55d0b000 rw-p 00000000 00:00 0   [heap]", Some(0x55d0_a000..0x55d0_b000));
        check("7ffd1000-7ffd2000 rw-p 00000000 00:00 0   [stack]", Some(0x7ffd_1000..0x7ffd_2000));
        check("7f0000000000-7f0000002000 rw-p 00000000 00:00 0 ", Some(0x7f00_0000_0000..0x7f00_0000_2000));
        check("400000-401000 rw-p 00001000 fe:00 77    /usr/bin/node", Some(0x40_0000..0x40_1000));
        check("400000-401000 r--p 00000000 00:00 0    [anon:v8]", Some(0x40_0000..0x40_1000));
    }

    #[test]
    fn what_files_and_others_share_is_not() {
        check("400000-401000 r-xp 00001000 fe:00 77    /usr/bin/node", None);
        check("400000-401000 rw-s 00000000 00:01 9     /dev/zero (deleted)", None);
        check("400000-401000 ---p 00000000 00:00 0 ", None);
        check("7ffd1000-7ffd2000 r--p 00000000 00:00 0   [vvar]", None);
        check("nonsense", None);
        check("", None);
    }
}
