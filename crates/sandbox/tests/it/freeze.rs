//! Frozen, paged out, and awake again.

use crate::world::*;
use rustix::process::{Signal, kill_process};
use sandbox::{Event, Jail, Launcher, Listen, probe};
use std::sync::atomic::AtomicBool;

/// An instance that uses the processor all the time, once it does.
fn busy(world: &World) -> Jail {
    let jail = world.launcher.launch(&script("echo begun; while :; do :; done")).unwrap();
    wait_readable(&jail.stdout);
    jail
}

fn freeze(jail: &Jail) {
    jail.freeze().unwrap();
    wait_until("it is frozen", || jail.is_frozen());
}

/// Processor time of an instance that runs, and the time it takes another to use so much is enough to see that one does not.
const A_WHILE_US: u64 = 50_000;

#[test]
fn a_frozen_instance_uses_no_processor_time_and_goes_on_when_it_is_thawed() {
    let Some(world) = world(2) else { return };
    let (frozen, clock) = (busy(&world), busy(&world));
    assert!(!frozen.is_frozen());
    freeze(&frozen);
    let (before, start) = (frozen.usage().cpu_us, clock.usage().cpu_us);
    wait_until("the other one runs", || clock.usage().cpu_us > start + A_WHILE_US);
    assert_eq!(frozen.usage().cpu_us, before, "it ran while it was frozen");
    frozen.thaw().unwrap();
    wait_until("it runs again", || frozen.usage().cpu_us > before + A_WHILE_US);
    assert!(!frozen.is_frozen());
}

#[test]
fn what_is_sent_to_a_frozen_server_is_answered_when_it_is_thawed() {
    let Some(world) = world(1) else { return };
    let spec = program(&["/usr/bin/python3", "-I", "-m", "http.server", "8000", "--bind", "127.0.0.1"]);
    let jail = world.launcher.launch(&spec).unwrap();
    assert_eq!(next_listen(&jail), Listen::Ready);
    freeze(&jail);
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| get(&jail, "/etc/passwd"));
        assert!(jail.is_frozen());
        jail.thaw().unwrap();
        assert!(asking.join().unwrap().starts_with("HTTP/1.0 200"));
    });
}

#[test]
fn a_thawed_instance_gets_its_signal() {
    let Some(world) = world(1) else { return };
    let jail = world.launcher.launch(&script("trap 'exit 7' TERM; echo begun; while :; do :; done")).unwrap();
    wait_readable(&jail.stdout);
    freeze(&jail);
    jail.thaw().unwrap();
    jail.terminate().unwrap();
    assert_eq!(next_event(&jail), Some(Event::Exited { code: Some(7), signal: None }));
}

#[test]
fn killing_a_frozen_instance_leaves_nothing() {
    let Some(world) = world(0) else { return };
    let jail = busy(&world);
    freeze(&jail);
    jail.kill().unwrap();
    wait_readable(&jail.pidfd);
    let dropped = busy(&world);
    freeze(&dropped);
    let pidfd = dropped.pidfd.try_clone().unwrap();
    drop((jail, dropped));
    wait_readable(&pidfd);
    wait_until("their cgroups are gone", || cgroups(&world).is_empty());
}

#[test]
fn no_frozen_instance_outlives_its_launcher() {
    let Some(world) = world(1) else { return };
    let jail = busy(&world);
    freeze(&jail);
    kill_process(launcher_of(&jail), Signal::KILL).unwrap();
    // It is gone already, or, where version 1 froze it, when it would run again: then this succeeds.
    let _ = jail.thaw();
    assert_eq!(next_event(&jail), None);
    wait_readable(&jail.pidfd);
    // The next launcher clears up.
    assert_eq!(run(&world, &script("exit 4")).event, Some(Event::Exited { code: Some(4), signal: None }));
}

#[test]
fn no_frozen_instance_outlives_the_daemon() {
    let Some(world) = world(1) else { return };
    let jail = busy(&world);
    freeze(&jail);
    let pidfd = jail.pidfd.try_clone().unwrap();
    std::mem::forget(jail);
    drop(world);
    wait_readable(&pidfd);
}

#[test]
fn a_new_launcher_removes_what_was_left_frozen() {
    let Some(mut world) = world(1) else { return };
    let jail = busy(&world);
    freeze(&jail);
    let pidfd = jail.pidfd.try_clone().unwrap();
    // Neither the daemon nor its launcher gets to clear up.
    kill_process(launcher_of(&jail), Signal::KILL).unwrap();
    std::mem::forget(jail);
    world.config.blanks = 0;
    let second = Launcher::start(&world.config).unwrap();
    wait_readable(&pidfd);
    assert!(cgroups(&world).is_empty(), "{:?}", cgroups(&world));
    drop(second);
}

/// An instance with 40 MB that it has written to, in sight of which it does nothing.
fn heavy(world: &World) -> Jail {
    let text = "import os\n\
                memory = bytearray(os.urandom(1 << 20)) * 40\n\
                print('begun', flush=True)\n\
                import sys, time\n\
                while True:\n\
                \x20   time.sleep(0.01)\n\
                \x20   if os.path.exists('/tmp/tell'): print(sum(memory[::4096]) > 0, flush=True); os.remove('/tmp/tell')\n";
    let jail = world.launcher.launch(&python(text)).unwrap();
    wait_readable(&jail.stdout);
    drain(&jail.stdout);
    jail
}

#[test]
fn the_memory_of_a_frozen_instance_goes_to_swap_and_comes_back() {
    let Some(world) = world(1) else { return };
    if let Some((why, _)) = probe::cannot_page_out() {
        eprintln!("SKIPPED: paging out cannot be tested on this host: {why}");
        return;
    }
    let jail = heavy(&world);
    freeze(&jail);
    let before = jail.usage().memory_bytes;
    let moved = jail.page_out(&AtomicBool::new(false)).unwrap();
    let after = jail.usage().memory_bytes;
    assert!(moved > 30 << 20 && after < before - (30 << 20), "{moved} bytes moved, from {before} to {after}");
    jail.thaw().unwrap();
    std::fs::write(format!("/proc/{}/root/tmp/tell", jail.pid), "").unwrap();
    wait_readable(&jail.stdout);
    assert_eq!(drain(&jail.stdout), "True\n");
    assert!(jail.usage().memory_bytes > before - (10 << 20), "it did not need its memory: the test tests nothing");
}

#[test]
fn paging_out_stops_when_it_is_told_to() {
    let Some(world) = world(1) else { return };
    let jail = heavy(&world);
    freeze(&jail);
    let before = jail.usage().memory_bytes;
    jail.page_out(&AtomicBool::new(true)).unwrap();
    assert!(jail.usage().memory_bytes >= before - (1 << 20));
}
