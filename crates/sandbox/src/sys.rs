//! The system calls that need `unsafe`, one function each; everything else goes through rustix.

use rustix::io::Errno;
use rustix::process::Pid;
use std::io;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};

/// What a fork returned, by side.
pub(crate) enum Forked {
    Parent { pid: Pid, pidfd: OwnedFd },
    Child,
}

/// linux/sched.h; the libc crate has it as an `int`, which cannot hold it.
const CLONE_INTO_CGROUP: u64 = 0x2_0000_0000;

/// `clone3(2)` without sharing: a fork into new namespaces and, where given, directly into a cgroup.
///
/// The caller must be the only thread of its process: the child goes on with a copy of this one alone.
pub(crate) fn fork(namespaces: u64, cgroup: Option<&OwnedFd>) -> io::Result<Forked> {
    let mut pidfd: RawFd = -1;
    let mut flags = namespaces | libc::CLONE_PIDFD as u64;
    if cgroup.is_some() {
        flags |= CLONE_INTO_CGROUP;
    }
    // SAFETY: clone_args is plain integers; all zeroes is its documented default.
    let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
    args.flags = flags;
    args.pidfd = std::ptr::from_mut(&mut pidfd) as u64;
    args.exit_signal = libc::SIGCHLD as u64;
    args.cgroup = cgroup.map_or(0, |fd| fd.as_raw_fd() as u64);
    // SAFETY: without CLONE_VM the child has a copy of this address space; `args` lives across the call and `pidfd` is
    // written by the kernel before it returns. Launcher and init are single-threaded, so no lock is held by a lost thread.
    let pid = unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size_of::<libc::clone_args>()) };
    match pid {
        ..0 => Err(io::Error::last_os_error()),
        0 => Ok(Forked::Child),
        _ => {
            let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(Errno::RANGE)?;
            // SAFETY: the kernel just made this descriptor for us and nobody else knows it.
            Ok(Forked::Parent { pid, pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) } })
        }
    }
}

/// Ends this process without running destructors: those of a forked child belong to its parent.
pub(crate) fn exit(code: i32) -> ! {
    // SAFETY: _exit never returns and touches no memory of ours.
    unsafe { libc::_exit(code) }
}

/// Takes over a descriptor that this process inherited under a known number.
pub(crate) fn inherited(number: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: F_GETFD only asks; an unused number gives EBADF.
    if unsafe { libc::fcntl(number, libc::F_GETFD) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it is open, and by the launcher's protocol nothing else in this process refers to it.
    let fd = unsafe { OwnedFd::from_raw_fd(number) };
    rustix::io::fcntl_setfd(&fd, rustix::io::FdFlags::CLOEXEC)?;
    Ok(fd)
}

/// The number under which a child keeps its one inherited socket.
pub(crate) const INHERITED: RawFd = 3;

/// In a forked child: keeps `fds` as numbers 3, 4, … and the standard three, closes everything else. What the child's
/// copy of memory says about other descriptors is void from here: the child ends without destructors.
pub(crate) fn keep_only<const N: usize>(fds: [OwnedFd; N]) -> io::Result<[OwnedFd; N]> {
    // First out of the way, then down: no copy hits one that is still to be copied.
    let above = INHERITED + N as RawFd;
    let mut aside = [0; N];
    for (place, fd) in aside.iter_mut().zip(&fds) {
        // SAFETY: duplicates a descriptor we own.
        *place = unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, above) };
        if *place < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    std::mem::forget(fds);
    for (number, fd) in (INHERITED..).zip(aside) {
        // SAFETY: both are plain numbers; whatever was at `number` is unreachable from the code that runs from here.
        if unsafe { libc::dup3(fd, number, libc::O_CLOEXEC) } < 0 {
            return Err(io::Error::last_os_error());
        }
    }
    close_from(above)?;
    let mut numbers = INHERITED..;
    // SAFETY: each number was made above and has no other owner in this process.
    Ok(std::array::from_fn(|_| unsafe { OwnedFd::from_raw_fd(numbers.next().unwrap_or(-1)) }))
}

/// Closes every descriptor from `first` on, known to us or not.
pub(crate) fn close_from(first: RawFd) -> io::Result<()> {
    // SAFETY: callers hold no owned descriptor at or above `first` that they use or drop afterwards.
    if unsafe { libc::syscall(libc::SYS_close_range, first, libc::c_uint::MAX, 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Marks every descriptor from 3 on close-on-exec.
pub(crate) fn cloexec_all() -> io::Result<()> {
    let flags = libc::CLOSE_RANGE_CLOEXEC;
    // SAFETY: changes a flag of descriptors, closes none.
    if unsafe { libc::syscall(libc::SYS_close_range, INHERITED, libc::c_uint::MAX, flags) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// `unshare(2)`.
pub(crate) fn unshare(flags: rustix::thread::UnshareFlags) -> io::Result<()> {
    // SAFETY: never called with FILES, so no descriptor table is split under somebody's feet.
    Ok(unsafe { rustix::thread::unshare_unsafe(flags) }?)
}

/// Ignores a signal in this process and, until they say otherwise, its children.
pub(crate) fn ignore(signal: libc::c_int) {
    // SAFETY: SIG_IGN installs no code of ours.
    unsafe { libc::signal(signal, libc::SIG_IGN) };
}

/// Every signal back to its default: what the launcher, or whoever started the daemon, ignores must not reach the user's
/// program as ignored.
pub(crate) fn default_signals() {
    // The kernel's struct sigaction, all zeroes: SIG_DFL, no flags. The C library's function would refuse 32 and 33.
    let default = [0_u64; 4];
    for signal in 1..=64 {
        // SAFETY: reads `default`, which is as large as the kernel's struct for a mask of 8 bytes. Installs no code.
        unsafe { libc::syscall(libc::SYS_rt_sigaction, signal, default.as_ptr(), std::ptr::null::<u8>(), 8) };
    }
}

/// Blocks SIGCHLD and returns a non-blocking descriptor that is readable while one is pending.
pub(crate) fn child_signals() -> io::Result<OwnedFd> {
    // SAFETY: sigset_t is plain memory that sigemptyset initialises.
    let mut set: libc::sigset_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is a valid set for the three calls, and the old mask is not asked for.
    let fd = unsafe {
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, libc::SIGCHLD);
        libc::sigprocmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
        libc::signalfd(-1, &raw const set, libc::SFD_CLOEXEC | libc::SFD_NONBLOCK)
    };
    if fd < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: signalfd just made it.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// `struct mount_attr` of linux/mount.h.
#[repr(C)]
struct MountAttr {
    set: u64,
    clear: u64,
    propagation: u64,
    userns_fd: u64,
}

/// `mount_setattr(2)` on the mount a descriptor refers to.
pub(crate) fn mount_setattr(mount: impl AsFd, recursive: bool, set: u64) -> io::Result<()> {
    let attr = MountAttr { set, clear: 0, propagation: libc::MS_PRIVATE, userns_fd: 0 };
    let flags = libc::AT_EMPTY_PATH | if recursive { libc::AT_RECURSIVE } else { 0 };
    // SAFETY: the path is an empty C string and `attr` lives across the call with its size given.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            mount.as_fd().as_raw_fd(),
            c"".as_ptr(),
            flags,
            &raw const attr,
            size_of::<MountAttr>(),
        )
    };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// `pidfd_send_signal(2)` to the whole process group of the process (Linux 6.9).
pub(crate) fn signal_group(pidfd: impl AsFd, signal: libc::c_int) -> io::Result<()> {
    const PIDFD_SIGNAL_PROCESS_GROUP: libc::c_uint = 1 << 2;
    let fd = pidfd.as_fd().as_raw_fd();
    let info = std::ptr::null::<libc::siginfo_t>();
    // SAFETY: a null siginfo is documented as "as kill(2) would".
    let done = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, fd, signal, info, PIDFD_SIGNAL_PROCESS_GROUP) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// `process_madvise(2)` with `MADV_PAGEOUT` for one range of another process's memory.
pub(crate) fn page_out(pidfd: impl AsFd, start: usize, length: usize) -> io::Result<()> {
    let range = libc::iovec { iov_base: std::ptr::without_provenance_mut(start), iov_len: length };
    let fd = pidfd.as_fd().as_raw_fd();
    // SAFETY: the kernel reads one iovec. The address is one of the other process; nothing is read or written there, pages
    // only move to swap and come back with their content when they are touched.
    let done =
        unsafe { libc::syscall(libc::SYS_process_madvise, fd, &raw const range, 1_usize, libc::MADV_PAGEOUT, 0_u32) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Flags of `seccomp(2)` that ask for a descriptor of notifications.
pub(crate) const NEW_LISTENER: libc::c_ulong = libc::SECCOMP_FILTER_FLAG_NEW_LISTENER;
/// A notified call is only interrupted by fatal signals (Linux 5.19).
pub(crate) const WAIT_KILLABLE: libc::c_ulong = libc::SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;

/// `seccomp(SECCOMP_SET_MODE_FILTER)`; the listener when `flags` asked for one.
pub(crate) fn seccomp(filter: &[libc::sock_filter], flags: libc::c_ulong) -> io::Result<Option<OwnedFd>> {
    let len = u16::try_from(filter.len()).map_err(|_| Errno::TOOBIG)?;
    let program = libc::sock_fprog { len, filter: filter.as_ptr().cast_mut() };
    let mode = libc::SECCOMP_SET_MODE_FILTER;
    // SAFETY: `program` points to `len` instructions that live across the call; the kernel copies and checks them.
    let fd = unsafe { libc::syscall(libc::SYS_seccomp, mode, flags, &raw const program) };
    match i32::try_from(fd) {
        Ok(fd) if fd >= 0 && flags & NEW_LISTENER != 0 => {
            // SAFETY: with NEW_LISTENER the result is a new descriptor.
            Ok(Some(unsafe { OwnedFd::from_raw_fd(fd) }))
        }
        Ok(0) => Ok(None),
        _ => Err(io::Error::last_os_error()),
    }
}

/// `seccomp(SECCOMP_GET_ACTION_AVAIL)`: whether the kernel knows a filter action.
pub(crate) fn seccomp_knows(action: u32) -> bool {
    // SAFETY: reads one u32.
    unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_GET_ACTION_AVAIL, 0, &raw const action) == 0 }
}

/// The next notification of a listener. Blocks when there is none: poll first.
pub(crate) fn notification(listener: impl AsFd) -> io::Result<libc::seccomp_notif> {
    // SAFETY: plain integers; the kernel demands zeroes on entry.
    let mut notification: libc::seccomp_notif = unsafe { std::mem::zeroed() };
    let fd = listener.as_fd().as_raw_fd();
    // SAFETY: the kernel fills the struct whose layout the request number encodes.
    if unsafe { libc::ioctl(fd, libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut notification) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(notification)
}

/// Whether the process of a notification still waits for the answer (else its id may be somebody else's by now).
pub(crate) fn notification_valid(listener: impl AsFd, id: u64) -> io::Result<()> {
    // SAFETY: reads one u64.
    let done = unsafe { libc::ioctl(listener.as_fd().as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_ID_VALID, &raw const id) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Answers a notification.
pub(crate) fn notification_answer(listener: impl AsFd, mut answer: libc::seccomp_notif_resp) -> io::Result<()> {
    let fd = listener.as_fd().as_raw_fd();
    // SAFETY: the kernel reads the struct whose layout the request number encodes.
    if unsafe { libc::ioctl(fd, libc::SECCOMP_IOCTL_NOTIF_SEND, &raw mut answer) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// The Landlock ABI of the kernel, 0 when there is none.
pub(crate) fn landlock_abi() -> u32 {
    const VERSION: u32 = 1;
    // SAFETY: with the VERSION flag the kernel takes no ruleset and only returns a number.
    let abi = unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, std::ptr::null::<u8>(), 0, VERSION) };
    u32::try_from(abi).unwrap_or(0)
}

/// The part of `union bpf_attr` (linux/bpf.h) that BPF_PROG_LOAD needs.
#[repr(C)]
struct ProgramLoad {
    kind: u32,
    count: u32,
    instructions: u64,
    license: u64,
    rest: [u64; 16],
}

/// The part that BPF_PROG_ATTACH needs.
#[repr(C)]
struct ProgramAttach {
    target: u32,
    program: u32,
    kind: u32,
    flags: u32,
    rest: [u64; 4],
}

/// `bpf(BPF_PROG_LOAD)` of a program that decides about devices.
pub(crate) fn load_device_program(program: &[crate::cgroup::Instruction]) -> io::Result<OwnedFd> {
    const PROG_LOAD: libc::c_int = 5;
    const CGROUP_DEVICE: u32 = 15;
    let encode = |(code, registers, offset, value): &crate::cgroup::Instruction| {
        let [o1, o2] = offset.to_ne_bytes();
        let [v1, v2, v3, v4] = value.to_ne_bytes();
        [*code, *registers, o1, o2, v1, v2, v3, v4]
    };
    let instructions: Vec<[u8; 8]> = program.iter().map(encode).collect();
    let load = ProgramLoad {
        kind: CGROUP_DEVICE,
        count: u32::try_from(instructions.len()).map_err(|_| Errno::TOOBIG)?,
        instructions: instructions.as_ptr() as u64,
        license: c"".as_ptr() as u64,
        rest: [0; 16],
    };
    // SAFETY: the kernel reads `count` instructions and a C string, all of which live across the call.
    let fd = unsafe { libc::syscall(libc::SYS_bpf, PROG_LOAD, &raw const load, size_of::<ProgramLoad>()) };
    match i32::try_from(fd) {
        // SAFETY: the kernel just made this descriptor for us.
        Ok(fd) if fd >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(fd) }),
        _ => Err(io::Error::last_os_error()),
    }
}

/// `bpf(BPF_PROG_ATTACH)` of such a program to a cgroup, in the place of one that was attached so before: a group may outlive
/// who made it.
pub(crate) fn attach_device_program(group: impl AsFd, program: impl AsFd) -> io::Result<()> {
    const PROG_ATTACH: libc::c_int = 8;
    const DEVICE: u32 = 6;
    let number = |fd: RawFd| u32::try_from(fd).map_err(|_| Errno::BADF);
    let attach = ProgramAttach {
        target: number(group.as_fd().as_raw_fd())?,
        program: number(program.as_fd().as_raw_fd())?,
        kind: DEVICE,
        flags: 0,
        rest: [0; 4],
    };
    // SAFETY: plain integers that live across the call.
    let done = unsafe { libc::syscall(libc::SYS_bpf, PROG_ATTACH, &raw const attach, size_of::<ProgramAttach>()) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Starts a program in its own session with `socket` as its descriptor 3.
pub(crate) fn spawn_with_socket(
    command: &mut std::process::Command,
    socket: OwnedFd,
) -> io::Result<std::process::Child> {
    use std::os::unix::process::CommandExt;
    let arrange = move || {
        // Out of the terminal's foreground group: Ctrl-C is for the daemon, which then drains.
        rustix::process::setsid()?;
        // SAFETY: between fork and exec; the number 3 belongs to nobody in this child. dup2 clears close-on-exec, except
        // when both numbers are equal, where the flag is cleared by hand.
        let moved = unsafe {
            if socket.as_raw_fd() == INHERITED {
                libc::fcntl(INHERITED, libc::F_SETFD, 0)
            } else {
                libc::dup2(socket.as_raw_fd(), INHERITED)
            }
        };
        if moved < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    };
    // SAFETY: the closure calls only async-signal-safe functions and allocates nothing.
    unsafe { command.pre_exec(arrange) }.spawn()
}
