//! The tree, the files and the queues of an instance: what there is, and that nothing of it is anybody else's.

use crate::world::*;

/// Mount point, options, optional fields and type of every mount, as proc_pid_mountinfo(5) has them.
fn mounts(world: &World) -> Vec<[String; 4]> {
    let code = tempfile::tempdir().unwrap();
    let text = output(world, &with_code(program(&["/bin/cat", "/proc/self/mountinfo"]), code.path()));
    let row = |line: &str| {
        let (left, right) = line.split_once(" - ").unwrap();
        let left: Vec<_> = left.split(' ').collect();
        [left[4].to_owned(), left[5].to_owned(), left[6..].join(" "), right.split(' ').next().unwrap().to_owned()]
    };
    text.lines().map(row).collect()
}

#[test]
fn the_tree_is_these_mounts_and_nothing_of_the_host_moves_it() {
    let Some(world) = world(0) else { return };
    let mounts = mounts(&world);
    // What a host has of programs, of settings that are shown, of procfs files that are covered, and of cgroups, differs.
    let differs = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/etc", "/proc", "/sys/fs/cgroup"];
    let below = |point: &str, above: &str| point == above || point.starts_with(&format!("{above}/"));
    let fixed: Vec<_> = mounts
        .iter()
        .filter(|[point, ..]| !differs.iter().any(|above| below(point, above)))
        .map(|[point, options, _, kind]| format!("{point} {kind} {options}"))
        .collect();
    let kind_of_code = mounts.iter().find(|[point, ..]| point == "/opt/function/code").map(|[.., kind]| kind).unwrap();
    let code = fixed.iter().find(|line| line.starts_with("/opt/function/code ")).unwrap();
    assert!(code.starts_with(&format!("/opt/function/code {kind_of_code} ro,nosuid,nodev")), "{code}");
    let fixed: Vec<_> = fixed.iter().filter(|line| *line != code).map(String::as_str).collect();
    let mut expect = vec![
        "/ tmpfs ro,nosuid,nodev,relatime",
        "/dev tmpfs ro,nosuid,noexec,relatime",
        "/dev/shm tmpfs rw,nosuid,nodev,noexec,relatime",
        "/run/empty tmpfs ro,nosuid,nodev,relatime",
        "/tmp tmpfs rw,nosuid,nodev,relatime",
        "/var/lib tmpfs ro,nosuid,nodev,relatime",
    ];
    let mut sorted = fixed.clone();
    sorted.sort_unstable();
    expect.sort_unstable();
    assert_eq!(sorted, expect);
    for [point, options, optional, _] in &mounts {
        assert!(optional.is_empty(), "{point} hears of other trees: {optional}");
        assert!(options.contains("nosuid"), "{point} {options}");
        assert!(point == "/dev" || options.contains("nodev"), "{point} {options}");
    }
}

/// Nothing an instance writes reaches a disk: there is no bandwidth of one to fight for.
#[test]
fn everything_writable_is_memory() {
    let Some(world) = world(0) else { return };
    let mounts = mounts(&world);
    let writable: Vec<_> =
        mounts.iter().filter(|[_, options, ..]| options.split(',').any(|word| word == "rw")).collect();
    assert!(writable.iter().all(|[point, _, _, kind]| kind == "tmpfs" || point == "/proc"), "{writable:?}");
    assert_eq!(writable.len(), 3, "{writable:?}");
}

#[test]
fn what_lies_in_the_code_gives_no_rights() {
    let Some(world) = world(0) else { return };
    let code = tempfile::tempdir().unwrap();
    let at = |name: &str| code.path().join(name);
    std::fs::copy("/usr/bin/id", at("id")).unwrap();
    open_up(&at("id"), 0o4755);
    std::fs::write(at("hello"), "hello").unwrap();
    open_up(&at("hello"), 0o666);
    let made = std::process::Command::new("mknod").arg(at("kmsg")).args(["c", "1", "11"]).status();
    assert!(made.unwrap().success());
    open_up(&at("kmsg"), 0o666);
    let text = "cd /opt/function/code; ./id -u; cp id /tmp/id; chmod 4755 /tmp/id; /tmp/id -u\n\
                (: < kmsg) 2>&1 | grep -o 'Permission denied'\n\
                (chmod 777 hello; touch hello; ln hello other; mv hello other; rm hello) 2>&1 | grep -c 'Read-only file system'\n\
                su -c id 2>/dev/null; echo su=$?; cat hello";
    let text = output(&world, &with_code(script(text), code.path()));
    // `touch` of what cannot be written says so too; `su` has many ways to fail.
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines[..4], ["1003", "1003", "Permission denied", "5"], "{text}");
    assert!(lines[4].starts_with("su=") && lines[4] != "su=0", "{text}");
    assert_eq!(lines[5], "hello");
}

#[test]
fn shared_memory_has_a_size_and_a_number_of_files_and_runs_nothing() {
    let Some(world) = world(0) else { return };
    let text = "head -c 100000000 /dev/zero > /dev/shm/big; stat -c %s /dev/shm/big; rm /dev/shm/big\n\
                i=0; while : 2>/dev/null > /dev/shm/f$i; do i=$((i+1)); done; test $i -lt 4096 && echo full\n\
                rm -f /dev/shm/f*; cp /bin/true /dev/shm/true; chmod 755 /dev/shm/true; /dev/shm/true; echo $?";
    let outcome = run(&world, &script(text));
    assert_eq!(outcome.stdout, format!("{}\nfull\n126\n", 64 << 20), "{outcome:?}");
}

#[test]
fn queues_and_shared_memory_by_number_are_the_instances_own() {
    let Some(world) = world(0) else { return };
    let text = "import ctypes\n\
                libc = ctypes.CDLL(None, use_errno=True)\n\
                got = [libc.shmget(4242, 4096, 0o666), libc.msgget(4242, 0o666), libc.semget(4242, 1, 0o666), libc.mq_open(b'/q', 0)]\n\
                print(got, ctypes.get_errno())\n\
                made = [libc.shmget(4242, 4096, 0o1666), libc.msgget(4242, 0o1666), libc.semget(4242, 1, 0o1666)]\n\
                print(min(made) >= 0, flush=True)\n\
                import time; time.sleep(100)\n";
    let jails = [(); 2].map(|()| world.launcher.launch(&python(text)).unwrap());
    for jail in &jails {
        let mut text = String::new();
        wait_until("it prints two lines", || {
            text += &drain(&jail.stdout);
            text.lines().count() == 2
        });
        assert_eq!(text, format!("[-1, -1, -1, -1] {}\nTrue\n", libc::ENOENT));
    }
}

#[test]
fn what_one_instance_leaves_in_its_folders_no_other_finds() {
    let Some(world) = world(1) else { return };
    let leave = "echo canary > /tmp/canary; echo canary > /dev/shm/canary; ls /tmp /dev/shm | grep -c canary";
    assert_eq!(output(&world, &script(leave)), "2\n");
    for _ in 0..3 {
        assert_eq!(
            output(&world, &script("ls -A /tmp /dev/shm; grep -rs canary /tmp /dev/shm /run; true")),
            "/dev/shm:\n\n/tmp:\n"
        );
    }
}
