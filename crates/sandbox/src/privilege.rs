//! Giving up rights, for good: what a process of the instance can never get back.

use crate::Error;
use crate::error::Step;
use crate::ids::USER;
use rustix::process::{Gid, Resource, Rlimit, Uid};
use rustix::thread::{CapabilitiesSecureBits, CapabilitySet, CapabilitySets};

/// Becomes user and group `id` of the current user namespace with no supplementary group and no capability.
///
/// The order matters: the bounding set and the secure bits need CAP_SETPCAP, changing ids needs CAP_SETUID and
/// CAP_SETGID, so capabilities go last.
pub(crate) fn drop_to(id: u32) -> Result<(), Error> {
    empty_bounding_set()?;
    // No capability by being uid 0, by changing ids or by exec, and the bits cannot be changed back.
    let bits = CapabilitiesSecureBits::NO_ROOT
        | CapabilitiesSecureBits::NO_ROOT_LOCKED
        | CapabilitiesSecureBits::NO_SETUID_FIXUP
        | CapabilitiesSecureBits::NO_SETUID_FIXUP_LOCKED
        | CapabilitiesSecureBits::KEEP_CAPS_LOCKED
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE
        | CapabilitiesSecureBits::NO_CAP_AMBIENT_RAISE_LOCKED;
    rustix::thread::set_capabilities_secure_bits(bits).step(|| "lock the secure bits")?;
    rustix::thread::set_thread_groups(&[]).step(|| "leave all groups")?;
    let (uid, gid) = (Uid::from_raw(id), Gid::from_raw(id));
    rustix::thread::set_thread_res_gid(gid, gid, gid).step(|| format!("become group {id}"))?;
    rustix::thread::set_thread_res_uid(uid, uid, uid).step(|| format!("become user {id}"))?;
    rustix::thread::clear_ambient_capability_set().step(|| "clear the ambient capabilities")?;
    let none = CapabilitySet::empty();
    let sets = CapabilitySets { effective: none, permitted: none, inheritable: none };
    rustix::thread::set_capabilities(None, sets).step(|| "give up all capabilities")?;
    // Also what seccomp and Landlock ask of a process without CAP_SYS_ADMIN.
    rustix::thread::set_no_new_privs(true).step(|| "set no_new_privs")
}

/// The user's process: [`drop_to`] its id, in a session without terminal.
pub(crate) fn drop_to_user() -> Result<(), Error> {
    rustix::process::setsid().step(|| "make a session")?;
    drop_to(USER)
}

fn empty_bounding_set() -> Result<(), Error> {
    for bit in 0..64 {
        let capability = CapabilitySet::from_bits_retain(1 << bit);
        match rustix::thread::remove_capability_from_bounding_set(capability) {
            Ok(()) => {}
            // Past the last one this kernel knows.
            Err(rustix::io::Errno::INVAL) => break,
            Err(error) => return Err(error).step(|| format!("drop capability {bit} from the bounding set")),
        }
    }
    Ok(())
}

/// Resource limits that hold for every instance. Number of processes: the cgroup's business.
pub(crate) fn fixed_rlimits() -> Result<(), Error> {
    // No core files: 1 and not 0, as a core_pattern that is a pipe ignores 0 and would feed a hostile process to a program
    // of the host, but honours 1 (fs/coredump.c). Then little locked memory and message queues, as both escape other accounts; queued signals are kernel
    // memory; no real-time or better-than-normal priority.
    let fixed = [
        (Resource::Core, 1),
        (Resource::Memlock, 64 << 10),
        (Resource::Msgqueue, 800 << 10),
        (Resource::Sigpending, 8 << 10),
        (Resource::Nice, 0),
        (Resource::Rtprio, 0),
    ];
    fixed.into_iter().try_for_each(|(resource, limit)| {
        // What the host gives less of stays so: raising it again would need CAP_SYS_RESOURCE.
        let most = rustix::process::getrlimit(resource).maximum.unwrap_or(u64::MAX);
        set_rlimit(resource, limit.min(most))
    })
}

/// Raises the limit on open files as far as it goes: no instance can be given more than its launcher has.
pub(crate) fn raise_files() {
    const MOST: u64 = 1 << 20;
    if set_rlimit(Resource::Nofile, MOST).is_err() {
        // Without CAP_SYS_RESOURCE the hard limit is the end; an instance that asks for more is told so.
        let hard = rustix::process::getrlimit(Resource::Nofile).maximum.unwrap_or(MOST);
        let _ = set_rlimit(Resource::Nofile, hard);
    }
}

/// The limit on open files.
pub(crate) fn file_rlimit(open_files: u64) -> Result<(), Error> {
    let hard = rustix::process::getrlimit(Resource::Nofile).maximum.unwrap_or(u64::MAX);
    if open_files > hard {
        let problem =
            format!("open_files {open_files} is above {hard}, the limit funcd itself has (raise LimitNOFILE)");
        return Err(Error::Spec { problems: vec![problem] });
    }
    set_rlimit(Resource::Nofile, open_files)
}

fn set_rlimit(resource: Resource, limit: u64) -> Result<(), Error> {
    let rlimit = Rlimit { current: Some(limit), maximum: Some(limit) };
    rustix::process::setrlimit(resource, rlimit).step(|| format!("set the limit {resource:?} to {limit}"))
}
