//! What every test starts from: a launcher of its own, and a specification to change.

use crate::netlink::{Routes, link_up};
use rustix::event::{PollFd, PollFlags, Timespec};
use sandbox::{Bind, Config, Egress, Event, Jail, Launcher, Limits, Listen, Spec};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A launcher with its folder; both go at the end of the test.
pub(crate) struct World {
    pub(crate) launcher: Launcher,
    pub(crate) config: Config,
    pub(crate) dir: TempDir,
}

/// `None`, said aloud, where these tests cannot run.
pub(crate) fn world(blanks: usize) -> Option<World> {
    if !rustix::process::geteuid().is_root() {
        eprintln!("SKIPPED: the sandbox's tests need root");
        return None;
    }
    enter_new_network();
    Some(world_here(blanks))
}

/// A launcher in the network the calling thread is in.
pub(crate) fn world_here(blanks: usize) -> World {
    world_of(blanks, 0)
}

/// The same, with instances that read from disks at this rate.
pub(crate) fn world_of(blanks: usize, read_rate: u64) -> World {
    let dir = TempDir::new().unwrap();
    let config = Config { read_rate, ..config(&dir, blanks) };
    let launcher = Launcher::start(&config).unwrap();
    World { launcher, config, dir }
}

/// Moves the calling thread to a network namespace of its own, with a loopback.
pub(crate) fn enter_new_network() {
    // SAFETY: shares no descriptor table.
    unsafe { rustix::thread::unshare_unsafe(rustix::thread::UnshareFlags::NEWNET) }.unwrap();
    Routes::open().unwrap().run(link_up(1)).unwrap();
}

pub(crate) fn config(dir: &TempDir, blanks: usize) -> Config {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    Config {
        run_dir: dir.path().join("run"),
        cgroup: format!("funcd-test-{}-{number}", std::process::id()),
        blanks,
        read_rate: 0,
        helper: vec![env!("CARGO_BIN_EXE_sandbox-launcher").to_owned()],
    }
}

/// A shell script in an instance with small limits.
pub(crate) fn script(text: &str) -> Spec {
    program(&["/bin/bash", "-c", text])
}

/// A spec with a folder of the host as its code.
pub(crate) fn with_code(mut spec: Spec, folder: &Path) -> Spec {
    open_up(folder, 0o755);
    spec.binds.push(Bind { source: folder.into(), target: "/opt/function/code".into() });
    spec
}

/// A Python program.
pub(crate) fn python(text: &str) -> Spec {
    program(&["/usr/bin/python3", "-I", "-S", "-c", text])
}

pub(crate) fn program(argv: &[&str]) -> Spec {
    Spec {
        name: "i-test".to_owned(),
        hostname: "function".to_owned(),
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        env: vec![("PATH".to_owned(), "/usr/bin:/bin".to_owned())].into(),
        cwd: "/".into(),
        binds: Vec::new(),
        shared: Vec::new(),
        limits: Limits {
            memory_bytes: 128 << 20,
            cpu_millicores: 1000,
            pids: 64,
            open_files: 256,
            tmp_bytes: 8 << 20,
            tmp_inodes: 256,
        },
        egress: Egress::None,
    }
}

/// What a finished instance said.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) event: Option<Event>,
}

const PATIENCE: Timespec = Timespec { tv_sec: 60, tv_nsec: 0 };

/// Waits until a descriptor is readable; fails the test after a minute.
pub(crate) fn wait_readable(fd: impl AsFd) {
    let mut fds = [PollFd::new(&fd, PollFlags::IN)];
    assert_ne!(rustix::event::poll(&mut fds, Some(&PATIENCE)).unwrap(), 0, "nothing happened for a minute");
}

/// Runs to the end, answering calls of `listen`.
pub(crate) fn finish(jail: &Jail) -> Outcome {
    let event = loop {
        match jail.next_event() {
            Ok(event) => break Some(event),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => break None,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}"),
        }
        let sources = [Some(&jail.events), jail.listens.as_ref()];
        let mut fds: Vec<_> = sources.into_iter().flatten().map(|fd| PollFd::new(fd, PollFlags::IN)).collect();
        assert_ne!(rustix::event::poll(&mut fds, Some(&PATIENCE)).unwrap(), 0, "nothing happened for a minute");
        // Ends with the last process that could call.
        let _ = jail.next_listen();
    };
    wait_readable(&jail.pidfd);
    Outcome { stdout: drain(&jail.stdout), stderr: drain(&jail.stderr), event }
}

pub(crate) fn run(world: &World, spec: &Spec) -> Outcome {
    finish(&world.launcher.launch(spec).unwrap())
}

/// The output of a script that must succeed.
pub(crate) fn output(world: &World, spec: &Spec) -> String {
    let outcome = run(world, spec);
    assert_eq!(outcome.event, Some(Event::Exited { code: Some(0), signal: None }), "{outcome:?}");
    outcome.stdout
}

pub(crate) fn next_event(jail: &Jail) -> Option<Event> {
    loop {
        match jail.next_event() {
            Ok(event) => return Some(event),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return None,
            Err(error) if error.kind() == ErrorKind::WouldBlock => wait_readable(&jail.events),
            Err(error) => panic!("{error}"),
        }
    }
}

pub(crate) fn next_listen(jail: &Jail) -> Listen {
    loop {
        wait_readable(jail.listens.as_ref().expect("this kernel has no listen notifications"));
        match jail.next_listen() {
            Ok(listen) => return listen,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(error) => panic!("{error}"),
        }
    }
}

/// What is in a pipe by now.
pub(crate) fn drain(fd: &OwnedFd) -> String {
    let mut bytes = Vec::new();
    let mut file = File::from(fd.try_clone().unwrap());
    match file.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::WouldBlock => panic!("{error}"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// One HTTP exchange with 127.0.0.1:8000 of the instance.
pub(crate) fn get(jail: &Jail, path: &str) -> String {
    let socket = jail.socket().unwrap();
    let address = std::net::SocketAddr::from(([127, 0, 0, 1], 8000));
    match rustix::net::connect(&socket, &address) {
        Ok(()) | Err(rustix::io::Errno::INPROGRESS) => {}
        Err(error) => panic!("{error}"),
    }
    let mut stream = TcpStream::from(socket);
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

/// Waits for a condition that the kernel or the launcher brings about.
pub(crate) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        let none: &mut [PollFd<'_>] = &mut [];
        rustix::event::poll(none, Some(&Timespec { tv_sec: 0, tv_nsec: 1_000_000 })).unwrap();
    }
}

/// Folders of this launcher's instances in all hierarchies.
pub(crate) fn cgroups(world: &World) -> Vec<PathBuf> {
    let roots = std::fs::read_dir("/sys/fs/cgroup").unwrap().map(|entry| entry.unwrap().path());
    let mut all = Vec::new();
    for root in roots.chain(["/sys/fs/cgroup".into()]) {
        let Ok(entries) = std::fs::read_dir(root.join(&world.config.cgroup)) else { continue };
        all.extend(entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()));
    }
    all
}

/// Whether it is the folder of the slot with this name.
pub(crate) fn is_of(dir: &Path, slot: &str) -> bool {
    dir.ends_with(slot)
}

pub(crate) fn open_up(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn children_of_this_process() -> Vec<i32> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let lists = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("children")).ok());
    lists.flat_map(|list| list.split_whitespace().map(|pid| pid.parse().unwrap()).collect::<Vec<_>>()).collect()
}

/// The launcher process of a world: the parent of an instance's init.
pub(crate) fn launcher_of(jail: &Jail) -> rustix::process::Pid {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", jail.pid)).unwrap();
    let parent = stat.rsplit(')').next().unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(children_of_this_process().contains(&parent));
    rustix::process::Pid::from_raw(parent).unwrap()
}
