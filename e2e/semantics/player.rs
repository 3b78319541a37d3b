//! A function server on raw sockets that plays what it is told, byte by byte, and keeps the bytes that reached it.
//!
//! `/play/STEPS` answers with the steps, one after the other, separated by dots:
//! `sHEX` send, `xN-HEX` send N times (neighbours in one piece), `wTOKEN` wait for `/go/TOKEN`, `fN` wait until N bytes of the request's body came, `b` read
//! the body to its end, `nN` read N bytes of whatever comes and `e` send them back, `gTOKEN` wait until the other side is gone and let who
//! waits for TOKEN go on, `c` close.
//! `/go/TOKEN` lets a waiting one go on. `/sum` answers count and FNV-1a of the body. `/record` answers what every connection
//! received since the last time, as `escape_ascii` lines. Anything else is answered with the request as it came.

use std::collections::HashSet;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a step waits for what may never come.
const PATIENCE: Duration = Duration::from_secs(20);
/// The largest piece that is sent as one.
const PIECE: usize = 256 * 1024;
/// What is kept of the bytes of one connection.
const KEPT: usize = 256 * 1024;

static TOKENS: (Mutex<Option<HashSet<String>>>, Condvar) = (Mutex::new(None), Condvar::new());
static RECEIVED: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

fn main() -> io::Result<()> {
    let port = std::env::var("PLAYER_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8000);
    let listener = TcpListener::bind(("127.0.0.1", port))?;
    writeln!(io::stdout(), "listening on {}", listener.local_addr()?)?;
    for stream in listener.incoming() {
        let stream = stream?;
        std::thread::spawn(move || {
            // A caller who goes away is part of the game.
            let _ = serve(stream);
        });
    }
    Ok(())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn serve(stream: TcpStream) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut line = Line::new(stream);
    while let Some(head) = line.head()? {
        let text = String::from_utf8_lossy(&head).into_owned();
        let target = text.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut body = Body::of(&text);
        if let Some(steps) = target.strip_prefix("/play/") {
            if !play_all(steps, &mut line, &mut body)? {
                return Ok(());
            }
        } else if let Some(token) = target.strip_prefix("/go/") {
            line.forget(head.len());
            go(token);
            line.answer(b"gone on\n")?;
        } else if target == "/record" {
            line.forget(head.len());
            let record = record();
            line.answer(&record)?;
        } else if target == "/sum" {
            let sum = sum(&mut line, &mut body)?;
            line.answer(sum.as_bytes())?;
        } else {
            let mut seen = head;
            while let Some(piece) = body.piece(&mut line)? {
                seen.extend_from_slice(&piece);
            }
            line.answer(&seen)?;
        }
    }
    Ok(())
}

/// False when the connection is to be closed.
fn play_all(steps: &str, line: &mut Line, body: &mut Body) -> io::Result<bool> {
    for step in steps.split('.') {
        if !step.starts_with(['s', 'x']) {
            line.flush()?;
        }
        if !play(step, line, body)? {
            return Ok(false);
        }
    }
    line.flush()?;
    Ok(true)
}

fn play(step: &str, line: &mut Line, body: &mut Body) -> io::Result<bool> {
    let (verb, rest) = step.split_at_checked(1).unwrap_or_default();
    match verb {
        "s" => line.out.extend(unhex(rest)),
        "x" => {
            let (times, bytes) = rest.split_once('-').unwrap_or_default();
            let bytes = unhex(bytes);
            for _ in 0..number(times) {
                line.out.extend_from_slice(&bytes);
                if line.out.len() > PIECE {
                    line.flush()?;
                }
            }
        }
        "w" => return Ok(wait_for(rest)),
        "f" => {
            let mut wanted = number(rest);
            while wanted > 0 {
                let Some(piece) = body.piece(line)? else { return Ok(false) };
                wanted = wanted.saturating_sub(piece.len());
            }
        }
        "b" => while body.piece(line)?.is_some() {},
        "n" => line.taken = line.take(number(rest))?,
        "e" => line.out.append(&mut line.taken),
        "g" => {
            while line.more().unwrap_or_default() {}
            go(rest);
            return Ok(false);
        }
        _ => return Ok(false),
    }
    Ok(true)
}

fn go(token: &str) {
    lock(&TOKENS.0).get_or_insert_default().insert(token.to_owned());
    TOKENS.1.notify_all();
}

fn wait_for(token: &str) -> bool {
    let guard = lock(&TOKENS.0);
    let missing = |tokens: &mut Option<HashSet<String>>| !tokens.get_or_insert_default().remove(token);
    let (_tokens, waited) =
        TOKENS.1.wait_timeout_while(guard, PATIENCE, missing).unwrap_or_else(PoisonError::into_inner);
    !waited.timed_out()
}

fn record() -> Vec<u8> {
    let mut text = Vec::new();
    for bytes in lock(&RECEIVED).iter_mut() {
        if !bytes.is_empty() {
            text.extend_from_slice(bytes.escape_ascii().to_string().as_bytes());
            text.push(b'\n');
        }
        bytes.clear();
    }
    text
}

fn sum(line: &mut Line, body: &mut Body) -> io::Result<String> {
    let (mut count, mut hash) = (0, 0xcbf2_9ce4_8422_2325_u64);
    while let Some(piece) = body.piece(line)? {
        count += piece.len();
        hash = piece.iter().fold(hash, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    }
    Ok(format!("{count} {hash:016x}"))
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or(0)
}

fn unhex(text: &str) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok()).unwrap_or(0);
    text.as_bytes().chunks(2).map(|pair| pair.iter().fold(0, |byte, &next| (byte << 4) | digit(next))).collect()
}

/// One connection: what was read and not used yet, and what is kept of all that came.
struct Line {
    stream: TcpStream,
    buffer: Vec<u8>,
    taken: Vec<u8>,
    /// What is to be sent in one piece.
    out: Vec<u8>,
    place: usize,
}

impl Line {
    fn new(stream: TcpStream) -> Self {
        let mut received = lock(&RECEIVED);
        received.push(Vec::new());
        Self { stream, buffer: Vec::new(), taken: Vec::new(), out: Vec::new(), place: received.len() - 1 }
    }

    /// Reads more; false at the end.
    fn more(&mut self) -> io::Result<bool> {
        let mut piece = [0; 64 * 1024];
        let read = self.stream.read(&mut piece)?;
        let piece = piece.get(..read).unwrap_or_default();
        if let Some(kept) = lock(&RECEIVED).get_mut(self.place) {
            let room = KEPT.saturating_sub(kept.len()).min(read);
            kept.extend_from_slice(piece.get(..room).unwrap_or_default());
        }
        self.buffer.extend_from_slice(piece);
        Ok(read > 0)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.write_all(&std::mem::take(&mut self.out))
    }

    /// Takes a request of the test's own out of the record.
    fn forget(&self, length: usize) {
        if let Some(kept) = lock(&RECEIVED).get_mut(self.place) {
            kept.truncate(kept.len().saturating_sub(length));
        }
    }

    fn take(&mut self, count: usize) -> io::Result<Vec<u8>> {
        while self.buffer.len() < count {
            if !self.more()? {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(self.buffer.drain(..count).collect())
    }

    /// Takes what ends with `end`.
    fn until(&mut self, end: &[u8]) -> io::Result<Option<Vec<u8>>> {
        let mut searched = 0;
        loop {
            let found = self.buffer.get(searched..).unwrap_or_default().windows(end.len()).position(|have| have == end);
            if let Some(at) = found {
                return self.take(searched + at + end.len()).map(Some);
            }
            searched = (self.buffer.len() + 1).saturating_sub(end.len());
            if !self.more()? {
                return Ok(None);
            }
        }
    }

    fn head(&mut self) -> io::Result<Option<Vec<u8>>> {
        self.until(b"\r\n\r\n")
    }

    fn answer(&mut self, body: &[u8]) -> io::Result<()> {
        let mut bytes = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).into_bytes();
        bytes.extend_from_slice(body);
        self.stream.write_all(&bytes)
    }
}

/// What is to come of a request's body.
enum Body {
    Length(usize),
    Chunked,
}

impl Body {
    fn of(head: &str) -> Self {
        let fields = head.lines().filter_map(|line| line.split_once(':'));
        let mut body = Self::Length(0);
        for (name, value) in fields {
            if name.eq_ignore_ascii_case("transfer-encoding") {
                return Self::Chunked;
            }
            if name.eq_ignore_ascii_case("content-length") {
                body = Self::Length(number(value.trim()));
            }
        }
        body
    }

    /// The next piece, without framing.
    fn piece(&mut self, line: &mut Line) -> io::Result<Option<Vec<u8>>> {
        match self {
            Self::Length(0) => Ok(None),
            Self::Length(left) => {
                if line.buffer.is_empty() && !line.more()? {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let now = (*left).min(line.buffer.len());
                *left -= now;
                line.take(now).map(Some)
            }
            Self::Chunked => {
                let size = line.until(b"\r\n")?.unwrap_or_default();
                let size = String::from_utf8_lossy(&size);
                let size = usize::from_str_radix(size.trim().split(';').next().unwrap_or_default(), 16)
                    .map_err(|_| io::Error::from(io::ErrorKind::InvalidData))?;
                if size > 0 {
                    let data = line.take(size)?;
                    line.take(2)?;
                    return Ok(Some(data));
                }
                while line.until(b"\r\n")?.is_some_and(|trailer| trailer.len() > 2) {}
                *self = Self::Length(0);
                Ok(None)
            }
        }
    }
}
