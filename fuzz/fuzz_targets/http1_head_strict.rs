//! The gateway's strict check of request heads and the reader of bodies, against an independent reading and against httparse.
//!
//! The input is what a client sends. What passes must be exactly what the second opinion takes for a request, byte for byte, and
//! what the second opinion refuses must never pass, in whatever pieces it arrives.
#![no_main]

use ::fuzz::http1::{Framing as Says, request};
use bytes::BytesMut;
use http1::body::{self, Framing, Piece};
use libfuzzer_sys::fuzz_target;

// The files themselves: the check is no public interface, and it needs nothing else of its crate.
#[allow(dead_code, unreachable_pub)]
#[path = "../../crates/gateway/src"]
mod gateway {
    pub(crate) mod config;
    pub(crate) mod failure;
    pub(crate) mod head;
}
#[allow(unused_imports)] // `crate::failure` is what the head check calls it
use gateway::{config, failure, head};

/// What became of a client's bytes.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verdict {
    /// Bytes of the head and of the body of each request that passed; 0 for an unfinished body, which is let through in pieces.
    passed: Vec<(usize, usize)>,
    /// Whether the last one's body is complete.
    complete: bool,
    /// Whether the rest is refused.
    refused: bool,
}

fuzz_target!(|bytes: &[u8]| {
    let whole = check(bytes, |_| usize::MAX);
    compare(bytes, &whole);
    let middle =
        bytes.iter().fold(7, |sum: usize, &byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % bytes.len().max(1);
    let halves = check(bytes, |arrived| if arrived == 0 { middle.max(1) } else { usize::MAX });
    assert_eq!(halves, whole, "cut at {middle}");
    let single = check(bytes, |_| 1);
    assert_eq!(single, whole, "byte by byte");
});

/// A client's bytes as they arrive, `piece` more whenever more are wanted.
struct Arriving<'a, F> {
    bytes: &'a [u8],
    done: usize,
    arrived: usize,
    piece: F,
}

impl<F: Fn(usize) -> usize> Arriving<'_, F> {
    fn more(&mut self) -> Option<()> {
        let before = self.arrived;
        self.arrived = before.saturating_add((self.piece)(before)).min(self.bytes.len());
        (self.arrived > before).then_some(())
    }

    /// The length of the next head and what follows it; `None` if it does not come, an error if it is refused.
    fn head(&mut self) -> Option<Result<(usize, Framing), ()>> {
        let mut reader = head::Reader::default();
        let mut bytes = BytesMut::from(&self.bytes[self.done..self.arrived]);
        loop {
            let before = bytes.len();
            match reader.read(&mut bytes, &config::Limits::default()) {
                Ok(Some(head)) => {
                    let length = before - bytes.len();
                    self.done += length;
                    return Some(Ok((length, head.body)));
                }
                Ok(None) => {
                    assert_eq!(bytes.len(), before, "bytes of a head that is not complete are gone");
                    let from = self.arrived;
                    self.more()?;
                    bytes.extend_from_slice(&self.bytes[from..self.arrived]);
                }
                Err(failure) => {
                    assert!(failure.status.is_client_error() || failure.status.is_server_error());
                    return Some(Err(()));
                }
            }
        }
    }

    /// The length of the next body.
    fn body(&mut self, framing: Framing) -> Option<Result<usize, ()>> {
        let (start, mut reader, mut bytes) = (self.done, body::Reader::from(framing), BytesMut::new());
        bytes.extend_from_slice(&self.bytes[self.done..self.arrived]);
        loop {
            let piece = reader.next(&mut bytes);
            self.done = self.arrived - bytes.len();
            match piece {
                Ok(Piece::Data(data)) => assert!(!data.is_empty()),
                Ok(Piece::Trailers(fields)) => {
                    assert!(!fields.is_empty());
                    return Some(Ok(self.done - start));
                }
                Ok(Piece::End) => return Some(Ok(self.done - start)),
                Ok(Piece::More) => {
                    let before = self.arrived;
                    self.more()?;
                    bytes.extend_from_slice(&self.bytes[before..self.arrived]);
                }
                Err(_) => return Some(Err(())),
            }
        }
    }
}

fn check(bytes: &[u8], piece: impl Fn(usize) -> usize) -> Verdict {
    let mut arriving = Arriving { bytes, done: 0, arrived: 0, piece };
    let mut verdict = Verdict { complete: true, ..Verdict::default() };
    loop {
        let (head, framing) = match arriving.head() {
            None => return verdict,
            Some(Ok(head)) => head,
            Some(Err(())) => return Verdict { refused: true, ..verdict },
        };
        match arriving.body(framing) {
            Some(Ok(body)) => verdict.passed.push((head, body)),
            other => {
                verdict.passed.push((head, 0));
                return Verdict { complete: false, refused: other.is_some(), ..verdict };
            }
        }
    }
}

fn compare(bytes: &[u8], verdict: &Verdict) {
    let told = request::conversation(bytes);
    let heads = told.whole.iter().map(|(request, _)| request).chain(&told.broken);
    let mut at = 0;
    for (number, request) in heads.enumerate() {
        let Some(&(head, body)) = verdict.passed.get(number) else {
            panic!("refused or kept waiting: {}", bytes[at..].escape_ascii());
        };
        assert_eq!(head, request.head.length, "the head ends elsewhere");
        same_to_httparse(&bytes[at..at + head], request);
        if let Some((_, whole)) = told.whole.get(number) {
            if whole.large {
                return;
            }
            assert_eq!(body, whole.length, "the body ends elsewhere");
        }
        at += head + body;
    }
    let known = told.whole.len() + usize::from(told.broken.is_some());
    assert_eq!(
        verdict.passed.len(),
        known,
        "passed, but nobody else takes it for a request: {}",
        bytes[at..].escape_ascii()
    );
    assert!(verdict.refused || told.bad.is_none(), "not refused: {:?} in {}", told.bad, bytes[at..].escape_ascii());
    assert_eq!(verdict.complete, told.broken.is_none(), "one body is complete and not complete");
}

fn same_to_httparse(bytes: &[u8], request: &request::Request) {
    let mut fields = [httparse::EMPTY_HEADER; 128];
    let mut parsed = httparse::Request::new(&mut fields);
    let status = parsed.parse(bytes);
    assert_eq!(status, Ok(httparse::Status::Complete(bytes.len())), "{}", bytes.escape_ascii());
    assert_eq!(parsed.method.map(str::as_bytes), Some(request.method()));
    assert_eq!(parsed.path.map(str::as_bytes), Some(&request.head.start[1][..]));
    assert_eq!(parsed.headers.len(), request.head.fields.len());
    for (theirs, (name, value)) in parsed.headers.iter().zip(&request.head.fields) {
        assert_eq!((&theirs.name.to_ascii_lowercase(), theirs.value), (name, &value[..]));
    }
    assert_ne!(request.framing, Says::Close, "a request's body does not end with its connection");
}
