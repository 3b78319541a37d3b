//! From launch to the end.

use crate::world::*;
use sandbox::{Event, Listen};
use std::time::Instant;

#[test]
fn an_http_server_is_ready_when_it_listens_and_answers_through_a_socket_made_inside() {
    let Some(world) = world(1) else { return };
    let spec = program(&["/usr/bin/python3", "-I", "-m", "http.server", "8000", "--bind", "127.0.0.1"]);
    let start = Instant::now();
    let jail = world.launcher.launch(&spec).unwrap();
    let launched = start.elapsed();
    assert_eq!(next_listen(&jail), Listen::Ready);
    println!("launched in {launched:?}, ready after {:?}", start.elapsed());
    let answer = get(&jail, "/etc/passwd");
    assert!(answer.starts_with("HTTP/1.0 200"), "{answer}");
    assert!(answer.contains("snuser:x:1003"), "{answer}");
}

#[test]
fn the_exit_status_is_reported() {
    let Some(world) = world(0) else { return };
    let outcome = run(&world, &script("echo out; echo err >&2; exit 7"));
    assert_eq!(outcome.event, Some(Event::Exited { code: Some(7), signal: None }));
    assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("out\n", "err\n"));
}
