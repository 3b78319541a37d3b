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
        &[("cpu", "/sys/fs/cgroup/cpu,cpuacct"), ("cpuacct", "/sys/fs/cgroup/cpu,cpuacct")],
    );
}

#[test]
fn lines_of_another_shape_are_passed_over() {
    check("garbage\n1 2 3 - cgroup\n\n", None, &[]);
}
