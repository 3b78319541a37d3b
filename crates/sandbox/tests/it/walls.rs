//! What a hostile program inside sees and gets.

use crate::world::*;
use sandbox::Bind;
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};

/// Runs the probes once; by name, what came of each.
fn probes(world: &World) -> BTreeMap<String, String> {
    // Things of the host that must be out of reach.
    let name = format!("funcd-probe-{}", world.config.cgroup);
    let _abstract = UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
    let loopback = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = loopback.local_addr().unwrap().port().to_string();
    let code = tempfile::tempdir().unwrap();
    std::fs::write(code.path().join("hello"), "hello").unwrap();
    // The folders above may be closed, the files must be open.
    open_up(code.path(), 0o755);
    open_up(&code.path().join("hello"), 0o666);

    let mut spec = program(&["/usr/bin/python3", "-I", "-S", "-c", include_str!("probes.py"), &name, &port]);
    spec.binds.push(Bind { source: code.path().into(), target: "/opt/code".into() });
    let text = output(world, &spec);
    text.lines().filter_map(|line| line.split_once('=')).map(|(name, what)| (name.into(), what.into())).collect()
}

#[test]
#[allow(clippy::too_many_lines)] // a table
fn a_hostile_program_gets_nothing() {
    let Some(world) = world(0) else { return };
    let found = probes(&world);
    let mut wrong = Vec::new();
    let mut check = |expect: &str, names: &[&str]| {
        for name in names {
            let got = found.get(*name).map_or("(not run)", String::as_str);
            if !expect.split('|').any(|expect| expect == got) {
                wrong.push(format!("{name}: {got}, not {expect}"));
            }
        }
    };
    check(
        "EPERM",
        &[
            "mount_tmpfs",
            "umount",
            "pivot_root",
            "chroot",
            "setns",
            "unshare_user",
            "clone_newuser",
            "fsopen",
            "open_tree",
            "move_mount",
            "mount_setattr",
            "bpf",
            "perf_event_open",
            "userfaultfd",
            "io_uring_setup",
            "keyctl",
            "add_key",
            "ptrace",
            "process_vm_readv",
            "pidfd_getfd",
            "open_by_handle_at",
            "init_module",
            "reboot",
            "clock_settime",
            "sethostname",
            "syslog",
            "quotactl",
            "swapon",
            "tiocsti",
            "personality",
            "set_ptracer",
            "mknod_mem",
            "raw_icmp",
            "kill_init",
            "kill_all_init",
            "setuid0",
            "rt_sched",
        ],
    );
    check("ENOSYS", &["clone3", "unknown_call"]);
    check("EAFNOSUPPORT", &["af_packet", "af_alg", "af_vsock", "af_xdp"]);
    check("EPROTONOSUPPORT", &["netlink_nft", "netlink_xfrm"]);
    check("OK", &["netlink_route", "inet", "inet6", "unix", "suid_bit"]);
    check("ECONNREFUSED", &["abstract_unix", "host_loopback"]);
    check("lo", &["interfaces"]);
    check("fd,full,null,random,shm,stderr,stdin,stdout,urandom,zero", &["dev"]);
    check(
        "EROFS|EACCES|ENOENT",
        &[
            "write /x",
            "write /usr/x",
            "write /etc/x",
            "write /dev/x",
            "write /proc/x",
            "write /sys/x",
            "write /home/snuser/x",
            "write /home/snuser/log/x",
            "write /run/x",
            "write /opt/code/x",
            "write /root/x",
            "write /sys/fs/cgroup/x",
            "overwrite_self_exe",
            "write_code",
            "sysctl_write",
            "sysrq",
            "oom_score_adj_lower",
        ],
    );
    check(
        "0|ENOENT|EACCES",
        &[
            "read /proc/kcore",
            "read /proc/keys",
            "read /proc/key-users",
            "read /proc/sysrq-trigger",
            "read /proc/timer_list",
            "read /proc/kallsyms",
            "read /proc/slabinfo",
            "read /proc/kmsg",
            "read /proc/interrupts",
            "read /proc/iomem",
            "read /proc/kpagecount",
            "read /proc/vmallocinfo",
            "read /proc/config.gz",
            "read /proc/buddyinfo",
            "read /proc/cmdline",
            "read /proc/diskstats",
            "read /proc/kpageflags",
            "read /proc/locks",
            "read /proc/modules",
            "read /proc/partitions",
            "read /proc/schedstat",
            "read /proc/softirqs",
            "read /proc/swaps",
            "read /proc/vmstat",
            "read /proc/zoneinfo",
        ],
    );
    check("ENOENT|EACCES|EPERM", &["proc1_root", "proc1_environ", "nice"]);
    check("2", &["pids", "Seccomp"]);
    check("(1003, 1003, 1003)(1003, 1003, 1003)[]", &["ids"]);
    check("0000000000000000", &["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"]);
    check("1", &["NoNewPrivs"]);
    // NOROOT, NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE with their locks, and KEEP_CAPS locked off.
    check("239", &["securebits"]);
    check("/dev/shm,/proc,/tmp", &["writable mounts"]);
    check("", &["suid mounts"]);
    check("/dev", &["device mounts"]);
    check("none", &["tty"]);
    check("True", &["session"]);
    check("0,1,2", &["fds"]);
    check("[(1, 1), (256, 256)]", &["rlimits"]);
    check("EPERM", &["raise_nofile"]);
    check("['LC_CTYPE', 'PATH']|['PATH']", &["env"]);
    check("/", &["cwd"]);
    check("function", &["hostname"]);
    assert!(wrong.is_empty(), "{}\n\nall: {found:#?}", wrong.join("\n"));
    let cgroup = &found["cgroup"];
    assert!(!cgroup.contains("funcd") && !cgroup.contains(".."), "/proc/self/cgroup tells of the host: {cgroup}");
}

#[test]
fn init_is_root_of_nothing() {
    let Some(world) = world(0) else { return };
    let jail = world.launcher.launch(&script("sleep 100")).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", jail.pid)).unwrap();
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] {
        assert!(status.contains(&format!("{set}:\t0000000000000000\n")), "{status}");
    }
    assert!(status.contains("NoNewPrivs:\t1\n"), "{status}");
    let uid =
        status.lines().find(|line| line.starts_with("Uid:")).unwrap().split_whitespace().nth(1).unwrap().to_owned();
    assert!(uid.parse::<u32>().unwrap() >= 0x7000_0000, "{status}");
    // The standard three, the lease, the OOM event where there is one, and the signals; soon after the answer.
    let open = || std::fs::read_dir(format!("/proc/{}/fd", jail.pid)).unwrap().count();
    wait_until("init has closed all else", || open() <= 6);
}

#[test]
fn the_second_wall_stands_when_the_first_is_opened() {
    let Some(world) = world(0) else { return };
    if sandbox::probe::run().iter().any(|line| line.name == "landlock" && line.verdict != sandbox::probe::Verdict::Ok) {
        eprintln!("SKIPPED: this kernel has no landlock");
        return;
    }
    let jail = world.launcher.launch(&script("while ! test -d /go; do sleep 0.01; done; echo x > /go/x")).unwrap();
    // As a mistake of ours might: the root is writable, with a folder for everybody.
    let opened = std::process::Command::new("nsenter")
        .args(["-t", &jail.pid.to_string(), "-m", "/bin/sh", "-c"])
        .arg("mount -o remount,bind,rw / && mkdir /going && chmod 777 /going && mv /going /go")
        .status();
    assert!(opened.unwrap().success());
    let outcome = finish(&jail);
    assert!(outcome.stderr.contains("Permission denied"), "{outcome:?}");
}
