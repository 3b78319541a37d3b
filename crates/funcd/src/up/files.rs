//! Open files: the daemon takes what it may have, and clients at the gateway get what its instances do not need.
//!
//! A connection, an instance and a package being unpacked are all descriptors of this process. Clients choose how many
//! connections there are; if they could take the last descriptor, no instance could be reached or started.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than this is not asked for: `fs.nr_open` of a kernel as it comes.
const MOST: u64 = 1 << 20;
/// Kept from clients: a thousand instances with a handful of descriptors each.
const RESERVED: u64 = 4096;

/// Raises the limit on open files as far as it goes; returns what it is then.
pub(super) fn raise() -> u64 {
    let hard = getrlimit(Resource::Nofile).maximum.unwrap_or(MOST);
    for wanted in [MOST.max(hard), hard] {
        // Above the hard limit only with CAP_SYS_RESOURCE.
        if setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum: Some(wanted) }).is_ok() {
            return wanted;
        }
    }
    getrlimit(Resource::Nofile).current.unwrap_or(MOST)
}

/// How many of the `configured` connections may be open when there are `files` descriptors, at least 1.
pub(super) fn connections(configured: usize, files: u64) -> usize {
    // Few descriptors are shared out instead: a quarter is for everything but clients.
    let left = files - RESERVED.min(files / 4);
    configured.min(usize::try_from(left).unwrap_or(usize::MAX)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_leave_descriptors_for_instances() {
        let check = |configured, files, expected| assert_eq!(connections(configured, files), expected);
        check(20_000, 1 << 20, 20_000);
        check(20_000, 20_000, 15_904);
        check(20_000, 1024, 768);
        check(100, 1024, 100);
        check(20_000, 0, 1);
    }

    #[test]
    fn the_limit_is_what_may_be_had() {
        let hard = getrlimit(Resource::Nofile).maximum.unwrap_or(MOST);
        assert!(raise() >= hard);
        assert_eq!(getrlimit(Resource::Nofile).current, Some(raise()));
    }
}
