use super::*;

fn check(mountinfo: &str, unified: Option<&str>, controllers: &[(&str, &str)]) {
    let mounts = Mounts::parse(mountinfo);
    assert_eq!(mounts.unified, unified.map(PathBuf::from));
    let expect: Vec<_> = controllers.iter().map(|(name, dir)| (name.to_string(), PathBuf::from(dir))).collect();
    assert_eq!(mounts.controllers, expect);
}

#[test]
fn a_unified_host_has_one_hierarchy() {
    check(
        "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n",
        Some("/sys/fs/cgroup"),
        &[],
    );
}

#[test]
fn controllers_mounted_together_share_a_folder() {
    check(
        "31 23 0:27 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n\
         32 23 0:28 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n\
         33 23 0:29 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n",
        Some("/sys/fs/cgroup/unified"),
        &[
            ("cpu", "/sys/fs/cgroup/cpu,cpuacct"),
            ("cpuacct", "/sys/fs/cgroup/cpu,cpuacct"),
            ("freezer", "/sys/fs/cgroup/freezer"),
        ],
    );
}

#[test]
fn lines_of_another_shape_are_passed_over() {
    check("garbage\n1 2 3 - cgroup\n\n", None, &[]);
}

/// A tree as on a host without a version 2 hierarchy, and a process in one group of it; `None`, said aloud, where there can
/// be none.
fn legacy() -> Option<(Tree, Group, std::process::Child)> {
    let mounts = Mounts::read().unwrap();
    if !rustix::process::geteuid().is_root() || !mounts.lacking().is_empty() || mounts.controller(v1::FREEZER).is_none()
    {
        eprintln!("SKIPPED: this needs root and version 1 hierarchies with a freezer");
        return None;
    }
    static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
    let number = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let name = format!("funcd-legacy-{}-{number}", std::process::id());
    let tree = Tree::V1(v1::Tree::open(&Mounts { unified: None, ..mounts }, &name).unwrap());
    let group = tree.create(0).unwrap();
    let child = std::process::Command::new("sleep").arg("1000").spawn().unwrap();
    let Group::V1(folders) = &group else { unreachable!() };
    for dir in folders.dirs() {
        write(&dir, "cgroup.procs", &child.id().to_string()).unwrap();
    }
    Some((tree, group, child))
}

fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if holds() {
            return;
        }
        pause_ms(1);
    }
    panic!("{what}: not within a minute");
}

#[test]
fn a_process_that_version_1_froze_dies_when_it_is_let_die() {
    let Some((tree, group, mut child)) = legacy() else { return };
    group.freeze().unwrap();
    wait_until("it is frozen", || group.is_frozen());
    assert_eq!(group.processes().unwrap().len(), 1);
    child.kill().unwrap();
    assert_eq!(child.try_wait().unwrap(), None, "version 1 has changed: a frozen process died");
    group.let_die();
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&child.wait().unwrap()), Some(libc::SIGKILL));
    wait_until("the folders are gone", || group.remove().unwrap());
    tree.remove();
}

#[test]
fn what_version_1_left_frozen_is_cleared_up() {
    let Some((tree, group, mut child)) = legacy() else { return };
    group.freeze().unwrap();
    wait_until("it is frozen", || group.is_frozen());
    // Reaped at once: a zombie stays in its group.
    let waiting = std::thread::spawn(move || child.wait().unwrap());
    tree.reap().unwrap();
    assert!(!waiting.join().unwrap().success());
    let Group::V1(folders) = &group else { unreachable!() };
    assert!(folders.dirs().iter().all(|dir| !dir.try_exists().unwrap()));
    tree.remove();
}

#[test]
fn a_thawed_process_of_version_1_runs_again() {
    let Some((tree, group, mut child)) = legacy() else { return };
    group.freeze().unwrap();
    wait_until("it is frozen", || group.is_frozen());
    group.thaw().unwrap();
    // Nobody lets it die but itself.
    child.kill().unwrap();
    child.wait().unwrap();
    wait_until("the folders are gone", || group.remove().unwrap());
    tree.remove();
}
