//! What an instance may use up, and what becomes of it when it wants more.

use crate::world::*;
use sandbox::Event;
use std::path::Path;

#[test]
fn memory_beyond_the_limit_ends_the_whole_instance_and_is_counted() {
    let Some(world) = world(0) else { return };
    let mut spec = script(
        "sleep 100 & python3 -I -S -c 'b = bytearray(200 << 20); print(len(b))'; sleep 2; echo survived; sleep 100",
    );
    spec.limits.memory_bytes = 64 << 20;
    let jail = world.launcher.launch(&spec).unwrap();
    let outcome = finish(&jail);
    assert!(!outcome.stdout.contains("survived"), "{outcome:?}");
    assert!(
        matches!(outcome.event, None | Some(Event::Exited { code: None, signal: Some(libc::SIGKILL) })),
        "{outcome:?}"
    );
    let usage = jail.usage();
    assert!(usage.oom_kills > 0, "{usage:?}");
    wait_until("no process is counted", || jail.usage().processes == 0);
    assert!(usage.memory_peak_bytes > 60 << 20, "{usage:?}");
}

#[test]
fn an_instance_that_ends_by_itself_has_no_oom_kill() {
    let Some(world) = world(0) else { return };
    let jail = world.launcher.launch(&script("exit 0")).unwrap();
    finish(&jail);
    assert_eq!(jail.usage().oom_kills, 0);
}

#[test]
fn a_kill_is_no_lack_of_memory() {
    let Some(world) = world(0) else { return };
    let jail = world.launcher.launch(&script("kill -KILL $$")).unwrap();
    assert_eq!(finish(&jail).event, Some(Event::Exited { code: None, signal: Some(libc::SIGKILL) }));
    assert_eq!(jail.usage().oom_kills, 0);
    let jail = world.launcher.launch(&script("sleep 100")).unwrap();
    jail.kill().unwrap();
    wait_readable(&jail.pidfd);
    assert_eq!(jail.usage().oom_kills, 0);
}

#[test]
fn files_in_tmp_count_as_memory() {
    let Some(world) = world(0) else { return };
    let mut spec = script("head -c 100000000 /dev/zero > /tmp/big; sleep 2; echo survived");
    spec.limits.memory_bytes = 64 << 20;
    spec.limits.tmp_bytes = 512 << 20;
    let jail = world.launcher.launch(&spec).unwrap();
    assert!(!finish(&jail).stdout.contains("survived"));
    assert!(jail.usage().oom_kills > 0);
}

#[test]
fn tmp_has_a_size_and_a_number_of_files() {
    let Some(world) = world(0) else { return };
    let spec = script(
        "head -c 20000000 /dev/zero > /tmp/big; stat -c %s /tmp/big; rm /tmp/big; i=0; while : 2>/dev/null > /tmp/f$i; do i=$((i+1)); done; echo $i",
    );
    let outcome = run(&world, &spec);
    let numbers: Vec<u64> = outcome.stdout.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(numbers[0], 8 << 20);
    assert!((200..256).contains(&numbers[1]), "{numbers:?}");
}

#[test]
fn a_fork_bomb_stops_at_the_limit() {
    let Some(world) = world(0) else { return };
    let text = "import os, time\nn = 0\ntry:\n  while True:\n    if os.fork() == 0: time.sleep(100)\n    n += 1\nexcept OSError as e:\n  print(n, e.errno)\n";
    let outcome = run(&world, &python(text));
    assert_eq!(outcome.stdout, format!("63 {}\n", libc::EAGAIN));
}

#[test]
fn open_files_stop_at_the_limit() {
    let Some(world) = world(0) else { return };
    let text =
        "n = []\ntry:\n  while True: n.append(open('/dev/null'))\nexcept OSError as e:\n  print(len(n) + 3, e.errno)\n";
    assert_eq!(run(&world, &python(text)).stdout, format!("256 {}\n", libc::EMFILE));
}

#[test]
fn more_open_files_than_the_daemon_may_have_is_an_error_that_says_so() {
    let Some(world) = world(0) else { return };
    let mut spec = script("true");
    spec.limits.open_files = 1 << 20;
    let hard = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum.unwrap_or(u64::MAX);
    match world.launcher.launch(&spec) {
        Ok(_) => assert!(hard >= 1 << 20),
        Err(error) => assert!(error.to_string().contains("open_files"), "{error}"),
    }
}

#[test]
fn processor_time_is_limited_and_counted() {
    let Some(world) = world(0) else { return };
    let mut spec = python("import time\nend = time.monotonic() + 0.6\nwhile time.monotonic() < end: pass\n");
    spec.limits.cpu_millicores = 200;
    let jail = world.launcher.launch(&spec).unwrap();
    finish(&jail);
    let used = jail.usage().cpu_us;
    assert!((1..300_000).contains(&used), "{used} us in 600 ms at a fifth of a processor");
}

#[test]
fn memory_shown_inside_is_the_limit() {
    let Some(world) = world(0) else { return };
    let text = output(
        &world,
        &script(
            "grep MemTotal /proc/meminfo; cat /sys/fs/cgroup/memory/memory.limit_in_bytes 2>/dev/null || cat /sys/fs/cgroup/memory.max",
        ),
    );
    assert_eq!(text, "MemTotal:         131072 kB\n134217728\n");
}

/// A program that fills memory of one kind by 200 MB in an instance of 64 MB.
fn check_out_of_memory(kind: &str, text: &str) {
    let Some(world) = world(0) else { return };
    let mut spec = python(&format!(
        "import os\nif os.fork() == 0:\n  import time; time.sleep(100)\n{text}\nprint('survived', flush=True)\nimport time; time.sleep(5)\n"
    ));
    spec.limits.memory_bytes = 64 << 20;
    spec.limits.tmp_bytes = 512 << 20;
    spec.limits.open_files = 2048;
    let jail = world.launcher.launch(&spec).unwrap();
    let outcome = finish(&jail);
    assert!(!outcome.stdout.contains("survived"), "{kind}: {outcome:?}, {:?}", jail.usage());
    let usage = jail.usage();
    assert!(usage.oom_kills > 0, "{kind}: {outcome:?}, {usage:?}");
    wait_until("no process is counted", || jail.usage().processes == 0);
}

#[test]
fn memory_of_every_kind_ends_the_whole_instance() {
    check_out_of_memory("private memory", "b = bytearray(200 << 20)");
    check_out_of_memory(
        "a shared mapping",
        "import mmap\nm = mmap.mmap(-1, 200 << 20)\nfor at in range(0, 200 << 20, 4096): m[at] = 1",
    );
    check_out_of_memory(
        "files in /tmp",
        "open('/tmp/big', 'wb').write(bytes(40 << 20)); open('/tmp/more', 'wb').write(bytes(40 << 20))",
    );
    check_out_of_memory(
        "files in memory",
        "fd = os.memfd_create('x')\nfor _ in range(200): os.write(fd, bytes(1 << 20))",
    );
    check_out_of_memory(
        "files in /dev/shm",
        "f = open('/dev/shm/x', 'wb')\nfor _ in range(63): f.write(bytes(1 << 20))\nb = bytearray(30 << 20)",
    );
    check_out_of_memory(
        "System V shared memory",
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.shmat.restype = ctypes.c_void_p\n\
         at = libc.shmat(libc.shmget(0, 200 << 20, 0o1600), None, 0)\nctypes.memset(at, 1, 200 << 20)",
    );
}

#[test]
fn buffers_of_sockets_and_pipes_end_the_whole_instance() {
    check_out_of_memory(
        "unix sockets",
        "import socket\nkeep = []\nfor _ in range(900):\n  a, b = socket.socketpair()\n  a.setblocking(False)\n  keep.append((a, b))\n  \
         try:\n    while True: a.send(bytes(65536))\n  except BlockingIOError: pass",
    );
    check_out_of_memory(
        "pipes",
        "keep = []\nfor _ in range(900):\n  r, w = os.pipe()\n  os.set_blocking(w, False)\n  keep.append(r)\n  \
         try:\n    import fcntl; fcntl.fcntl(w, 1031, 1 << 20)\n  except OSError: pass\n  \
         try:\n    while True: os.write(w, bytes(65536))\n  except BlockingIOError: pass",
    );
}

/// A program that leaves as much as it can in the buffers of internet sockets, in an instance of 64 MB. What it tells is
/// how much that was: where it is counted apart from memory (version 1) nothing is killed, but there is an end to it.
fn check_socket_memory(kind: &str, text: &str) {
    let Some(world) = world(0) else { return };
    let text = format!("import socket\nsent = 0\nkeep = []\n{text}\nprint(sent >> 20)\n");
    let mut spec = python(&text);
    spec.limits.memory_bytes = 64 << 20;
    spec.limits.open_files = 2048;
    let jail = world.launcher.launch(&spec).unwrap();
    let outcome = finish(&jail);
    if jail.usage().oom_kills == 0 {
        let megabytes: u64 = outcome.stdout.trim().parse().unwrap_or_else(|_| panic!("{kind}: {outcome:?}"));
        println!("{kind}: {megabytes} MB");
        // The kernel lets each socket have one buffer (64 KB here) whatever the limit, so that none starves.
        assert!((1..=16 + 2000 / 16).contains(&megabytes), "{kind}: {megabytes} MB in sockets, {:?}", jail.usage());
    }
}

#[test]
fn buffers_of_internet_sockets_stay_within_the_limit() {
    check_socket_memory(
        "TCP",
        "l = socket.create_server(('127.0.0.1', 0), backlog=900)\nfor _ in range(900):\n  \
         a = socket.create_connection(l.getsockname())\n  keep.append((a, l.accept()[0]))\n  a.setblocking(False)\n  \
         try:\n    for _ in range(400): sent += a.send(bytes(60000))\n  except OSError: pass",
    );
    // What does not fit is dropped without a word: what is there is what can be received.
    check_socket_memory(
        "UDP",
        "for _ in range(1900):\n  a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n  a.bind(('127.0.0.1', 0))\n  \
         a.connect(a.getsockname())\n  keep.append(a)\n  a.setblocking(False)\n  \
         a.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)\n  \
         for _ in range(100): a.send(bytes(60000))\n\
         for a in keep:\n  try:\n    while True: sent += len(a.recv(65536))\n  except BlockingIOError: pass",
    );
}

#[test]
fn the_buffers_of_a_socket_are_bounded() {
    let Some(world) = world(0) else { return };
    let text = "cat /proc/sys/net/ipv4/tcp_wmem /proc/sys/net/ipv4/tcp_rmem | tr '\\t' ' '";
    assert_eq!(output(&world, &script(text)), "4096 16384 262144\n4096 131072 262144\n");
}

/// Reads the file past the page cache, again and again for two seconds, as a `dd` in a loop would: bytes and milliseconds.
const READER: &str = "import mmap, os, time\n\
    fd = os.open('/opt/function/code/big', os.O_RDONLY | os.O_DIRECT)\n\
    block = mmap.mmap(-1, 1 << 16)\n\
    begin = time.monotonic()\n\
    got = at = 0\n\
    while time.monotonic() < begin + 2:\n  \
      n = os.preadv(fd, [block], at)\n  \
      got, at = got + n, at + n if n else 0\n\
    print(got, int((time.monotonic() - begin) * 1000))\n";

#[test]
fn each_instance_reads_from_disks_at_no_more_than_its_rate() {
    const RATE: u64 = 4 << 20;
    let Some(world) = world(0) else { return };
    let code = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let device = rustix::fs::stat(code.path()).unwrap().st_dev;
    let number = format!("{}:{}", rustix::fs::major(device), rustix::fs::minor(device));
    let disks = sandbox::probe::run().into_iter().find(|finding| finding.name == "reading disks").unwrap();
    if disks.verdict != sandbox::probe::Verdict::Ok || !Path::new("/sys/dev/block").join(&number).try_exists().unwrap()
    {
        eprintln!("SKIPPED: {}, and {number} has the folder of tests", disks.found);
        return;
    }
    drop(world);
    let world = world_of(0, RATE);
    let mut file = std::fs::File::create(code.path().join("big")).unwrap();
    std::io::Write::write_all(&mut file, &vec![1; 64 << 20]).unwrap();
    file.sync_all().unwrap();
    // Two at once: the rate is of each.
    let jails = [(); 2].map(|()| world.launcher.launch(&with_code(python(READER), code.path())).unwrap());
    for jail in &jails {
        let outcome = finish(jail);
        let numbers: Vec<u64> = outcome.stdout.split_whitespace().map(|word| word.parse().unwrap()).collect();
        let [bytes, millis] = numbers[..] else { panic!("{outcome:?}") };
        println!("{bytes} bytes in {millis} ms");
        // Twice the rate and a burst at the start: without the limit it is what the disk can.
        assert!((1..RATE * millis / 500 + (1 << 20)).contains(&bytes), "{bytes} bytes in {millis} ms");
    }
}
