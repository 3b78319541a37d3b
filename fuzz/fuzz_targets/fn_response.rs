//! What a function may answer: any bytes in place of a response, through the invoker's real way back.
//!
//! The reader of responses is asked first, by itself, then the whole way is taken. The first byte of the input says what was asked and how the answer arrives, the rest is the answer. Either the caller gets an
//! error of the function's, or exactly the response that a careful reader sees; and whatever it was, the next request of somebody
//! else gets its own answer, over another connection if there was any doubt.
#![no_main]

use std::pin::Pin;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use ::fuzz::http1::response::{Response as Told, response};
use ::fuzz::http1::{Framing as Says, Reading};
use ::fuzz::world::World;
use bytes::{Bytes, BytesMut};
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use http1::body::{self, Framing, Piece};
use http1::response::{Head, Limits, Reader};
use invoker::{Around, Config, Event, Invoker, Io, Launch, Launched, Memory, Order, Process, Socket, Usage};
use libfuzzer_sys::{Corpus, fuzz_target};
use model::invoke::{self, Body, Invocation, Invoke as _, Source};
use model::{Error, Kind};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf};
use tokio::runtime::Runtime;
use tokio::sync::watch;

/// The path of the request behind the one that is answered with the input.
const NEXT: &[u8] = b"GET /next ";
const OWN: &str = "an answer of its own";

/// How the input is used as an answer.
#[derive(Clone, Debug)]
struct Script {
    method: &'static str,
    answer: Bytes,
    /// Written in two pieces, with a pause between.
    pieces: bool,
    /// The connection is closed behind it.
    closes: bool,
}

/// What a server does with connections, and what it noticed.
#[derive(Default)]
struct Server {
    script: Mutex<Option<Script>>,
    /// The next request came over the connection that the input was written to.
    reused: Mutex<bool>,
}

impl Script {
    fn read(input: &[u8]) -> Option<Self> {
        let (flags, answer) = input.split_first()?;
        let method = ["GET", "HEAD", "POST", "OPTIONS"][usize::from(flags & 3)];
        Some(Self { method, answer: Bytes::copy_from_slice(answer), pieces: flags & 4 != 0, closes: flags & 8 != 0 })
    }
}

impl Server {
    async fn serve(self: Arc<Self>, mut stream: DuplexStream) {
        let mut tainted = false;
        let mut asked = Vec::new();
        loop {
            while !asked.ends_with(b"\r\n\r\n") && !asked.ends_with(b"\r\n\r\nquestion") {
                let mut bytes = [0; 4096];
                match stream.read(&mut bytes).await {
                    Ok(read @ 1..) => asked.extend_from_slice(&bytes[..read]),
                    _ => return,
                }
            }
            if asked.starts_with(NEXT) {
                *self.reused.lock().unwrap() |= tainted;
                let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{OWN}", OWN.len());
                let _gone = stream.write_all(answer.as_bytes()).await;
            } else {
                tainted = true;
                let Some(script) = self.script.lock().unwrap().clone() else { return };
                if write(&mut stream, &script).await.is_none() || script.closes {
                    return;
                }
            }
            asked.clear();
        }
    }
}

async fn write(stream: &mut DuplexStream, script: &Script) -> Option<()> {
    let cut = if script.pieces { script.answer.len() / 2 } else { 0 };
    let (first, second) = script.answer.split_at(cut);
    if !first.is_empty() {
        stream.write_all(first).await.ok()?;
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    stream.write_all(second).await.ok()
}

/// A process that listens at once and never ends by itself.
struct Puppet(Arc<Server>);

/// The invoker's end of a connection.
struct Near(DuplexStream);

impl Io for Near {
    fn is_spent(&self) -> bool {
        false
    }

    fn acknowledge(&self) {}

    fn adopted(self: Box<Self>) -> std::io::Result<Socket> {
        Ok(self)
    }
}

impl AsyncRead for Near {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Near {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl Process for Puppet {
    fn connect(&self) -> BoxFuture<'static, std::io::Result<Socket>> {
        let (near, far) = tokio::io::duplex(256 * 1024);
        tokio::spawn(Arc::clone(&self.0).serve(far));
        async { Ok(Box::new(Near(near)) as Socket) }.boxed()
    }
    fn terminate(&self) {}
    fn kill(&self) {}
    fn usage(&self) -> Usage {
        Usage::default()
    }
    fn freeze(&self) -> std::io::Result<()> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
    fn is_frozen(&self) -> bool {
        false
    }
    fn thaw(&self) -> std::io::Result<()> {
        Ok(())
    }
    fn page_out(&self, _stop: &AtomicBool) -> std::io::Result<u64> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

impl Launch for Launcher {
    fn memory(&self) -> std::io::Result<Memory> {
        Err(std::io::ErrorKind::Unsupported.into())
    }

    fn launch(&self, _order: Order) -> BoxFuture<'static, Result<Launched, Error>> {
        let process = Arc::new(Puppet(Arc::clone(&self.0)));
        let events = futures_util::stream::iter([Event::Ready]).chain(futures_util::stream::pending()).boxed();
        async { Ok(Launched { process, events }) }.boxed()
    }
}

/// Starts puppets.
struct Launcher(Arc<Server>);

/// An invoker on a runtime whose clock stands still unless everybody waits.
struct Stage {
    runtime: Runtime,
    invoker: Invoker,
    server: Arc<Server>,
    world: World,
    _generation: watch::Sender<u64>,
}

impl Stage {
    fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        let world = World::new();
        let server = Arc::new(Server::default());
        let (_generation, generation) = watch::channel(1);
        let around = Around {
            launcher: Arc::new(Launcher(Arc::clone(&server))),
            snapshots: Arc::clone(&world.snapshots),
            generation,
            telemetry: world.telemetry.clone(),
        };
        let _inside = runtime.enter();
        let invoker = Invoker::new(Config::default(), around, runtime.handle().clone());
        drop(_inside);
        Self { runtime, invoker, server, world, _generation }
    }

    async fn ask(&self, method: &str, path: &str) -> Result<Answer, Error> {
        let body = if method == "POST" { invoke::full("question") } else { invoke::empty() };
        let request: Request<Body> = Request::builder().method(method).uri(path).body(body).unwrap();
        let invocation = Invocation {
            request_id: "r".into(),
            version: Arc::clone(&self.world.version),
            request,
            upgrade: false,
            http2: false,
            hints: None,
            timeout: Duration::from_secs(20),
            source: Source::Gateway,
            held: Duration::ZERO,
        };
        let (head, body) = self.invoker.invoke(invocation).await?.into_parts();
        let body = match body.collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) => Err(error.downcast::<Error>().expect("an error of ours").kind),
        };
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

/// What the caller got.
#[derive(Debug)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Result<Bytes, Kind>,
}

thread_local! {
    static STAGE: Stage = Stage::new();
}

fuzz_target!(|input: &[u8]| -> Corpus {
    let Some(script) = Script::read(input) else { return Corpus::Reject };
    let told = response(&script.answer, script.method, script.closes);
    let middle = input.iter().fold(7, |sum: usize, &byte| sum.wrapping_mul(31).wrapping_add(byte.into())) % input.len();
    for piece in [usize::MAX, middle.max(1), 1] {
        same(&read(&script, piece), &told, &script);
    }
    STAGE.with(|stage| stage.runtime.block_on(play(stage, script)));
    Corpus::Keep
});

/// What the reader of responses makes of an answer.
#[derive(Debug)]
enum Read {
    More,
    Malformed,
    Whole { head: Head, interim: usize, content: Vec<u8>, length: usize },
}

/// Reads an answer that comes in such pieces.
fn read(script: &Script, piece: usize) -> Read {
    let limits = Limits { bytes: 64 * 1024, fields: 100 };
    let mut arriving = script.answer.chunks(piece.min(script.answer.len().max(1)));
    let (mut bytes, mut reader, mut interim, mut arrived) = (BytesMut::new(), Reader::default(), 0, 0);
    let mut more = |bytes: &mut BytesMut| {
        let piece = arriving.next();
        bytes.extend_from_slice(piece.unwrap_or_default());
        arrived += piece.map_or(0, <[u8]>::len);
        piece.map(|_| arrived)
    };
    let head = loop {
        match reader.read(&mut bytes, limits) {
            Err(_) => return Read::Malformed,
            Ok(Some(head)) if head.status.is_informational() && head.status != StatusCode::SWITCHING_PROTOCOLS => {
                interim += 1;
            }
            Ok(Some(head)) => break head,
            Ok(None) if more(&mut bytes).is_some() => {}
            Ok(None) => return Read::More,
        }
    };
    let framing = if script.method == "HEAD" { Framing::Length(0) } else { head.framing };
    let (mut body, mut content) = (body::Reader::from(framing), Vec::new());
    loop {
        match body.next(&mut bytes) {
            Err(_) => return Read::Malformed,
            Ok(Piece::Data(data)) => content.extend_from_slice(&data),
            Ok(Piece::End | Piece::Trailers(_)) => break,
            Ok(Piece::More) if more(&mut bytes).is_some() => {}
            Ok(Piece::More) if script.closes && body.may_end_here() => break,
            Ok(Piece::More) => return Read::More,
        }
    }
    let rest = bytes.len() + arriving.map(<[u8]>::len).sum::<usize>();
    Read::Whole { head, interim, content, length: script.answer.len() - rest }
}

/// The reader agrees with the second opinion; it may know earlier that something is wrong.
fn same(read: &Read, told: &Reading<Told>, script: &Script) {
    let shown = script.answer.escape_ascii();
    match (read, told) {
        (Read::Malformed, Reading::Bad(_) | Reading::Incomplete) | (Read::More, Reading::Incomplete) => {}
        // After a switch it is no longer HTTP.
        (_, Reading::Whole(told)) if told.status == 101 => {}
        (Read::Whole { head, interim, content, length }, Reading::Whole(told)) => {
            assert_eq!((head.status.as_u16(), *interim, *length), (told.status, told.interim, told.length), "{shown}");
            assert_eq!(*content, told.body.content, "{shown}");
            let keeps = head.keep_alive && told.framing != Says::Close;
            assert!(keeps == told.keeps || told.odd, "{shown}");
            assert_eq!(head.headers.len(), told.head.fields.len());
            for name in head.headers.keys() {
                let theirs: Vec<&[u8]> = head.headers.get_all(name).iter().map(|value| value.as_bytes()).collect();
                assert_eq!(theirs, told.head.all(name.as_str()).collect::<Vec<_>>(), "{name} of {shown}");
            }
        }
        (read, told) => {
            assert!(!is_plain(told) && matches!(read, Read::Malformed), "{read:?}, but {told:?} of {shown}")
        }
    }
}

async fn play(stage: &Stage, script: Script) {
    *stage.server.script.lock().unwrap() = Some(script.clone());
    *stage.server.reused.lock().unwrap() = false;
    let got = stage.ask(script.method, "/fuzzed").await;
    // The connection's own task looks at what else came.
    tokio::time::sleep(Duration::from_millis(5)).await;
    let next = stage.ask("GET", "/next").await.expect("the next request is not answered");
    assert_eq!(next.body.as_deref(), Ok(OWN.as_bytes()), "the next request got somebody else's answer");
    let told = response(&script.answer, script.method, script.closes);
    // Kept connections are too old for the next input.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let reused = *stage.server.reused.lock().unwrap();
    if reused {
        let clean = matches!(&told, Reading::Whole(told) if told.keeps && told.length == script.answer.len());
        assert!(clean, "the connection is used again: {told:?} of {}", script.answer.escape_ascii());
    }
    judge(got, &told, &script);
}

fn judge(got: Result<Answer, Error>, told: &Reading<Told>, script: &Script) {
    let shown = script.answer.escape_ascii();
    let answer = match got {
        Ok(answer) => answer,
        Err(error) => {
            assert!(is_functions_fault(error.kind), "{error:?} for {shown}");
            assert!(!is_plain(told), "{error:?} {:?} for {shown}", error.detail);
            return;
        }
    };
    assert!(!answer.status.is_informational(), "{answer:?} for {shown}");
    unambiguous(&answer, script);
    match (told, &answer.body) {
        (Reading::Whole(told), Ok(body)) => {
            assert_eq!(answer.status.as_u16(), told.status, "for {shown}");
            assert_eq!(body[..], told.body.content, "for {shown}");
        }
        (_, Err(kind)) => {
            assert!(is_functions_fault(*kind), "{kind:?} for {shown}");
            assert!(!is_plain(told), "{kind:?} for {shown}");
        }
        (told, Ok(_)) => panic!("passed on as complete and unambiguous: {told:?} of {shown}"),
    }
}

fn is_functions_fault(kind: Kind) -> bool {
    matches!(kind, Kind::BadResponse | Kind::TimedOut | Kind::ResponseTooLarge)
}

/// A response that there is no reason to refuse.
fn is_plain(told: &Reading<Told>) -> bool {
    let Reading::Whole(told) = told else { return false };
    let legal = (200..600).contains(&told.status) && told.head.fields.len() <= 50 && told.interim <= 3;
    legal && !told.body.large && !told.odd && told.length - told.body.length < 16 * 1024
}

/// No header that speaks of the connection or in our name, and no second word on the body's length.
fn unambiguous(answer: &Answer, script: &Script) {
    for name in answer.headers.keys() {
        let plain = name.as_str().replace('_', "-");
        let ours = plain.starts_with("x-cff-");
        let hop = ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];
        assert!(!ours && !hop.contains(&plain.as_str()), "{name} is passed on: {}", script.answer.escape_ascii());
    }
    let lengths: Vec<_> = answer.headers.get_all("content-length").iter().collect();
    assert!(lengths.len() <= 1, "two lengths: {}", script.answer.escape_ascii());
    let silent = script.method == "HEAD" || matches!(answer.status.as_u16(), 204 | 304);
    if let ([length], Ok(body), false) = (&lengths[..], &answer.body, silent) {
        assert_eq!(length.as_bytes(), body.len().to_string().as_bytes(), "{}", script.answer.escape_ascii());
    }
}
