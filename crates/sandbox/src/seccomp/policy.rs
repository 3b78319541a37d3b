//! The policy. It starts from what container engines allow by default, less what a function has no business with; every
//! group says why it is there. A call in neither list is unknown to us and answers `ENOSYS`.

use libc::c_long;

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
compile_error!("the sandbox knows the system call numbers of x86_64 and aarch64 only");

/// AUDIT_ARCH_* of linux/audit.h.
#[cfg(target_arch = "x86_64")]
pub(super) const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
pub(super) const ARCHITECTURE: u32 = 0xc000_00b7;

#[cfg(target_arch = "x86_64")]
const IO_PGETEVENTS: c_long = 333;
#[cfg(target_arch = "aarch64")]
const IO_PGETEVENTS: c_long = 292;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Return(u32),
    /// Allowed when the masked argument is one of these.
    OneOf {
        argument: u32,
        mask: u32,
        values: &'static [u32],
        otherwise: u32,
    },
    /// Allowed unless the masked argument is one of these.
    NoneOf {
        argument: u32,
        mask: u32,
        values: &'static [u32],
        otherwise: u32,
    },
    /// By family and protocol.
    Socket,
}

const fn errno(errno: i32) -> u32 {
    libc::SECCOMP_RET_ERRNO | errno as u32
}

const ALLOW: Verdict = Verdict::Return(libc::SECCOMP_RET_ALLOW);
const DENY: Verdict = Verdict::Return(DENIED);
/// Answers 0 and does nothing.
const PRETEND: Verdict = Verdict::Return(errno(0));
const DENIED: u32 = errno(libc::EPERM);
pub(super) const UNKNOWN: Verdict = Verdict::Return(errno(libc::ENOSYS));

pub(super) const FAMILIES: &[u32] = &[libc::AF_UNIX as u32, libc::AF_INET as u32, libc::AF_INET6 as u32];
pub(super) const NO_FAMILY: u32 = errno(libc::EAFNOSUPPORT);
pub(super) const NETLINK_PROTOCOLS: &[u32] = &[libc::NETLINK_ROUTE as u32];
pub(super) const NO_PROTOCOL: u32 = errno(libc::EPROTONOSUPPORT);

/// The `CLONE_NEW*` flags but NEWTIME, which only clone3 and unshare can ask for.
const NEW_NAMESPACE: u32 = 0x7e02_0000;
const TYPE_OF_FILE: u32 = libc::S_IFMT;

/// Allowed for some values of an argument only.
fn filtered() -> Vec<(c_long, Verdict)> {
    let all = u32::MAX;
    let one_of = |argument, mask, values| Verdict::OneOf { argument, mask, values, otherwise: DENIED };
    let none_of = |argument, mask, values| Verdict::NoneOf { argument, mask, values, otherwise: DENIED };
    vec![
        // Threads and processes, but no namespace: a new user namespace is the door to most kernel bugs.
        (libc::SYS_clone, one_of(0, NEW_NAMESPACE, &[0])),
        // Its flags lie in memory, which a filter cannot read. ENOSYS makes the C library use clone.
        (libc::SYS_clone3, UNKNOWN),
        (libc::SYS_socket, Verdict::Socket),
        (libc::SYS_socketpair, one_of(0, all, &[libc::AF_UNIX as u32])),
        // Typing into somebody's terminal (CVE-2017-5226).
        (libc::SYS_ioctl, none_of(1, all, &[libc::TIOCSTI as u32, 0x541c /* TIOCLINUX */])),
        // PER_LINUX, PER_LINUX32, both with UNAME26, and the question; not ADDR_NO_RANDOMIZE and friends.
        (libc::SYS_personality, one_of(0, all, &[0, 8, 0x2_0000, 0x2_0008, u32::MAX])),
        // Rewriting the memory map's description, and letting others trace.
        (libc::SYS_prctl, none_of(0, all, &[libc::PR_SET_MM as u32, libc::PR_SET_PTRACER as u32])),
        // Everything an instance writes is in memory. What these would write out is the host's, for which all would wait.
        (libc::SYS_sync, PRETEND),
        (libc::SYS_syncfs, PRETEND),
        (libc::SYS_mknodat, one_of(2, TYPE_OF_FILE, &[0, libc::S_IFREG, libc::S_IFIFO, libc::S_IFSOCK])),
        #[cfg(target_arch = "x86_64")]
        (libc::SYS_mknod, one_of(1, TYPE_OF_FILE, &[0, libc::S_IFREG, libc::S_IFIFO, libc::S_IFSOCK])),
    ]
}

/// Every known number with its verdict; `listen` is the action for `listen(2)`.
pub(super) fn table(listen: u32) -> Vec<(u32, Verdict)> {
    let mut table: Vec<(c_long, Verdict)> = filtered();
    table.push((libc::SYS_listen, Verdict::Return(listen)));
    for (_, calls) in ALLOWED {
        table.extend(calls.iter().map(|call| (*call, ALLOW)));
    }
    for (_, calls) in REFUSED {
        table.extend(calls.iter().map(|call| (*call, DENY)));
    }
    table.into_iter().filter_map(|(number, verdict)| Some((u32::try_from(number).ok()?, verdict))).collect()
}

type Group = (&'static str, &'static [c_long]);

#[rustfmt::skip]
pub(super) const ALLOWED: &[Group] = &[
    ("a process runs, forks, waits and ends", &[
        libc::SYS_execve, libc::SYS_execveat, libc::SYS_exit, libc::SYS_exit_group, libc::SYS_wait4, libc::SYS_waitid,
        libc::SYS_set_tid_address, libc::SYS_set_robust_list, libc::SYS_get_robust_list, libc::SYS_rseq,
        libc::SYS_restart_syscall, libc::SYS_sched_yield, libc::SYS_getcpu, libc::SYS_membarrier,
    ]),
    ("who and where a process is", &[
        libc::SYS_getpid, libc::SYS_getppid, libc::SYS_gettid, libc::SYS_getpgid, libc::SYS_getsid, libc::SYS_getuid,
        libc::SYS_geteuid, libc::SYS_getgid, libc::SYS_getegid, libc::SYS_getresuid, libc::SYS_getresgid,
        libc::SYS_getgroups, libc::SYS_uname, libc::SYS_sysinfo, libc::SYS_times, libc::SYS_getrusage, libc::SYS_umask,
        libc::SYS_getcwd, libc::SYS_chdir, libc::SYS_fchdir, libc::SYS_setsid, libc::SYS_setpgid,
    ]),
    ("changing ids and capabilities: allowed, and without a capability it only fails as programs expect", &[
        libc::SYS_setuid, libc::SYS_setgid, libc::SYS_setreuid, libc::SYS_setregid, libc::SYS_setresuid,
        libc::SYS_setresgid, libc::SYS_setfsuid, libc::SYS_setfsgid, libc::SYS_setgroups, libc::SYS_capget,
        libc::SYS_capset,
    ]),
    ("limits and scheduling of one's own processes, within the cgroup's", &[
        libc::SYS_prlimit64, libc::SYS_getrlimit, libc::SYS_setrlimit, libc::SYS_getpriority, libc::SYS_setpriority,
        libc::SYS_sched_getaffinity, libc::SYS_sched_setaffinity, libc::SYS_sched_getattr, libc::SYS_sched_setattr,
        libc::SYS_sched_getparam, libc::SYS_sched_setparam, libc::SYS_sched_getscheduler, libc::SYS_sched_setscheduler,
        libc::SYS_sched_get_priority_max, libc::SYS_sched_get_priority_min, libc::SYS_sched_rr_get_interval,
        libc::SYS_ioprio_get, libc::SYS_ioprio_set,
    ]),
    ("memory", &[
        libc::SYS_brk, libc::SYS_mmap, libc::SYS_munmap, libc::SYS_mprotect, libc::SYS_mremap, libc::SYS_madvise,
        libc::SYS_mincore, libc::SYS_msync, libc::SYS_mlock, libc::SYS_mlock2, libc::SYS_munlock, libc::SYS_mlockall,
        libc::SYS_munlockall, libc::SYS_memfd_create, libc::SYS_pkey_alloc, libc::SYS_pkey_free, libc::SYS_pkey_mprotect,
        libc::SYS_mseal, 453 /* map_shadow_stack */, libc::SYS_process_mrelease,
    ]),
    ("waking and waiting", &[
        libc::SYS_futex, libc::SYS_futex_waitv, 454 /* futex_wake */, 455 /* futex_wait */, 456 /* futex_requeue */,
        libc::SYS_ppoll, libc::SYS_pselect6, libc::SYS_epoll_create1, libc::SYS_epoll_ctl, libc::SYS_epoll_pwait,
        libc::SYS_epoll_pwait2, libc::SYS_eventfd2, libc::SYS_signalfd4, libc::SYS_timerfd_create,
        libc::SYS_timerfd_settime, libc::SYS_timerfd_gettime, libc::SYS_inotify_init1, libc::SYS_inotify_add_watch,
        libc::SYS_inotify_rm_watch,
    ]),
    ("time, read only in effect: setting needs a capability", &[
        libc::SYS_clock_gettime, libc::SYS_clock_getres, libc::SYS_clock_nanosleep, libc::SYS_nanosleep,
        libc::SYS_gettimeofday, libc::SYS_getitimer, libc::SYS_setitimer, libc::SYS_timer_create, libc::SYS_timer_delete,
        libc::SYS_timer_getoverrun, libc::SYS_timer_gettime, libc::SYS_timer_settime, libc::SYS_adjtimex,
        libc::SYS_clock_adjtime,
    ]),
    ("signals, which reach the instance's own processes", &[
        libc::SYS_rt_sigaction, libc::SYS_rt_sigprocmask, libc::SYS_rt_sigreturn, libc::SYS_rt_sigpending,
        libc::SYS_rt_sigsuspend, libc::SYS_rt_sigtimedwait, libc::SYS_rt_sigqueueinfo, libc::SYS_rt_tgsigqueueinfo,
        libc::SYS_sigaltstack, libc::SYS_kill, libc::SYS_tkill, libc::SYS_tgkill, libc::SYS_pidfd_open,
        libc::SYS_pidfd_send_signal,
    ]),
    ("descriptors", &[
        libc::SYS_read, libc::SYS_write, libc::SYS_readv, libc::SYS_writev, libc::SYS_pread64, libc::SYS_pwrite64,
        libc::SYS_preadv, libc::SYS_pwritev, libc::SYS_preadv2, libc::SYS_pwritev2, libc::SYS_lseek, libc::SYS_close,
        libc::SYS_close_range, libc::SYS_dup, libc::SYS_dup3, libc::SYS_fcntl, libc::SYS_flock, libc::SYS_pipe2,
        libc::SYS_splice, libc::SYS_tee, libc::SYS_vmsplice, libc::SYS_sendfile, libc::SYS_copy_file_range,
        libc::SYS_fsync, libc::SYS_fdatasync, libc::SYS_sync_file_range,
        libc::SYS_readahead, libc::SYS_fadvise64, libc::SYS_fallocate, libc::SYS_ftruncate, libc::SYS_truncate,
        451 /* cachestat */,
    ]),
    ("files, within the mounts", &[
        libc::SYS_openat, libc::SYS_openat2, libc::SYS_faccessat, libc::SYS_faccessat2, libc::SYS_fstat,
        libc::SYS_newfstatat, libc::SYS_statx, libc::SYS_statfs, libc::SYS_fstatfs, libc::SYS_getdents64,
        libc::SYS_readlinkat, libc::SYS_mkdirat, libc::SYS_unlinkat, libc::SYS_renameat, libc::SYS_renameat2,
        libc::SYS_linkat, libc::SYS_symlinkat, libc::SYS_fchmod, libc::SYS_fchmodat, libc::SYS_fchmodat2,
        libc::SYS_fchown, libc::SYS_fchownat, libc::SYS_utimensat, libc::SYS_getxattr, libc::SYS_lgetxattr,
        libc::SYS_fgetxattr, libc::SYS_listxattr, libc::SYS_llistxattr, libc::SYS_flistxattr, libc::SYS_setxattr,
        libc::SYS_lsetxattr, libc::SYS_fsetxattr, libc::SYS_removexattr, libc::SYS_lremovexattr,
        libc::SYS_fremovexattr, 463 /* setxattrat */, 464 /* getxattrat */, 465 /* listxattrat */,
        466 /* removexattrat */,
    ]),
    ("sockets of the families that `socket` lets through", &[
        libc::SYS_bind, libc::SYS_connect, libc::SYS_accept, libc::SYS_accept4, libc::SYS_shutdown, libc::SYS_sendto,
        libc::SYS_recvfrom, libc::SYS_sendmsg, libc::SYS_recvmsg, libc::SYS_sendmmsg, libc::SYS_recvmmsg,
        libc::SYS_getsockname, libc::SYS_getpeername, libc::SYS_getsockopt, libc::SYS_setsockopt,
    ]),
    ("System V and POSIX queues, of the instance's own IPC namespace", &[
        libc::SYS_shmget, libc::SYS_shmat, libc::SYS_shmdt, libc::SYS_shmctl, libc::SYS_semget, libc::SYS_semop,
        libc::SYS_semtimedop, libc::SYS_semctl, libc::SYS_msgget, libc::SYS_msgsnd, libc::SYS_msgrcv, libc::SYS_msgctl,
        libc::SYS_mq_open, libc::SYS_mq_unlink, libc::SYS_mq_timedsend, libc::SYS_mq_timedreceive, libc::SYS_mq_notify,
        libc::SYS_mq_getsetattr,
    ]),
    ("randomness", &[libc::SYS_getrandom]),
    ("walls a program builds for itself", &[
        libc::SYS_seccomp, libc::SYS_landlock_create_ruleset, libc::SYS_landlock_add_rule,
        libc::SYS_landlock_restrict_self,
    ]),
    #[cfg(target_arch = "x86_64")]
    ("the older forms of the above, which only x86_64 has", &[
        libc::SYS_access, libc::SYS_alarm, libc::SYS_arch_prctl, libc::SYS_chmod, libc::SYS_chown, libc::SYS_creat,
        libc::SYS_dup2, libc::SYS_epoll_create, libc::SYS_epoll_ctl_old, libc::SYS_epoll_wait, libc::SYS_epoll_wait_old,
        libc::SYS_eventfd, libc::SYS_fork, libc::SYS_futimesat, libc::SYS_get_thread_area, libc::SYS_getdents,
        libc::SYS_getpgrp, libc::SYS_inotify_init, libc::SYS_lchown, libc::SYS_link, libc::SYS_lstat, libc::SYS_mkdir,
        libc::SYS_open, libc::SYS_pause, libc::SYS_pipe, libc::SYS_poll, libc::SYS_readlink, libc::SYS_rename,
        libc::SYS_rmdir, libc::SYS_select, libc::SYS_set_thread_area, libc::SYS_signalfd, libc::SYS_stat,
        libc::SYS_symlink, libc::SYS_time, libc::SYS_unlink, libc::SYS_utime, libc::SYS_utimes, libc::SYS_vfork,
        // Only from the kernel's own trampoline, when an administrator traces; newer kernels do not even ask the filter.
        335 /* uretprobe */, 336 /* uprobe */,
    ]),
];

#[rustfmt::skip]
pub(super) const REFUSED: &[Group] = &[
    ("the file tree is ours: mounts in every form", &[
        libc::SYS_mount, libc::SYS_umount2, libc::SYS_pivot_root, libc::SYS_chroot, libc::SYS_fsopen, libc::SYS_fsconfig,
        libc::SYS_fsmount, libc::SYS_fspick, libc::SYS_open_tree, libc::SYS_move_mount, libc::SYS_mount_setattr,
        457 /* statmount */, 458 /* listmount */, 467 /* open_tree_attr */, libc::SYS_swapon, libc::SYS_swapoff,
        libc::SYS_quotactl, libc::SYS_quotactl_fd,
    ]),
    ("no new namespace, and into none", &[libc::SYS_unshare, libc::SYS_setns]),
    ("files by handle go around the mounts", &[libc::SYS_name_to_handle_at, libc::SYS_open_by_handle_at]),
    ("other processes' memory and descriptors", &[
        libc::SYS_ptrace, libc::SYS_process_vm_readv, libc::SYS_process_vm_writev, libc::SYS_pidfd_getfd,
        libc::SYS_kcmp, libc::SYS_process_madvise,
    ]),
    ("kernel subsystems with a long history of holes", &[
        libc::SYS_bpf, libc::SYS_perf_event_open, libc::SYS_userfaultfd, libc::SYS_io_uring_setup,
        libc::SYS_io_uring_enter, libc::SYS_io_uring_register, libc::SYS_io_setup, libc::SYS_io_submit,
        libc::SYS_io_getevents, IO_PGETEVENTS, libc::SYS_io_cancel, libc::SYS_io_destroy, libc::SYS_add_key,
        libc::SYS_request_key, libc::SYS_keyctl, libc::SYS_fanotify_init, libc::SYS_fanotify_mark,
        libc::SYS_remap_file_pages, libc::SYS_memfd_secret,
    ]),
    ("the machine itself: modules, reboot, clock, name, log, accounting", &[
        libc::SYS_init_module, libc::SYS_finit_module, libc::SYS_delete_module, libc::SYS_kexec_load, libc::SYS_reboot,
        libc::SYS_clock_settime, libc::SYS_settimeofday, libc::SYS_sethostname, libc::SYS_setdomainname,
        libc::SYS_syslog, libc::SYS_acct, libc::SYS_vhangup, libc::SYS_lookup_dcookie, libc::SYS_nfsservctl,
        459 /* lsm_get_self_attr */, 460 /* lsm_set_self_attr */, 461 /* lsm_list_modules */,
        468 /* file_getattr */, 469 /* file_setattr */,
    ]),
    ("where memory lies on the machine", &[
        libc::SYS_mbind, libc::SYS_get_mempolicy, libc::SYS_set_mempolicy, libc::SYS_set_mempolicy_home_node,
        libc::SYS_migrate_pages, libc::SYS_move_pages,
    ]),
    #[cfg(target_arch = "x86_64")]
    ("the same, where only x86_64 has it", &[
        libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_modify_ldt, libc::SYS_uselib, libc::SYS_ustat, libc::SYS_sysfs,
        libc::SYS__sysctl, 174 /* create_module */, 177 /* get_kernel_syms */, 178 /* query_module */,
        libc::SYS_kexec_file_load, libc::SYS_getpmsg, libc::SYS_putpmsg, libc::SYS_afs_syscall, libc::SYS_tuxcall,
        libc::SYS_security, libc::SYS_vserver,
    ]),
];
