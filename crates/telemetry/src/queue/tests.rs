use jiff::Timestamp;

use super::*;
use crate::line::Stream;

fn line(text: &str) -> Message {
    Message::Line(Arc::new(Line {
        at: Timestamp::UNIX_EPOCH,
        function: "urn".into(),
        version: "latest".into(),
        instance: "i".into(),
        stream: Stream::Stdout,
        request_id: None,
        tags: None,
        text: text.into(),
    }))
}

/// How many of so many lines of this length there is room for.
#[track_caller]
fn check(length: usize, lines: usize, expect: usize) -> Queue {
    let queue = Queue::default();
    let text = "x".repeat(length);
    assert_eq!((0..lines).filter(|_| queue.offer(line(&text))).count(), expect);
    queue
}

#[test]
fn entries_and_their_bytes_are_bounded_until_they_are_written() {
    check(0, 20_000, ENTRIES);
    let each = line(&"x".repeat(1 << 20)).weight().unwrap();
    let queue = check(1 << 20, 100, BYTES.div_ceil(each));
    let batch = queue.take(Vec::new(), PACE);
    assert!(!queue.offer(line("")), "the writer has them in its hands");
    queue.done(batch.messages.len(), batch.messages.iter().filter_map(Message::weight).sum());
    assert!(queue.offer(line("")));
}

#[test]
fn a_full_queue_takes_controls() {
    let queue = Arc::new(check(0, 20_000, ENTRIES));
    let waits = Arc::clone(&queue);
    let flush = std::thread::spawn(move || waits.flush());
    let done = loop {
        let batch = queue.take(Vec::new(), PACE);
        if let Some(Message::Flush(done)) = batch.messages.into_iter().next_back() {
            break done;
        }
    };
    assert!(!flush.is_finished());
    done.send(()).unwrap();
    flush.join().unwrap();
}

#[test]
fn an_entry_wakes_a_writer_that_sleeps_and_no_other() {
    let queue = Queue::default();
    queue.inner.lock().reader = Reader::Asleep;
    queue.offer(line("one"));
    assert_eq!(queue.inner.lock().reader, Reader::Up, "woken");
    // It will look by itself: who puts more in tells nobody, and all of it is one batch.
    queue.offer(line("two"));
    let batch = queue.take(Vec::new(), Duration::from_secs(60));
    assert_eq!((batch.messages.len(), batch.last), (2, false));
    queue.close();
    assert!(queue.take(batch.messages, Duration::from_secs(60)).last);
}

#[test]
fn nobody_waits_for_a_writer_that_is_gone() {
    let queue = Arc::new(Queue::default());
    let waits = Arc::clone(&queue);
    let flush = std::thread::spawn(move || waits.flush());
    while queue.inner.lock().controls == 0 {
        std::thread::yield_now();
    }
    queue.abandon();
    flush.join().unwrap();
    queue.flush();
    queue.forget("urn");
    assert!(!queue.offer(line("")));
}
