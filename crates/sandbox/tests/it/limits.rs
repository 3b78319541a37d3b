//! What an instance may use up, and what becomes of it when it wants more.

use crate::world::*;
use sandbox::Event;

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
