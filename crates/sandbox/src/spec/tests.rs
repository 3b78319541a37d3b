use super::*;

fn good() -> Spec {
    Spec {
        name: "i-1".into(),
        hostname: "hello".into(),
        argv: vec!["/bin/true".into()],
        env: vec![("A".into(), "b=c".into())].into(),
        cwd: "/".into(),
        binds: vec![Bind { source: "/srv/code".into(), target: "/opt/function/code".into() }],
        shared: Vec::new(),
        limits: Limits {
            memory_bytes: 128 << 20,
            cpu_millicores: 300,
            pids: 100,
            open_files: 1024,
            tmp_bytes: 64 << 20,
            tmp_inodes: 1000,
        },
        egress: Egress::None,
    }
}

fn check(change: impl FnOnce(&mut Spec), expect: &[&str]) {
    let mut spec = good();
    change(&mut spec);
    let problems = match spec.check() {
        Ok(()) => Vec::new(),
        Err(Error::Spec { problems }) => problems,
        Err(other) => panic!("{other}"),
    };
    assert_eq!(problems.len(), expect.len(), "{problems:?}");
    for (problem, word) in problems.iter().zip(expect) {
        assert!(problem.contains(word), "{problem:?} does not name {word:?}");
    }
}

#[test]
fn a_plain_specification_is_accepted() {
    check(|_| (), &[]);
}

#[test]
fn every_problem_is_reported_at_once() {
    check(
        |spec| {
            spec.name = "../x".into();
            spec.argv.clear();
            spec.limits.pids = 0;
        },
        &["name", "argv[0]", "pids 0"],
    );
}

#[test]
fn a_bind_may_not_cover_the_skeleton() {
    for target in
        ["/", "/proc/self", "/dev/shm", "/etc/passwd", "/tmp", "/opt/../etc", "opt", "/opt", "/data", "/usr/x"]
    {
        check(|spec| spec.binds[0].target = target.into(), &["bind target"]);
    }
}

#[test]
fn a_nul_byte_is_refused_wherever_the_kernel_would_cut() {
    check(|spec| spec.argv.push("a\0b".into()), &["argv"]);
    check(|spec| spec.env.push(("K".into(), "v\0".into())), &["environment variable"]);
    check(|spec| spec.cwd = "/a\0b".into(), &["cwd"]);
}

#[test]
fn an_environment_name_with_an_equals_sign_is_refused() {
    check(|spec| spec.env.push(("A=B".into(), "c".into())), &["environment variable"]);
}

#[test]
fn values_of_variables_are_not_printed_and_travel_whole() {
    let mut spec = good();
    spec.env.push(("KEY".into(), "hunter2 \u{1}\"".into()));
    assert!(!format!("{spec:?}").contains("hunter2"));
    assert!(format!("{spec:?}").contains("KEY"));
    let read = Program::read(Program::file(&spec).unwrap()).unwrap();
    assert_eq!(read.env, spec.env);
}
