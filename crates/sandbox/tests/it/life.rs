//! From launch to the end.

use crate::world::*;
use sandbox::{Bind, Error, Event, Listen};
use std::io::ErrorKind;
use std::time::Instant;

/// A server that binds somewhere and listens, from its main thread or another.
fn server(bind: &str, thread: bool) -> sandbox::Spec {
    let text = format!(
        "import socket, threading, time\n\
         def serve():\n\
         \x20   s = socket.socket(socket.AF_INET6 if ':' in {bind:?}.rsplit(':', 1)[0] else socket.AF_INET)\n\
         \x20   host, port = {bind:?}.rsplit(':', 1)\n\
         \x20   s.bind((host, int(port)))\n\
         \x20   s.listen(7)\n\
         \x20   print('listening', flush=True)\n\
         \x20   time.sleep(100)\n\
         {}\n",
        if thread { "threading.Thread(target=serve).start()" } else { "serve()" }
    );
    python(&text)
}

fn check_listen(bind: &str, thread: bool, expect: Listen) {
    let Some(world) = world(0) else { return };
    let jail = world.launcher.launch(&server(bind, thread)).unwrap();
    assert_eq!(next_listen(&jail), expect, "{bind}");
    wait_readable(&jail.stdout);
    assert_eq!(drain(&jail.stdout), "listening\n", "the call must succeed for its caller");
}

#[test]
fn an_http_server_is_ready_when_it_listens_and_answers_through_a_socket_made_inside() {
    let Some(world) = world(1) else { return };
    let spec = program(&["/usr/bin/python3", "-I", "-m", "http.server", "8000", "--bind", "127.0.0.1"]);
    let jail = world.launcher.launch(&spec).unwrap();
    assert_eq!(next_listen(&jail), Listen::Ready);
    let answer = get(&jail, "/etc/passwd");
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    assert!(answer.contains("snuser:x:1003"), "{answer}");
}

#[test]
fn listening_on_the_loopback_or_everywhere_is_ready() {
    check_listen("127.0.0.1:8000", false, Listen::Ready);
    check_listen("0.0.0.0:8000", false, Listen::Ready);
    check_listen(":::8000", false, Listen::Ready);
}

#[test]
fn a_thread_that_listens_is_ready_too() {
    check_listen("127.0.0.1:8000", true, Listen::Ready);
}

#[test]
fn listening_elsewhere_tells_where() {
    check_listen("127.0.0.1:3000", false, Listen::Elsewhere("127.0.0.1:3000".parse().unwrap()));
    check_listen("::1:8000", false, Listen::Elsewhere("[::1]:8000".parse().unwrap()));
}

#[test]
fn a_unix_socket_and_a_call_that_fails_are_answered_and_change_nothing() {
    let Some(world) = world(0) else { return };
    let jail = world
        .launcher
        .launch(&python(
            "import socket, ctypes\n\
             s = socket.socket(socket.AF_UNIX); s.bind('/tmp/s'); s.listen()\n\
             c = socket.socket(socket.AF_UNIX); c.connect('/tmp/s')\n\
             libc = ctypes.CDLL(None, use_errno=True)\n\
             print(libc.listen(99, 1), ctypes.get_errno())\n\
             print(libc.listen(-5, -5), ctypes.get_errno())\n\
             u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n\
             print(libc.listen(u.fileno(), 1), ctypes.get_errno())\n",
        ))
        .unwrap();
    for _ in 0..4 {
        assert_eq!(next_listen(&jail), Listen::Other);
    }
    assert_eq!(finish(&jail).stdout, format!("-1 {0}\n-1 {0}\n-1 {1}\n", libc::EBADF, libc::EOPNOTSUPP));
}

#[test]
fn a_caller_of_listen_that_dies_leaves_nobody_waiting() {
    let Some(world) = world(0) else { return };
    let jail = world.launcher.launch(&server("127.0.0.1:8000", false)).unwrap();
    wait_readable(jail.listens.as_ref().unwrap());
    jail.terminate().unwrap();
    assert_eq!(next_event(&jail), Some(Event::Exited { code: None, signal: Some(libc::SIGTERM) }));
    wait_readable(&jail.pidfd);
    let kind = jail.next_listen().unwrap_err().kind();
    assert!(matches!(kind, ErrorKind::WouldBlock | ErrorKind::UnexpectedEof), "{kind:?}");
}

#[test]
fn the_exit_status_is_reported_once_and_then_there_is_no_more() {
    let Some(world) = world(0) else { return };
    let jail = world.launcher.launch(&script("echo out; echo err >&2; exit 7")).unwrap();
    let outcome = finish(&jail);
    assert_eq!(outcome.event, Some(Event::Exited { code: Some(7), signal: None }));
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("out\n", "err\n"));
    assert_eq!(next_event(&jail), None);
}

#[test]
fn a_signal_that_ended_it_is_reported() {
    let Some(world) = world(0) else { return };
    assert_eq!(run(&world, &script("kill -SEGV $$")).event, Some(Event::Exited { code: None, signal: Some(11) }));
}

#[test]
fn standard_streams_can_be_opened_by_name() {
    let Some(world) = world(0) else { return };
    let outcome = run(&world, &script("echo a > /dev/stdout; echo b > /dev/stderr; cat /dev/stdin"));
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("a\n", "b\n"));
}

#[test]
fn signals_have_their_defaults_and_none_is_blocked() {
    let Some(world) = world(0) else { return };
    let text = output(&world, &program(&["/bin/cat", "/proc/self/status"]));
    for mask in ["SigBlk", "SigIgn", "SigCgt"] {
        assert!(text.contains(&format!("{mask}:\t0000000000000000\n")), "{text}");
    }
}

#[test]
fn a_program_that_is_not_there_is_an_error_that_names_it() {
    let Some(world) = world(0) else { return };
    let error = world.launcher.launch(&program(&["/bin/nothing"])).unwrap_err();
    assert!(error.to_string().contains("execute /bin/nothing"), "{error}");
}

#[test]
fn a_working_folder_or_bind_that_is_not_there_is_an_error_that_names_it() {
    let Some(world) = world(0) else { return };
    let mut spec = script("true");
    spec.cwd = "/opt/none".into();
    let error = world.launcher.launch(&spec).unwrap_err();
    assert!(error.to_string().contains("/opt/none"), "{error}");
    spec.binds.push(Bind { source: "/nothing-here".into(), target: "/opt/none".into() });
    let error = world.launcher.launch(&spec).unwrap_err();
    assert!(error.to_string().contains("/nothing-here"), "{error}");
}

#[test]
fn a_wrong_specification_is_refused_before_anything_starts() {
    let Some(world) = world(0) else { return };
    let mut spec = script("true");
    spec.name = "No/Good".to_owned();
    spec.limits.cpu_millicores = 1;
    let Err(Error::Spec { problems }) = world.launcher.launch(&spec) else { panic!("it was accepted") };
    assert_eq!(problems.len(), 2, "{problems:?}");
}

#[test]
fn folders_of_the_host_appear_read_only_even_below_closed_ones() {
    let Some(world) = world(0) else { return };
    let dir = tempfile::tempdir().unwrap();
    let code = dir.path().join("code");
    std::fs::create_dir(&code).unwrap();
    std::fs::write(code.join("hello"), "hello").unwrap();
    open_up(&code, 0o755);
    open_up(dir.path(), 0o700);
    let mut spec = script("cat hello; touch hello x; find / -name hello -path '*code*' 2>/dev/null");
    spec.cwd = "/opt/function/code".into();
    spec.binds.push(Bind { source: code, target: "/opt/function/code".into() });
    let outcome = run(&world, &spec);
    assert_eq!(outcome.stdout, "hello/opt/function/code/hello\n");
    assert_eq!(outcome.stderr.matches("cannot touch").count(), 2, "{outcome:?}");
}

#[test]
fn a_symbolic_link_in_the_users_files_is_no_way_to_mount_elsewhere() {
    let Some(world) = world(0) else { return };
    let dir = tempfile::tempdir().unwrap();
    open_up(dir.path(), 0o755);
    std::os::unix::fs::symlink("/usr", dir.path().join("modules")).unwrap();
    let mut spec = script("true");
    let bind = |target: &str| Bind { source: dir.path().into(), target: target.into() };
    spec.binds = vec![bind("/opt/code"), bind("/opt/code/modules")];
    let error = world.launcher.launch(&spec).unwrap_err();
    assert!(error.to_string().contains("/opt/code/modules"), "{error}");
}

#[test]
fn terminate_reaches_the_whole_process_group() {
    let Some(world) = world(0) else { return };
    let text = "trap 'echo parent; exit 3' TERM; (trap 'echo child; exit' TERM; echo up; while :; do sleep 0.01; done) & wait; wait";
    let jail = world.launcher.launch(&script(text)).unwrap();
    wait_readable(&jail.stdout);
    jail.terminate().unwrap();
    let outcome = finish(&jail);
    assert_eq!(outcome.event, Some(Event::Exited { code: Some(3), signal: None }));
    assert!(outcome.stdout.contains("parent"), "{outcome:?}");
}

#[test]
fn orphans_are_reaped_and_the_end_of_the_program_is_the_end_of_all() {
    let Some(world) = world(0) else { return };
    let text = "(setsid sleep 100 &) ; for i in 1 2 3; do (true &) ; done; \
                while grep -qs ') Z ' /proc/[0-9]*/stat; do sleep 0.01; done; exit 0";
    let jail = world.launcher.launch(&script(text)).unwrap();
    assert_eq!(finish(&jail).event, Some(Event::Exited { code: Some(0), signal: None }), "zombies stay");
    wait_until("no process is counted", || jail.usage().processes == 0);
}

/// One that left the session and its parents, one that does not hear of SIGTERM, one that is stopped.
const HARD_TO_KILL: &str = "(setsid sh -c 'sleep 100 & sleep 100' &); sh -c 'trap \"\" TERM; sleep 100' & sleep 100 & kill -STOP $!; \
                            echo up; sleep 100";

#[test]
fn kill_and_drop_leave_nothing() {
    let Some(world) = world(1) else { return };
    let jail = world.launcher.launch(&script(HARD_TO_KILL)).unwrap();
    wait_readable(&jail.stdout);
    let group = cgroups(&world);
    assert!(!group.is_empty());
    jail.kill().unwrap();
    wait_readable(&jail.pidfd);
    wait_until("no process is counted", || jail.usage().processes == 0);
    let pid = jail.pid;
    drop(jail);
    // The blank that was made meanwhile has folders of its own.
    wait_until("the instance's cgroups are removed", || group.iter().all(|dir| !dir.is_dir() || !is_of(dir, "i0")));
    assert!(!std::path::Path::new(&format!("/proc/{pid}")).is_dir(), "init is still there");
}

#[test]
fn a_handle_that_is_dropped_takes_a_running_instance_with_it() {
    let Some(world) = world(0) else { return };
    let jail = world.launcher.launch(&script("sleep 100")).unwrap();
    let pidfd = jail.pidfd.try_clone().unwrap();
    let _held_by_an_event_loop = jail.events.try_clone().unwrap();
    drop(jail);
    wait_readable(&pidfd);
    wait_until("the cgroups are removed", || cgroups(&world).is_empty());
}

#[test]
fn two_instances_share_no_id_no_process_and_no_file() {
    let Some(world) = world(2) else { return };
    let text = "touch /tmp/mine; cat /proc/self/uid_map; ls /tmp; ls -d /proc/[0-9]* | wc -l; sleep 100";
    let jails = [world.launcher.launch(&script(text)).unwrap(), world.launcher.launch(&script(text)).unwrap()];
    let texts = jails.each_ref().map(|jail| {
        let mut text = String::new();
        wait_until("it prints four lines", || {
            text += &drain(&jail.stdout);
            text.lines().count() == 4
        });
        text
    });
    let maps = texts.each_ref().map(|text| text.lines().next().unwrap().to_owned());
    assert_ne!(maps[0], maps[1]);
    for text in texts {
        assert_eq!(text.lines().nth(2), Some("mine"), "{text}");
    }
}

/// Printed, not asserted: what a start costs here.
#[test]
fn start_times() {
    let Some(world) = world(4) else { return };
    let spec = server("127.0.0.1:8000", false);
    let mut exec = Vec::new();
    for _ in 0..20 {
        // Time to make blanks: they are begun after 300 ms of quiet.
        let none: &mut [rustix::event::PollFd<'_>] = &mut [];
        rustix::event::poll(none, Some(&rustix::event::Timespec { tv_sec: 0, tv_nsec: 450_000_000 })).unwrap();
        let start = Instant::now();
        let jail = world.launcher.launch(&program(&["/bin/true"])).unwrap();
        exec.push(start.elapsed());
        finish(&jail);
    }
    exec.sort();
    let start = Instant::now();
    let jail = world.launcher.launch(&spec).unwrap();
    next_listen(&jail);
    println!(
        "exec after {:?} (p50 {:?}, max {:?}); python listens after {:?}",
        exec[0],
        exec[10],
        exec[19],
        start.elapsed()
    );
}

#[test]
fn a_node_server_is_ready_and_answers() {
    let Some(world) = world(0) else { return };
    if !std::path::Path::new("/usr/bin/node").is_file() {
        eprintln!("SKIPPED: no /usr/bin/node");
        return;
    }
    let text = "require('http').createServer((q, r) => r.end(`${os.totalmem()} ${q.url}`)).listen(8000); const os = require('os')";
    let jail = world.launcher.launch(&program(&["/usr/bin/node", "-e", text])).unwrap();
    assert_eq!(next_listen(&jail), Listen::Ready);
    assert!(get(&jail, "/x").ends_with("134217728 /x"), "{}", get(&jail, "/x"));
}

#[test]
fn a_large_environment_arrives_whole_and_one_too_large_for_the_kernel_is_an_error() {
    let Some(world) = world(0) else { return };
    let mut spec = script("echo ${#BIG}");
    spec.env.push(("BIG".to_owned(), "x".repeat(120_000)));
    assert_eq!(output(&world, &spec), "120000\n");
    spec.env.push(("BIG".to_owned(), "x".repeat(200_000)));
    let error = world.launcher.launch(&spec).unwrap_err();
    assert!(error.to_string().contains("execute /bin/bash: Argument list too long"), "{error}");
}
