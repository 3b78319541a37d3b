use super::*;

/// The names that the threat model's list asks for at least.
const ASKED: &[&str] = &[
    "h_abstract_unix",
    "h_add_key",
    "h_af_alg",
    "h_af_packet",
    "h_af_vsock",
    "h_af_xdp",
    "h_bpf",
    "h_chroot",
    "h_clone3",
    "h_clone_newuser",
    "h_control_sock_path",
    "h_daemonize",
    "h_dev_list",
    "h_devnull_swap",
    "h_early_close",
    "h_fd_exhaust",
    "h_fork_bomb",
    "h_handle_at",
    "h_hop_headers",
    "h_host_loopback_scan",
    "h_ignore_term",
    "h_init_module",
    "h_inode_fill",
    "h_101_unasked",
    "h_io_uring",
    "h_keyctl",
    "h_kill_init",
    "h_leaked_fds",
    "h_listen_0000_only",
    "h_log_flood",
    "h_log_forge",
    "h_mem_bomb",
    "h_mem_tmpfs",
    "h_metadata_mapped",
    "h_metadata_v4",
    "h_mknod_mem",
    "h_mlock",
    "h_mount_tmpfs",
    "h_netlink_nft",
    "h_never_listen",
    "h_new_mount_api",
    "h_nice",
    "h_oom_score",
    "h_other_pids",
    "h_overwrite_self_exe",
    "h_peer_function",
    "h_perf",
    "h_pidfd_getfd",
    "h_pivot_root",
    "h_port_squat",
    "h_private_ranges",
    "h_proc1_root",
    "h_proc_sensitive",
    "h_procfs_redirect",
    "h_ptrace",
    "h_quotactl",
    "h_raw_icmp",
    "h_reboot",
    "h_resp_split",
    "h_rt_sched",
    "h_seccomp_fuzz",
    "h_sethostname",
    "h_setns",
    "h_settime",
    "h_setuid0",
    "h_setuid_su",
    "h_shm_huge",
    "h_state_across_versions",
    "h_sysctl_write",
    "h_syslog",
    "h_sysrq",
    "h_thread_bomb",
    "h_tmp_fill",
    "h_unshare_user",
    "h_userfaultfd",
    "h_vm_readv_init",
    "h_write_code",
    "h_write_rootfs",
];

#[test]
fn every_case_that_is_asked_for_is_there() {
    let cases = embedded().unwrap();
    let missing: Vec<_> = ASKED.iter().filter(|asked| !cases.iter().any(|case| case.name == **asked)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_case_says_what_it_tries_and_why_and_what_must_come_of_it() {
    for case in embedded().unwrap() {
        for text in [&case.tries, &case.why, &case.expect] {
            assert!(!text.trim().is_empty() && !text.contains(['\n', '|']), "{}: {text:?}", case.name);
        }
        assert!(case.name.starts_with("h_"), "{}", case.name);
    }
}

#[test]
fn every_case_can_fail() {
    for case in embedded().unwrap() {
        let judged = case.step.iter().any(|step| {
            let texts = [&step.contains, &step.lacks, &step.refused];
            step.error.is_some() || step.cut || !step.report.is_empty() || texts.iter().any(|texts| !texts.is_empty())
        });
        assert!(judged, "{} expects nothing of what the function gets", case.name);
    }
}
