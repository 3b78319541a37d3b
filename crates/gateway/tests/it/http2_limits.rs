//! What a client of HTTP/2 can do to a gateway, frame by frame (RFC 9113), and where that ends. Whatever it does, others are served.

use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use gateway::Limits;
use http::Response;
use model::invoke;

use crate::client::Client;
use crate::support::{Server, get, text, wait_until};

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

const REFUSED_STREAM: u32 = 7;
const CANCEL: u32 = 8;
const ENHANCE_YOUR_CALM: u32 = 11;

/// `GET / a` in HPACK: three fields of the static table, and a literal.
const GET: &[u8] = &[0x82, 0x86, 0x84, 0x41, 1, b'a'];
/// The same with POST.
const POST: &[u8] = &[0x83, 0x86, 0x84, 0x41, 1, b'a'];

#[derive(Debug)]
struct Frame {
    kind: u8,
    stream: u32,
    payload: Vec<u8>,
}

impl Frame {
    /// The error code of a reset or a good-bye.
    fn error(&self) -> u32 {
        let at = if self.kind == GOAWAY { 4 } else { 0 };
        u32::from_be_bytes(self.payload[at..at + 4].try_into().unwrap())
    }
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut bytes = u32::try_from(payload.len()).unwrap().to_be_bytes()[1..].to_vec();
    bytes.extend([kind, flags]);
    bytes.extend(stream.to_be_bytes());
    bytes.extend(payload);
    bytes
}

fn reset(stream: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &CANCEL.to_be_bytes())
}

/// A client that has said hello, and what the gateway answered to that.
struct Raw(Client, Vec<u8>);

impl Raw {
    fn connect(server: &Server, settings: &[(u16, u32)]) -> Self {
        let mut client = server.connect();
        let mut payload = Vec::new();
        for (name, value) in settings {
            payload.extend(name.to_be_bytes());
            payload.extend(value.to_be_bytes());
        }
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        client.send(frame(SETTINGS, 0, 0, &payload));
        let mut raw = Self(client, Vec::new());
        raw.1 = raw.until(|frame| frame.kind == SETTINGS && !frame.payload.is_empty()).payload;
        raw.send(&frame(SETTINGS, 1, 0, &[]));
        raw
    }

    /// A gateway that had enough does not read on.
    fn send(&mut self, bytes: &[u8]) -> bool {
        std::io::Write::write_all(&mut self.0.stream, bytes).is_ok()
    }

    /// The next frame; `None` when the gateway has closed.
    fn next(&mut self) -> Option<Frame> {
        let mut head = [0; 9];
        self.0.stream.read_exact(&mut head).ok()?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut payload = vec![0; length as usize];
        self.0.stream.read_exact(&mut payload).ok()?;
        Some(Frame { kind: head[3], stream: u32::from_be_bytes(head[5..].try_into().unwrap()), payload })
    }

    /// Reads to the frame that fits.
    #[track_caller]
    fn until(&mut self, fits: impl Fn(&Frame) -> bool) -> Frame {
        loop {
            let frame = self.next().expect("the gateway has closed");
            if fits(&frame) {
                return frame;
            }
        }
    }

    /// The gateway says good-bye with this error and closes.
    #[track_caller]
    fn assert_ended(mut self, error: u32) {
        let last = self.until(|frame| frame.kind == GOAWAY && frame.error() != 0);
        assert_eq!(last.error(), error);
    }

    fn assert_closed(mut self) {
        while self.next().is_some() {}
    }
}

/// Answers `GET /x` on HTTP/1, and what else as `function` does.
fn assert_others_are_served(server: &Server) {
    assert_eq!(server.request(&get("/x")).status, 200);
}

/// A function that never answers clients of HTTP/2; it is counted how often it was asked.
fn silent(limits: Limits) -> (Server, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::with(limits, move |invocation| {
        let quick = invocation.request.uri().path() == "/x";
        if !quick {
            count.fetch_add(1, Ordering::Relaxed);
        }
        async move {
            if !quick {
                std::future::pending::<()>().await;
            }
            Ok(text("ok"))
        }
    });
    (server, asked)
}

#[test]
fn streams_that_are_given_up_at_once_end_the_connection() {
    let (server, asked) = silent(Limits::default());
    let mut client = Raw::connect(&server, &[]);
    for number in 0..2000 {
        let stream = 2 * number + 1;
        if !client.send(&[frame(HEADERS, END_STREAM | END_HEADERS, stream, GET), reset(stream)].concat()) {
            break;
        }
    }
    client.assert_closed();
    assert!(asked.load(Ordering::Relaxed) < 500, "{asked:?}");
    assert_others_are_served(&server);
}

#[test]
fn streams_that_are_given_up_slowly_end_the_connection_too() {
    let (server, asked) = silent(Limits::default());
    let mut client = Raw::connect(&server, &[]);
    for number in 0..400 {
        let stream = 2 * number + 1;
        if !client.send(&frame(HEADERS, END_STREAM | END_HEADERS, stream, GET)) {
            break;
        }
        // Until the function has it, so that it is no reset of what nobody has looked at yet; or the end.
        let before = number as usize;
        wait_until("asked or over", || asked.load(Ordering::Relaxed) > before || server.gateway.counts().open == 0);
        client.send(&reset(stream));
    }
    client.assert_closed();
    let asked = asked.load(Ordering::Relaxed);
    assert!((200..300).contains(&asked), "{asked}");
    assert_others_are_served(&server);
}

#[test]
fn a_client_that_gives_up_now_and_then_is_served() {
    let (server, asked) = silent(Limits::default());
    let mut client = Raw::connect(&server, &[]);
    for number in 0..100 {
        let stream = 2 * number + 1;
        assert!(client.send(&frame(HEADERS, END_STREAM | END_HEADERS, stream, GET)));
        wait_until("asked", || asked.load(Ordering::Relaxed) > number as usize);
        assert!(client.send(&reset(stream)));
    }
    client.send(&frame(PING, 0, 0, b"12345678"));
    client.until(|frame| frame.kind == PING);
}

#[test]
fn a_head_that_never_ends_ends_the_connection() {
    let (server, _) = silent(Limits::default());
    let mut client = Raw::connect(&server, &[]);
    client.send(&frame(HEADERS, END_STREAM, 1, GET));
    // A literal field that is not kept: `x: y`, a few bytes in a frame of its own.
    let piece = frame(CONTINUATION, 0, 1, &[0, 1, b'x', 1, b'y']);
    for _ in 0..100_000 {
        if !client.send(&piece) {
            break;
        }
    }
    client.assert_closed();
    assert_others_are_served(&server);
}

#[test]
fn a_head_over_the_limit_is_refused_and_the_connection_goes_on() {
    let server = Server::new(|_| async { Ok(text("ok")) });
    let mut client = Raw::connect(&server, &[]);
    let says = |name: u16, value: u32| {
        let entry = [&name.to_be_bytes()[..], &value.to_be_bytes()].concat();
        client.1.chunks(6).any(|own| own == entry)
    };
    assert!(says(3, 100) && says(6, 32 * 1024), "{:?}", client.1);
    let field = [&[0, 1, b'x', 0x7f, 0xe1, 0x6d][..], &[b'y'; 14_176]].concat();
    let first = [GET, &field[..10_000]].concat();
    let all = [
        frame(HEADERS, END_STREAM, 1, &first),
        frame(CONTINUATION, 0, 1, &field[10_000..]),
        frame(CONTINUATION, 0, 1, &field),
        frame(CONTINUATION, END_HEADERS, 1, &field),
    ];
    client.send(&all.concat());
    let refused = client.until(|frame| frame.stream == 1);
    let status = refused.kind == HEADERS && refused.payload.windows(3).any(|bytes| bytes == b"431");
    assert!(status || refused.kind == RST_STREAM || refused.kind == HEADERS, "{refused:?}");
    client.send(&frame(HEADERS, END_STREAM | END_HEADERS, 3, GET));
    client.until(|frame| frame.stream == 3 && frame.kind == DATA && frame.payload == b"ok");
}

#[test]
fn a_client_cannot_make_the_gateway_reset_for_ever() {
    let (server, _) = silent(Limits::default());
    let mut client = Raw::connect(&server, &[]);
    for number in 0..1000 {
        let stream = 2 * number + 1;
        // A window of more than 31 bits is an error of the stream (section 6.9.1).
        let window = 0x7fff_ffff_u32.to_be_bytes();
        let one = [frame(HEADERS, END_HEADERS, stream, POST), frame(WINDOW_UPDATE, 0, stream, &window)];
        if !client.send(&one.concat()) {
            break;
        }
    }
    client.assert_ended(ENHANCE_YOUR_CALM);
    assert_others_are_served(&server);
}

#[test]
fn a_client_has_a_hundred_streams_at_a_time() {
    let (server, asked) = silent(Limits::default());
    let mut client = Raw::connect(&server, &[]);
    for number in 0..101 {
        client.send(&frame(HEADERS, END_STREAM | END_HEADERS, 2 * number + 1, GET));
    }
    let refused = client.until(|frame| frame.kind == RST_STREAM);
    assert_eq!((refused.stream, refused.error()), (201, REFUSED_STREAM));
    wait_until("a hundred are asked", || asked.load(Ordering::Relaxed) == 100);
    assert_others_are_served(&server);
}

#[test]
fn who_floods_with_frames_that_want_answers_and_reads_none_waits_alone() {
    let (server, _) = silent(Limits::default());
    for piece in [frame(PING, 0, 0, b"12345678"), frame(SETTINGS, 0, 0, &[0, 4, 0, 0, 1, 0])] {
        let mut client = Raw::connect(&server, &[]);
        client.0.stream.set_write_timeout(Some(Duration::from_millis(300))).unwrap();
        let flood = piece.repeat(1000);
        // The gateway stops reading when its answers are not taken: the flood waits in the client's own buffers.
        let stopped = (0..2000).any(|_| !client.send(&flood));
        assert!(stopped, "16 to 30 MB of frames were read, and what became of the answers?");
        assert_others_are_served(&server);
    }
}

#[test]
fn an_answer_that_is_not_taken_is_given_up_and_only_it() {
    let limits = Limits { write_stall_timeout: Duration::from_millis(100), ..Limits::default() };
    let server = Server::with(limits, |invocation| async move {
        let large = invocation.request.method() == http::Method::POST;
        Ok(Response::new(invoke::full(if large { Bytes::from(vec![b'x'; 1 << 20]) } else { Bytes::new() })))
    });
    let mut client = Raw::connect(&server, &[(4, 0)]); // no window for any stream
    client.send(&frame(HEADERS, END_STREAM | END_HEADERS, 1, POST));
    let given_up = client.until(|frame| frame.kind == RST_STREAM);
    assert_eq!(given_up.stream, 1);
    client.send(&frame(HEADERS, END_STREAM | END_HEADERS, 3, GET));
    client.until(|frame| frame.stream == 3 && frame.kind == HEADERS);
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let limits = Limits { body_stall_timeout: Duration::from_millis(100), ..Limits::default() };
    let server = Server::with(limits, crate::support::echo);
    let mut client = Raw::connect(&server, &[]);
    client.send(&frame(HEADERS, END_HEADERS, 1, POST));
    client.send(&frame(DATA, 0, 1, b"abc"));
    let answer = client.until(|frame| frame.stream == 1 && frame.kind == HEADERS);
    // The status comes first, and 200 is one byte: entry 8 of HPACK's table (RFC 7541 appendix A).
    assert_ne!(answer.payload.first(), Some(&0x88), "{answer:?}");
    let body = client.until(|frame| frame.stream == 1 && frame.kind == DATA);
    assert!(String::from_utf8_lossy(&body.payload).contains("too slowly"), "{body:?}");
}

/// Bodies that nobody reads, as of calls that wait for an instance, are no reason for other streams of the connection to wait.
#[test]
fn bodies_that_are_not_read_leave_room_for_others() {
    let server = Server::with(Limits::default(), |invocation| async move {
        if !invocation.request.headers().contains_key("x") {
            std::future::pending::<()>().await;
        }
        crate::support::echo(invocation).await
    });
    let mut client = Raw::connect(&server, &[]);
    let window = client.1.chunks(6).find(|setting| setting[..2] == [0, 4]).unwrap();
    let window = u32::from_be_bytes(window[2..].try_into().unwrap());
    let grown = client.until(|frame| frame.kind == WINDOW_UPDATE && frame.stream == 0).payload;
    let mut left = 65_535 + u32::from_be_bytes(grown.try_into().unwrap());
    for number in 0..99 {
        assert!(client.send(&frame(HEADERS, END_HEADERS, 2 * number + 1, POST)));
        let mut here = window.min(left);
        left -= here;
        while here > 0 {
            let piece = here.min(16_384);
            here -= piece;
            assert!(client.send(&frame(DATA, 0, 2 * number + 1, &vec![b'x'; piece as usize])));
        }
    }
    assert!(left >= 5, "what is left of the connection's window is {left}");
    client.send(&frame(HEADERS, END_HEADERS, 199, &[POST, &[0, 1, b'x', 1, b'y']].concat()));
    client.send(&frame(DATA, END_STREAM, 199, b"hello"));
    let answer = client.until(|frame| frame.stream == 199 && frame.kind == DATA);
    assert!(String::from_utf8_lossy(&answer.payload).contains(r#""body":"hello""#), "{answer:?}");
}
