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
    check("[65536, 819200, 8192, 0, 0]", &["kernel rlimits"]);
    check("ENOMEM", &["mlock"]);
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

/// Does what a mistake of ours might: shows a folder of the host, writable, at the root of a running instance.
fn widen(jail: &sandbox::Jail, folder: &std::path::Path) {
    use rustix::mount::{MountFlags, MoveMountFlags, OpenTreeFlags, mount_remount, move_mount, open_tree};
    use rustix::thread::{LinkNameSpaceType, UnshareFlags, move_into_link_name_space};
    let flags = OpenTreeFlags::OPEN_TREE_CLONE | OpenTreeFlags::OPEN_TREE_CLOEXEC;
    let tree = open_tree(rustix::fs::CWD, folder, flags).unwrap();
    let namespace = std::fs::File::open(format!("/proc/{}/ns/mnt", jail.pid)).unwrap();
    let mount = move || {
        // SAFETY: the thread's folders alone; it has no descriptor table of its own.
        unsafe { rustix::thread::unshare_unsafe(UnshareFlags::FS) }.unwrap();
        move_into_link_name_space(std::os::fd::AsFd::as_fd(&namespace), Some(LinkNameSpaceType::Mount)).unwrap();
        mount_remount("/", MountFlags::BIND, c"").unwrap();
        std::fs::create_dir("/widened").unwrap();
        move_mount(&tree, c"", rustix::fs::CWD, c"/widened", MoveMountFlags::MOVE_MOUNT_F_EMPTY_PATH).unwrap();
        // The first wall is open indeed: only the second is left.
        std::fs::write("/widened/open", "").unwrap();
    };
    std::thread::spawn(mount).join().unwrap();
}

#[test]
fn the_second_wall_stands_when_the_first_is_opened() {
    let Some(world) = world(0) else { return };
    if sandbox::probe::run().iter().any(|line| line.name == "landlock" && line.verdict != sandbox::probe::Verdict::Ok) {
        eprintln!("SKIPPED: this kernel has no landlock");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let inside = |name: &str| folder.path().join(name);
    std::fs::write(inside("secret"), "host").unwrap();
    std::fs::copy("/bin/true", inside("program")).unwrap();
    std::fs::create_dir(inside("folder")).unwrap();
    open_up(folder.path(), 0o777);
    for (name, mode) in [("secret", 0o666), ("program", 0o777), ("folder", 0o777)] {
        open_up(&inside(name), mode);
    }
    let text = "import os, socket, subprocess, time\n\
                while not os.path.exists('/widened/open'): time.sleep(0.01)\n\
                w = '/widened/'\n\
                def attempt(name, act):\n  try:\n    act()\n    print(name, 'OK')\n  except OSError as e: print(name, e.errno)\n\
                open('/tmp/own', 'w').close()\n\
                attempt('read', lambda: open(w + 'secret').read())\n\
                attempt('append', lambda: open(w + 'secret', 'a'))\n\
                attempt('truncate', lambda: os.truncate(w + 'secret', 0))\n\
                attempt('make', lambda: os.open(w + 'new', os.O_CREAT | os.O_WRONLY))\n\
                attempt('mkdir', lambda: os.mkdir(w + 'new'))\n\
                attempt('remove', lambda: os.remove(w + 'secret'))\n\
                attempt('rmdir', lambda: os.rmdir(w + 'folder'))\n\
                attempt('symlink', lambda: os.symlink('/etc', w + 'new'))\n\
                attempt('mkfifo', lambda: os.mkfifo(w + 'new'))\n\
                attempt('socket', lambda: socket.socket(socket.AF_UNIX).bind(w + 'new'))\n\
                attempt('rename', lambda: os.rename(w + 'secret', w + 'folder/secret'))\n\
                attempt('execute', lambda: subprocess.run([w + 'program']))\n";
    let jail = world.launcher.launch(&python(text)).unwrap();
    widen(&jail, folder.path());
    let outcome = finish(&jail);
    let wrong: Vec<_> = outcome.stdout.lines().filter(|line| !line.ends_with(&format!(" {}", libc::EACCES))).collect();
    assert!(wrong.is_empty() && outcome.stdout.lines().count() == 12, "{outcome:?}");
    assert_eq!(std::fs::read_to_string(inside("secret")).unwrap(), "host");
}

/// As root, by a process of the host that enters the instance's cgroup: of all walls around devices only this one is left.
#[test]
fn a_process_in_the_instances_cgroup_opens_its_five_devices_and_no_other() {
    let Some(world) = world(0) else { return };
    let jail = world.launcher.launch(&script("sleep 100")).unwrap();
    let groups = std::fs::read_to_string(format!("/proc/{}/cgroup", jail.pid)).unwrap();
    let Some(group) = groups.lines().find_map(|line| line.strip_prefix("0::")) else { return };
    let roots = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"].map(|root| format!("{root}{group}/cgroup.procs"));
    let procs = roots.iter().find(|path| std::path::Path::new(path).is_file()).unwrap();
    let dir = tempfile::tempdir_in("/dev/shm").unwrap();
    // kmsg and tun exist in no instance; zero does.
    let text = format!(
        "cd {} && mknod zero c 1 5 && mknod kmsg c 1 11 && mknod tun c 10 200 && mknod disk b 7 0 || exit 9\n\
         for name in zero kmsg tun disk; do (: < $name) 2>/dev/null && echo $name before; done\n\
         echo $$ > {procs} || exit 8\n\
         for name in zero kmsg tun disk; do (: < $name) 2>&1 && echo $name; done; mknod other c 1 11 || true",
        dir.path().display()
    );
    let done = std::process::Command::new("/bin/sh").args(["-c", &text]).output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(out.contains("zero before\nkmsg before\n"), "the test tests nothing: {out} {err}");
    assert!(out.ends_with("zero\n") || out.contains("\nzero\n"), "{out} {err}");
    assert_eq!(out.matches("Operation not permitted").count(), 3, "{out} {err}");
    assert!(err.contains("Operation not permitted"), "mknod: {out} {err}");
}
