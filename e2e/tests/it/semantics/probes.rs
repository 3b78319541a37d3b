//! What HTTP promises beyond a request and an answer, each asked of one front. Order is shown by cause, not by the clock: the
//! function does not send the second piece before the client has said that it holds the first.

use std::sync::OnceLock;

use super::wire::{CLOSED, Wire};
use super::world::{Front, Play, token};

/// What was measured: it works, or what happens instead.
pub(crate) type Verdict = Result<(), String>;

/// A row of a table.
pub(crate) struct Semantic {
    pub(crate) name: &'static str,
    pub(crate) ask: Ask,
}

/// How it is asked.
#[derive(Clone, Copy)]
pub(crate) enum Ask {
    Probe(fn(&Front) -> Verdict),
    /// A case of gRPC's interoperability suite.
    Call(&'static str),
}

/// The rows of HTTP/1.1.
pub(crate) static SEMANTICS: [Semantic; 11] = [
    row("server-sent events arrive one by one", events),
    row("chunks are passed on at once, both parts of a slow answer", chunks),
    row("WebSocket, either side may begin", web_socket),
    row("response trailers", trailers),
    row("a request body reaches the function while it is being sent", upload_streams),
    row("32 MB upload", large_upload),
    row("103 Early Hints before the answer", early_hints),
    row("413 from the function in mid-upload", early_answer),
    row("a request whose client goes away ends at the function", given_up),
    row("an answer that breaks off is seen to break off", broken_off),
    row(IDENTITY, spoofed),
];

/// What the function itself cannot do.
pub(crate) const IDENTITY: &str = "a client cannot set X-CFF-Request-Id";

const fn row(name: &'static str, probe: fn(&Front) -> Verdict) -> Semantic {
    Semantic { name, ask: Ask::Probe(probe) }
}

const CHUNKED: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

/// A request that is only a head.
fn ask(wire: &mut Wire, path: &str, fields: &str) -> Result<(), String> {
    wire.send(format!("GET {path} HTTP/1.1\r\nHost: a\r\n{fields}\r\n"))
}

/// Turns an error into the words of the table.
fn or<T>(result: Result<T, String>, words: &str) -> Result<T, String> {
    result.map_err(|_| words.to_owned())
}

pub(super) fn expect(held: bool, words: impl Into<String>) -> Verdict {
    if held { Ok(()) } else { Err(words.into()) }
}

fn events(front: &Front) -> Verdict {
    let next = token();
    let play = Play::new().send(CHUNKED).send("9\r\ndata: 1\n\n\r\n").wait(&next).send("9\r\ndata: 2\n\n\r\n0\r\n\r\n");
    let mut wire = front.wire();
    ask(&mut wire, &play.path(), "Accept: text/event-stream\r\n")?;
    let first = or(wire.until(b"data: 1\n\n"), "held back until the answer is complete");
    front.go(&next);
    first?;
    or(wire.until(b"data: 2\n\n"), "the second event is lost")?;
    Ok(())
}

fn chunks(front: &Front) -> Verdict {
    let (next, last) = (token(), token());
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    let play = Play::new().send(head).wait(&next).send("1\r\na\r\n").wait(&last).send("2\r\nbc\r\n0\r\n\r\n");
    let mut wire = front.wire();
    ask(&mut wire, &play.path(), "")?;
    let head = or(wire.head(), "the head is held back until the first byte of the body");
    front.go(&next);
    let first = head.is_ok().then(|| or(wire.until(b"a"), "the first byte is held back"));
    front.go(&last);
    let head = head?;
    first.transpose()?;
    expect(head.all("transfer-encoding") == ["chunked"], "the answer is not chunked")?;
    or(wire.until(b"bc"), "the end is lost")?;
    Ok(())
}

/// The accept key belongs to the sample nonce of RFC 6455, section 1.3.
fn web_socket(front: &Front) -> Verdict {
    let mask = [1_u8, 2, 3, 4];
    let masked: Vec<u8> = b"ping".iter().zip(mask).map(|(byte, mask)| byte ^ mask).collect();
    let frame = [&[0x81, 0x84][..], &mask, &masked].concat();
    let accepted = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                    Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";
    let play = Play::new().send(accepted).send(b"\x81\x05hello").echo(frame.len()).close();
    let mut wire = front.wire();
    let fields = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                  Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    ask(&mut wire, &play.path(), fields)?;
    let head = wire.head()?;
    expect(head.status == 101, format!("the handshake is answered {}", head.status))?;
    expect(head.all("sec-websocket-accept") == ["s3pPLMBiTxaQ9kYGzzhZRbK+xOo="], "the accept key is lost")?;
    expect(wire.take(7)? == b"\x81\x05hello", "the function's first frame is changed")?;
    wire.send(&frame)?;
    expect(or(wire.take(frame.len()), "no frame comes back")? == frame, "the frame is changed on its way")?;
    or(wire.rest(), "the end does not come through")?;
    Ok(())
}

fn trailers(front: &Front) -> Verdict {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum, X-Late\r\n\r\n";
    let play = Play::new().send(head).send("3\r\nabc\r\n0\r\nX-Sum: 6\r\nX-Late: yes\r\n\r\n");
    let mut wire = front.wire();
    ask(&mut wire, &play.path(), "TE: trailers\r\nConnection: TE\r\n")?;
    let response = wire.response()?;
    expect(response.body == b"abc", "the body is changed")?;
    let came = response.trailers.to_ascii_lowercase();
    expect(came.contains("x-sum: 6\r\n") && came.contains("x-late: yes\r\n"), "dropped")?;
    expect(response.head.all("x-sum").is_empty(), "moved into the head")
}

fn upload_streams(front: &Front) -> Verdict {
    let play = Play::new().receive(5).send(CHUNKED).send("3\r\ngot\r\n").body().send("3\r\nall\r\n0\r\n\r\n");
    let mut wire = front.wire();
    let path = play.path();
    wire.send(format!("POST {path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n"))?;
    let early = or(wire.until(b"got"), "held back until the body is complete");
    wire.send("6\r\nsecond\r\n0\r\n\r\n")?;
    early?;
    or(wire.until(b"all"), "the end of the body does not arrive")?;
    Ok(())
}

/// Bytes of the large upload.
pub(super) const LARGE: usize = 32 * 1024 * 1024;

/// The large upload, and what the player says of it when it has come unchanged.
pub(super) fn large_body() -> (&'static [u8], &'static str) {
    static BODY: OnceLock<(Vec<u8>, String)> = OnceLock::new();
    let (body, sum) = BODY.get_or_init(|| {
        let body: Vec<u8> = (0..LARGE).map(|at| (at * 7 + at / 65_536 * 13) as u8 % 251).collect();
        let add = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        let hash = body.iter().fold(0xcbf2_9ce4_8422_2325_u64, add);
        (body, format!("{LARGE} {hash:016x}"))
    });
    (body, sum)
}

fn large_upload(front: &Front) -> Verdict {
    let (body, sum) = large_body();
    let mut wire = front.wire();
    wire.send(format!("POST /sum HTTP/1.1\r\nHost: a\r\nContent-Length: {LARGE}\r\n\r\n"))?;
    // Refused in the middle, the answer is there.
    let sent = body.chunks(64 * 1024).try_for_each(|piece| wire.send(piece));
    let response = wire.response()?;
    expect(response.head.status == 200, format!("answered {}", response.head.status))?;
    sent?;
    expect(response.text() == sum, "what arrives is not what was sent")
}

/// The function notices that nobody waits any more.
fn given_up(front: &Front) -> Verdict {
    let gone = token();
    let mut wire = front.wire();
    ask(&mut wire, &Play::new().send(CHUNKED).send("1\r\na\r\n").gone(&gone).path(), "")?;
    wire.until(b"a\r\n")?;
    drop(wire);
    let play = Play::new().wait(&gone).send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngone");
    let next = or(front.wire().get(&play.path()), "goes on at the function")?;
    expect(next.body == b"gone", "goes on at the function")
}

fn broken_off(front: &Front) -> Verdict {
    let play = Play::new().send(CHUNKED).send("5\r\nfirst\r\n").close();
    match front.wire().get(&play.path()) {
        Ok(_) => Err("looks complete".to_owned()),
        Err(why) => expect(why == CLOSED, why),
    }
}

fn early_hints(front: &Front) -> Verdict {
    let next = token();
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let play = Play::new().send(hints).wait(&next).send(answer);
    let mut wire = front.wire();
    ask(&mut wire, &play.path(), "")?;
    let first = wire.head();
    front.go(&next);
    let first = match first {
        Ok(head) => head,
        Err(_) => {
            let last = or(wire.head(), "no answer at all")?;
            return Err(if last.status == 200 { "dropped".to_owned() } else { format!("answered {}", last.status) });
        }
    };
    expect(first.status == 103, format!("answered {} instead", first.status))?;
    expect(first.all("link") == ["</style.css>; rel=preload"], "the hint is lost")?;
    let last = wire.response()?;
    expect(last.head.status == 200 && last.body == b"ok", "the answer after it is broken")?;
    // Who took the 103 for the answer passes the real one on as its body, which looks alike until the next request.
    let next = or(wire.get("/next"), "taken for the answer: 200 comes as its body")?;
    expect(next.text().starts_with("GET /next "), "the next answer is not the next request's")
}

/// The function answers without reading and goes on reading nothing. The client must get the answer although most of its body
/// is still to be sent, and the connection must afterwards be closed, or serve the next request.
fn early_answer(front: &Front) -> Verdict {
    const LENGTH: usize = 900_000;
    let done = token();
    let answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 9\r\nConnection: close\r\n\r\ntoo large";
    let play = Play::new().send(answer).wait(&done).close();
    let mut wire = front.wire();
    let path = play.path();
    wire.send(format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {LENGTH}\r\n\r\n0123456789"))?;
    let response = or(wire.response(), "no answer before the body is complete");
    let verdict = response.and_then(|response| {
        expect(response.head.status == 413 && response.body == b"too large", "another answer")?;
        if front.name == "direct" {
            front.go(&done); // nobody but the function itself can close
        }
        if response.head.closes() {
            return or(wire.rest(), "says close and leaves the connection open").map(drop);
        }
        let kept = wire.send(vec![b'x'; LENGTH - 10]).and_then(|()| wire.get("/next"));
        let next = or(kept, "the answer comes, with keep-alive, and the connection is closed")?;
        expect(next.text().starts_with("GET /next "), "the body is taken for the next request")
    });
    front.go(&done);
    verdict
}

fn spoofed(front: &Front) -> Verdict {
    let mut wire = front.wire();
    let fields = "X-CFF-Request-Id: forged\r\nX_CFF_Request_Id: forged\r\nx-cff_request-ID: forged\r\n";
    ask(&mut wire, "/seen", fields)?;
    let seen = wire.response()?.text().to_ascii_lowercase();
    expect(seen.starts_with("get /seen http/1."), "not what was asked")?;
    expect(!seen.contains("\r\nx-cff-request-id: forged"), "passed on")?;
    expect(!seen.contains("forged"), "passed on, spelt with underscores")?;
    expect(seen.matches("\r\nx-cff-request-id: ").count() == 1, "removed, and none is set")
}
