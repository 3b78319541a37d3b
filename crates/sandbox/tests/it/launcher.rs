//! The launcher process: what survives whom.

use crate::world::*;
use sandbox::{Error, Event, Launcher};

#[test]
fn nothing_outlives_a_launcher_that_is_killed_and_the_next_launch_starts_a_new_one() {
    let Some(world) = world(1) else { return };
    let jail = world.launcher.launch(&script("(setsid sleep 100 &) ; sleep 100")).unwrap();
    rustix::process::kill_process(launcher_of(&jail), rustix::process::Signal::KILL).unwrap();
    wait_readable(&jail.pidfd);
    assert_eq!(next_event(&jail), None);
    assert_eq!(run(&world, &script("exit 4")).event, Some(Event::Exited { code: Some(4), signal: None }));
    drop(jail);
}

#[test]
fn a_new_launcher_of_the_same_name_first_removes_what_the_old_one_left() {
    let Some(mut world) = world(1) else { return };
    let jail = world.launcher.launch(&script("sleep 100")).unwrap();
    let pidfd = jail.pidfd.try_clone().unwrap();
    // Neither the daemon nor its launcher gets to clear up.
    rustix::process::kill_process(launcher_of(&jail), rustix::process::Signal::KILL).unwrap();
    std::mem::forget(jail);
    assert!(!cgroups(&world).is_empty(), "there is nothing left to clear up: the test tests nothing");
    world.config.blanks = 0;
    let second = Launcher::start(&world.config).unwrap();
    wait_readable(&pidfd);
    assert!(cgroups(&world).is_empty(), "{:?}", cgroups(&world));
    drop(second);
}

#[test]
fn a_new_launcher_waits_for_the_former_one_and_keeps_what_is_its_own() {
    use rustix::process::{Signal, kill_process};
    let Some(world) = world(1) else { return };
    let jail = world.launcher.launch(&script("sleep 100")).unwrap();
    let former = launcher_of(&jail);
    std::mem::forget(jail);
    kill_process(former, Signal::STOP).unwrap();
    let World { launcher, config, dir } = world;
    // The daemon goes; its launcher does not get to see it.
    let going = std::thread::spawn(move || drop(launcher));
    let starting = std::thread::spawn(move || Launcher::start(&config).unwrap());
    while !going.is_finished() && !starting.is_finished() {
        kill_process(former, Signal::CONT).unwrap_or_default();
        std::thread::yield_now();
    }
    let second = starting.join().unwrap();
    going.join().unwrap();
    let jail = second.launch(&script("exit 4")).unwrap();
    wait_readable(&jail.pidfd);
    assert_eq!(next_event(&jail), Some(Event::Exited { code: Some(4), signal: None }));
    drop((jail, second, dir));
}

#[test]
fn the_end_of_the_daemon_is_the_end_of_all() {
    let Some(world) = world(2) else { return };
    let jail = world.launcher.launch(&script("sleep 100")).unwrap();
    let (pidfd, name) = (jail.pidfd.try_clone().unwrap(), world.config.cgroup.clone());
    std::mem::forget(jail);
    drop(world);
    wait_readable(&pidfd);
    let left: Vec<_> = std::fs::read_dir("/sys/fs/cgroup")
        .unwrap()
        .filter(|dir| dir.as_ref().unwrap().path().join(&name).is_dir())
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn many_launches_at_once_are_all_served() {
    let Some(world) = world(2) else { return };
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..16)
            .map(|n| {
                scope.spawn({
                    let world = &world;
                    move || run(world, &script(&format!("exit {n}"))).event
                })
            })
            .collect();
        for (n, worker) in workers.into_iter().enumerate() {
            assert_eq!(worker.join().unwrap(), Some(Event::Exited { code: Some(n as i32), signal: None }));
        }
    });
}

#[test]
fn a_launcher_that_cannot_start_says_why() {
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let mut config = config(&dir, 0);
    config.helper = vec!["/nonexistent/funcd".to_owned()];
    let error = Launcher::start(&config).unwrap_err();
    assert!(error.to_string().contains("/nonexistent/funcd"), "{error}");
    config.helper = vec!["/bin/true".to_owned()];
    assert!(matches!(Launcher::start(&config), Err(Error::Gone { .. })));
    config.cgroup = "../../x".to_owned();
    assert!(matches!(Launcher::start(&config), Err(Error::Spec { .. })));
}

#[test]
fn secrets_are_in_the_users_process_alone() {
    let Some(world) = world(0) else { return };
    // Built at run time, so that this test's own text is not what is found. Behind padding, so that the next request does
    // not happen to overwrite it.
    let secret = |which: &str| format!("sesame-{}-{which}", world.config.cgroup.to_uppercase());
    let with = |which: &str, padding: usize, text: &str| {
        let mut spec = script(text);
        spec.env.push(("PADDING".to_owned(), "x".repeat(padding)));
        spec.env.push(("SECRET".to_owned(), secret(which)));
        spec
    };
    run(&world, &with("first", 8000, "exit 0"));
    let jail = world.launcher.launch(&with("second", 10, "sleep 100")).unwrap();
    for pid in [jail.pid, launcher_of(&jail).as_raw_nonzero().get()] {
        let memory = memory(pid);
        for secret in [secret("first"), secret("second")] {
            let found = memory.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "process {pid} remembers {secret}");
        }
    }
}

/// All writable memory of a process.
fn memory(pid: i32) -> Vec<u8> {
    use std::os::unix::fs::FileExt;
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps")).unwrap();
    let memory = std::fs::File::open(format!("/proc/{pid}/mem")).unwrap();
    let mut all = Vec::new();
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let (start, end) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let [start, end] = [start, end].map(|hex| u64::from_str_radix(hex, 16).unwrap());
        let mut bytes = vec![0; (end - start) as usize];
        if memory.read_exact_at(&mut bytes, start).is_ok() {
            all.extend(bytes);
        }
    }
    all
}

/// The launcher process of a world in which nothing runs yet; an instance that ends at once cannot tell it.
fn launcher(world: &World) -> rustix::process::Pid {
    let jail = world.launcher.launch(&script("sleep 100")).unwrap();
    launcher_of(&jail)
}

/// Pids of the launcher's parked sandboxes: its children, beside the inits of the instances given.
fn parked(launcher: rustix::process::Pid, but: &[i32]) -> Vec<i32> {
    let pid = launcher.as_raw_nonzero();
    let children = std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    children.split_whitespace().map(|pid| pid.parse().unwrap()).filter(|pid| !but.contains(pid)).collect()
}

fn of_process(pid: i32, what: &str) -> String {
    std::fs::read_to_string(format!("/proc/{pid}/{what}")).unwrap_or_default()
}

/// Whether a sandbox is made and both of its processes wait for a message.
fn is_at_rest(init: i32) -> bool {
    let waits = |pid: i32| of_process(pid, "syscall").split(' ').next() == Some(&libc::SYS_recvmsg.to_string());
    let user = of_process(init, &format!("task/{init}/children")).trim().parse();
    user.is_ok_and(|user| of_process(user, "status").contains("Seccomp:\t2") && waits(user)) && waits(init)
}

#[test]
fn a_parked_sandbox_is_in_its_cgroups_and_namespaces_before_anything_is_asked_of_it() {
    let Some(world) = world(1) else { return };
    let first = world.launcher.launch(&script("sleep 100")).unwrap();
    let launcher = launcher_of(&first);
    // The user's process is its child: then it is finished.
    let is_finished = |pid: i32| !of_process(pid, &format!("task/{pid}/children")).is_empty();
    wait_until("a sandbox is parked", || parked(launcher, &[first.pid]).first().is_some_and(|pid| is_finished(*pid)));
    let blank = parked(launcher, &[first.pid])[0];
    let groups = of_process(blank, "cgroup");
    assert!(groups.lines().filter(|line| line.contains(&world.config.cgroup)).count() > 0, "{groups}");
    for namespace in ["cgroup", "ipc", "mnt", "net", "uts"] {
        let of = |pid: i32| std::fs::read_link(format!("/proc/{pid}/ns/{namespace}")).unwrap();
        assert_ne!(of(blank), of(launcher.as_raw_nonzero().get()), "{namespace}");
        assert_ne!(of(blank), of(first.pid), "{namespace}");
    }
    let second = world.launcher.launch(&script("sleep 100")).unwrap();
    assert_eq!(second.pid, blank, "the parked one was not used");
    assert_eq!(of_process(second.pid, "cgroup"), groups, "it was moved after it was asked for");
}

#[test]
fn what_is_taken_is_parked_again() {
    let Some(world) = world(3) else { return };
    let jails: Vec<_> = (0..2).map(|_| world.launcher.launch(&script("sleep 100")).unwrap()).collect();
    let pids: Vec<_> = jails.iter().map(|jail| jail.pid).collect();
    let launcher = launcher_of(&jails[0]);
    wait_until("three are parked", || parked(launcher, &pids).len() == 3);
}

#[test]
fn a_parked_sandbox_takes_the_limits_that_are_asked_for_whatever_came_before() {
    let Some(world) = world(1) else { return };
    let text = "head -1 /proc/meminfo; df -B1 --output=size,itotal /tmp | tail -1; cat /sys/fs/cgroup/memory/memory.limit_in_bytes \
                /sys/fs/cgroup/memory.max 2>/dev/null";
    let launcher = launcher(&world);
    for megabytes in [64, 256, 64] {
        wait_until("a sandbox is parked", || !parked(launcher, &[]).is_empty());
        let mut spec = script(text);
        spec.limits.memory_bytes = megabytes << 20;
        spec.limits.tmp_bytes = megabytes << 18;
        spec.limits.tmp_inodes = megabytes;
        let jail = world.launcher.launch(&spec).unwrap();
        let said = finish(&jail).stdout;
        let words: Vec<_> = said.split_whitespace().collect();
        let expect = [megabytes << 10, megabytes << 18, megabytes, megabytes << 20].map(|number| number.to_string());
        assert_eq!([words[1], words[3], words[4], words[5]], expect.each_ref().map(String::as_str), "{said}");
    }
}

/// A folder with a file that says which one it is, to be shared by all instances at `/opt/shared`.
fn shared(dir: &std::path::Path, text: &str) -> sandbox::Bind {
    std::fs::create_dir(dir).unwrap();
    std::fs::write(dir.join("which"), text).unwrap();
    open_up(dir, 0o755);
    sandbox::Bind { source: dir.into(), target: "/opt/shared".into() }
}

/// Runs an instance until the only one that is parked has, or has not, the folder at `/opt/shared`: one that was begun before
/// anything was asked for may still be there. What the last one said.
fn run_until_parked(world: &World, spec: &sandbox::Spec, with_shared: bool) -> String {
    let launcher = launcher(world);
    for _ in 0..3 {
        let said = run(world, spec).stdout;
        wait_until("one is parked", || matches!(parked(launcher, &[])[..], [pid] if is_at_rest(pid)));
        if of_process(parked(launcher, &[])[0], "mountinfo").contains(" /opt/shared ro,") == with_shared {
            return said;
        }
    }
    panic!("what is parked is not what was asked for last");
}

#[test]
fn what_all_share_is_in_a_parked_sandbox_before_anything_is_asked_of_it() {
    let Some(world) = world(1) else { return };
    let dir = tempfile::tempdir().unwrap();
    open_up(dir.path(), 0o755);
    let mut spec = script("cat /opt/shared/which; touch /opt/shared/x 2>/dev/null || echo; ls /opt");
    spec.shared = vec![shared(&dir.path().join("one"), "one")];
    for _ in 0..2 {
        assert_eq!(run_until_parked(&world, &spec, true), "one\nshared\n");
    }
}

#[test]
fn a_parked_sandbox_with_a_folder_that_was_removed_or_replaced_is_not_used() {
    let Some(world) = world(1) else { return };
    let dir = tempfile::tempdir().unwrap();
    open_up(dir.path(), 0o755);
    let one = dir.path().join("one");
    let mut spec = script("cat /opt/shared/which 2>/dev/null; ls /opt");
    spec.shared = vec![shared(&one, "one")];
    assert_eq!(run_until_parked(&world, &spec, true), "oneshared\n");
    std::fs::rename(&one, dir.path().join("former")).unwrap();
    shared(&one, "two");
    // Of the first that is asked for it shows whether the parked one was used.
    assert_eq!(output(&world, &spec), "twoshared\n");
    assert_eq!(run_until_parked(&world, &spec, true), "twoshared\n");
    spec.shared.clear();
    assert_eq!(output(&world, &spec), "");
    assert_eq!(run_until_parked(&world, &spec, false), "");
    spec.shared = vec![sandbox::Bind { source: one, target: "/opt/shared".into() }];
    assert_eq!(output(&world, &spec), "twoshared\n");
}

#[test]
fn a_launcher_that_ended_is_reaped_and_started_again_before_anybody_needs_it() {
    let Some(world) = world(1) else { return };
    let jail = world.launcher.launch(&script("sleep 100")).unwrap();
    let (pid, socket) = (launcher_of(&jail), world.launcher.socket());
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    wait_readable(&*socket);
    world.launcher.renew(&socket).unwrap();
    assert_eq!(of_process(pid.as_raw_nonzero().get(), "stat"), "", "it is left as a zombie");
    let next = world.launcher.socket();
    // Who comes late starts no third.
    world.launcher.renew(&socket).unwrap();
    assert!(std::sync::Arc::ptr_eq(&next, &world.launcher.socket()));
    let spec = script("exit 4");
    let Some(starting) = world.launcher.try_begin(&spec).unwrap() else { panic!("it would have to wait") };
    wait_readable(&starting);
    let jail = starting.jail().unwrap().unwrap();
    assert_eq!(next_event(&jail), Some(Event::Executed));
    assert_eq!(next_event(&jail), Some(Event::Exited { code: Some(4), signal: None }));
}
