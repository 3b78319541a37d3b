//! HTTP/2 frame by frame: what only a client that means harm sends, and what must not come out of it at a function that speaks
//! HTTP/1.1 (RFC 9113, sections 8.2, 8.3, 10.3 and 10.5).

use std::net::SocketAddr;

use super::peers;
use super::wire::{CLOSED, Wire};
use super::world::{Bare, Front, InFuncd};

/// A field of a request as it is sent; names and values may be anything.
type Field = (&'static str, &'static str);

/// A request that cannot be said in HTTP/1.1, or could be read as two.
struct Case {
    name: &'static str,
    fields: &'static [Field],
    data: &'static str,
    /// The function may see it begin, and never whole: the fault is in what comes later.
    begins: bool,
}

const fn bad(name: &'static str, fields: &'static [Field]) -> Case {
    Case { name, fields, data: "", begins: false }
}

const M: Field = (":method", "GET");
const S: Field = (":scheme", "http");
const A: Field = (":authority", "a");
const P: Field = (":path", "/smuggled");
const POST: Field = (":method", "POST");

const CASES: &[Case] = &[
    bad("capital letters in a name", &[M, S, A, P, ("X-Upper", "a")]),
    bad("CRLF in a value", &[M, S, A, P, ("x", "a\r\nx-cff-request-id: forged")]),
    bad("LF in a value", &[M, S, A, P, ("x", "a\nx-cff-request-id: forged")]),
    bad("CR in a value", &[M, S, A, P, ("x", "a\rb")]),
    bad("NUL in a value", &[M, S, A, P, ("x", "a\0b")]),
    bad("CRLF in a name", &[M, S, A, P, ("x: a\r\ny", "b")]),
    bad("colon in a name", &[M, S, A, P, ("x:y", "b")]),
    bad("space in a name", &[M, S, A, P, ("x y", "b")]),
    bad("an empty name", &[M, S, A, P, ("", "b")]),
    bad("connection", &[M, S, A, P, ("connection", "close")]),
    bad("transfer-encoding", &[POST, S, A, P, ("transfer-encoding", "chunked")]),
    bad("upgrade", &[M, S, A, P, ("upgrade", "websocket")]),
    bad("keep-alive", &[M, S, A, P, ("keep-alive", "timeout=5")]),
    bad("te that is not trailers", &[M, S, A, P, ("te", "gzip")]),
    bad("no method", &[S, A, P]),
    bad("no path", &[M, S, A]),
    bad("no scheme", &[M, A, P]),
    bad("no authority and no host", &[M, S, P]),
    bad("an empty path", &[M, S, A, (":path", "")]),
    bad("a path without slash", &[M, S, A, (":path", "smuggled")]),
    bad("a space in the path", &[M, S, A, (":path", "/smuggled HTTP/1.1")]),
    bad("CRLF in the path", &[M, S, A, (":path", "/smuggled HTTP/1.1\r\nHost: a\r\n\r\nGET /x")]),
    // A fragment is cut off by the library that reads the frames: nobody behind can see one.
    bad("raw UTF-8 in the path", &[M, S, A, (":path", "/smuggled/ä")]),
    bad("CRLF in the method", &[(":method", "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET"), S, A, P]),
    bad("a space in the method", &[(":method", "GET /"), S, A, P]),
    bad("small letters in the method", &[(":method", "get"), S, A, P]),
    bad("TRACE", &[(":method", "TRACE"), S, A, P]),
    bad("CONNECT", &[(":method", "CONNECT"), A]),
    bad("userinfo in the authority", &[M, S, (":authority", "x@a"), P]),
    bad("a path in the authority", &[M, S, (":authority", "a/b"), P]),
    bad("CRLF in the authority", &[M, S, (":authority", "a\r\nx: y"), P]),
    bad("a host that is another", &[M, S, A, P, ("host", "b")]),
    bad("a host twice", &[M, S, A, P, ("host", "a"), ("host", "b")]),
    bad("two paths", &[M, S, A, P, (":path", "/other")]),
    bad("two methods", &[M, POST, S, A, P]),
    bad("a pseudo-field behind others", &[M, S, A, ("x", "y"), P]),
    bad("an unknown pseudo-field", &[M, S, A, P, (":x", "y")]),
    bad("a pseudo-field of responses", &[M, S, A, P, (":status", "200")]),
    bad("a length twice", &[POST, S, A, P, ("content-length", "1"), ("content-length", "2")]),
    bad("a length that is none", &[POST, S, A, P, ("content-length", "+1")]),
    bad("an expectation that is unknown", &[M, S, A, P, ("expect", "wonders")]),
    Case { name: "less data than said", fields: &[POST, S, A, P, ("content-length", "40")], data: "abc", begins: true },
    Case {
        name: "more data than said",
        fields: &[POST, S, A, P, ("content-length", "1")],
        data: "aGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n",
        begins: true,
    },
];

/// Whether funcd refuses all of them and bounds every flood.
pub(crate) fn holds() -> Result<(), String> {
    let world = InFuncd::start("");
    let address = world.front.address;
    let mut failures = Vec::new();
    spoken(&world.front, address)?;
    for case in CASES {
        if let Err(why) = case.check(&world.front, address) {
            failures.push(format!("{}: {why}", case.name));
        }
    }
    for (name, flood) in FLOODS {
        let held = flood(address).and_then(|()| spoken(&world.front, address));
        failures.extend(held.err().map(|why| format!("{name}: {why}")));
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("\n")) }
}

/// Whether the frames sent here are understood where HTTP/2 is: an nginx serves the good request and bounds the floods.
pub(crate) fn sound() -> Result<(), String> {
    let bare = Bare::start();
    let nginx = peers::nginx(bare.front.address);
    let address = nginx.http[0].http2.ok_or("this nginx has no port for HTTP/2")?;
    spoken(&bare.front, address)?;
    let refused = CASES.iter().filter(|case| case.check(&bare.front, address).is_ok()).count();
    eprintln!("nginx {} refuses {refused} of {} doubtful requests of HTTP/2", nginx.version, CASES.len());
    FLOODS.iter().try_for_each(|(name, flood)| flood(address).map_err(|why| format!("nginx, {name}: {why}")))
}

/// A request without any fault reaches the function; otherwise nothing here would mean anything.
fn spoken(front: &Front, address: SocketAddr) -> Result<(), String> {
    let answer = ask(address, &[M, S, A, (":path", "/fine"), ("x", "y")], "")?;
    let record = front.wire().get("/record")?.text();
    match answer {
        Answer::Ok if record.contains("GET /fine HTTP/1.1") => Ok(()),
        answer => Err(format!("a good request is answered {answer:?}, the function saw {record:?}")),
    }
}

#[derive(Debug, PartialEq)]
enum Answer {
    /// 200.
    Ok,
    /// Another status.
    Other,
    /// The stream or the connection was ended.
    Ended,
}

impl Case {
    fn check(&self, front: &Front, address: SocketAddr) -> Result<(), String> {
        let answer = ask(address, self.fields, self.data)?;
        let record = front.wire().get("/record")?.text();
        if answer == Answer::Ok {
            return Err(format!("answered 200, the function saw {record:?}"));
        }
        let begun = self.begins && record.matches(" /smuggled ").count() <= 1;
        if record.is_empty() || begun { Ok(()) } else { Err(format!("the function saw {record:?}")) }
    }
}

/// A connection that has sent its preface.
fn open(address: SocketAddr) -> Result<Wire, String> {
    let mut wire = Wire::open(address);
    wire.send(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")?;
    wire.send(frame(SETTINGS, 0, 0, &[]))?;
    Ok(wire)
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

/// RFC 9113, section 4.1.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A literal field without indexing and without Huffman code (RFC 7541, section 6.2.2).
fn literal((name, value): &(&str, &str)) -> Vec<u8> {
    [&[0][..], &string(name), &string(value)].concat()
}

/// RFC 7541, section 5.2; the length has a prefix of seven bits.
fn string(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut length = text.len();
    if length < 127 {
        bytes.push(u8::try_from(length).unwrap());
    } else {
        bytes.push(127);
        length -= 127;
        while length >= 128 {
            bytes.push(u8::try_from(length % 128 + 128).unwrap());
            length /= 128;
        }
        bytes.push(u8::try_from(length).unwrap());
    }
    bytes.extend_from_slice(text.as_bytes());
    bytes
}

fn head(fields: &[Field]) -> Vec<u8> {
    fields.iter().flat_map(literal).collect()
}

/// Kind, stream and payload of the next frame; SETTINGS are acknowledged.
fn next(wire: &mut Wire) -> Result<(u8, u32, Vec<u8>), String> {
    let begin = wire.take(9)?;
    let length = usize::from(begin[0]) << 16 | usize::from(begin[1]) << 8 | usize::from(begin[2]);
    let payload = wire.take(length)?;
    if begin[3] == SETTINGS && begin[4] == 0 {
        wire.send(frame(SETTINGS, 1, 0, &[])).unwrap_or_default();
    }
    Ok((begin[3], u32::from_be_bytes([begin[5], begin[6], begin[7], begin[8]]), payload))
}

fn ask(address: SocketAddr, fields: &[Field], data: &str) -> Result<Answer, String> {
    let mut wire = open(address)?;
    let last = if data.is_empty() { END_STREAM } else { 0 };
    wire.send(frame(HEADERS, END_HEADERS | last, 1, &head(fields)))?;
    if !data.is_empty() {
        // It may be refused before.
        wire.send(frame(DATA, END_STREAM, 1, data.as_bytes())).unwrap_or_default();
    }
    answer(&mut wire)
}

/// What the first stream gets.
fn answer(wire: &mut Wire) -> Result<Answer, String> {
    loop {
        match next(wire) {
            // The static table's entry 8 is `:status: 200` (RFC 7541, appendix A).
            Ok((HEADERS, 1, payload)) if payload.first() == Some(&0x88) => return Ok(Answer::Ok),
            Ok((HEADERS, 1, _)) => return Ok(Answer::Other),
            Ok((RST_STREAM | GOAWAY, _, _)) => return Ok(Answer::Ended),
            Ok(_) => {}
            Err(why) if why == CLOSED => return Ok(Answer::Ended),
            Err(why) => return Err(why),
        }
    }
}

type Flood = fn(SocketAddr) -> Result<(), String>;

/// Each must end with the connection, not with the daemon's memory or time.
const FLOODS: &[(&str, Flood)] = &[
    ("the number of streams at once is limited", streams),
    ("a list of fields over the limit", large_list),
    ("CONTINUATION without end", continuations),
    ("streams that are reset at once", resets),
    ("streams that the gateway is made to reset", made_resets),
];

fn streams(address: SocketAddr) -> Result<(), String> {
    let mut wire = open(address)?;
    let (kind, _, payload) = next(&mut wire)?;
    let limit = payload.chunks(6).find(|setting| setting.first_chunk() == Some(&[0_u8, 3]));
    let limit = limit.and_then(|setting| setting.last_chunk()).map(|value| u32::from_be_bytes(*value));
    match limit {
        Some(limit) if kind == SETTINGS && limit <= 1000 => Ok(()),
        limit => Err(format!("SETTINGS_MAX_CONCURRENT_STREAMS is {limit:?}")),
    }
}

fn large_list(address: SocketAddr) -> Result<(), String> {
    let value: &'static str = "x".repeat(12_000).leak();
    match ask_in_pieces(address, &[M, S, A, P, ("x", value), ("y", value), ("z", value)])? {
        Answer::Ok => Err("served".to_owned()),
        _ => Ok(()),
    }
}

fn ask_in_pieces(address: SocketAddr, fields: &[Field]) -> Result<Answer, String> {
    let mut wire = open(address)?;
    let block = head(fields);
    let pieces: Vec<&[u8]> = block.chunks(16_000).collect();
    for (at, piece) in pieces.iter().enumerate() {
        let kind = if at == 0 { HEADERS } else { CONTINUATION };
        let flags = if at + 1 == pieces.len() { END_HEADERS } else { 0 } | if at == 0 { END_STREAM } else { 0 };
        if wire.send(frame(kind, flags, 1, piece)).is_err() {
            return Ok(Answer::Ended);
        }
    }
    answer(&mut wire)
}

fn continuations(address: SocketAddr) -> Result<(), String> {
    let mut wire = open(address)?;
    let mut sent = wire.send(frame(HEADERS, END_STREAM, 1, &head(&[M, S, A, P])));
    for number in 0..20_000 {
        if sent.is_err() {
            return Ok(());
        }
        let name: String = format!("x{number}");
        sent = wire.send(frame(CONTINUATION, 0, 1, &literal(&(&name, "abcdefghijklmnopqrstuvwxyz"))));
    }
    ended(&mut wire)
}

fn resets(address: SocketAddr) -> Result<(), String> {
    let cancel = 8_u32.to_be_bytes();
    flood(address, |stream| {
        [frame(HEADERS, END_HEADERS | END_STREAM, stream, &head(&[M, S, A, P])), frame(RST_STREAM, 0, stream, &cancel)]
            .concat()
    })
}

/// A window that grows by nothing is an error of the stream, which the other side must reset (CVE-2025-8671).
fn made_resets(address: SocketAddr) -> Result<(), String> {
    flood(address, |stream| {
        let begun = frame(HEADERS, END_HEADERS, stream, &head(&[POST, S, A, P]));
        [begun, frame(WINDOW_UPDATE, 0, stream, &[0; 4])].concat()
    })
}

fn flood(address: SocketAddr, each: impl Fn(u32) -> Vec<u8>) -> Result<(), String> {
    let mut wire = open(address)?;
    for number in 0..5_000 {
        if wire.send(each(number * 2 + 1)).is_err() {
            return Ok(());
        }
    }
    ended(&mut wire)
}

/// The other side has given the connection up.
fn ended(wire: &mut Wire) -> Result<(), String> {
    loop {
        match next(wire) {
            Ok((GOAWAY, _, _)) => return Ok(()),
            Ok(_) => {}
            Err(why) if why == CLOSED => return Ok(()),
            Err(why) => return Err(format!("not given up: {why}")),
        }
    }
}
