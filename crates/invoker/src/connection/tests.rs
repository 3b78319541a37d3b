use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use http::{HeaderMap, Request};
use http_body::Frame;
use http_body_util::{BodyExt as _, StreamBody};
use model::Kind;
use model::invoke::{Body, BodyError, Invocation, Invoke as _, Reason, Source, empty, full};
use parking_lot::Mutex;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf};
use tokio::time::{Instant, sleep};

use super::*;
use crate::Config;
use crate::launch::Io;
use crate::testing::{Behaviour, World, kind, ms, ok, read, repeat, says, secs, serves, speaks, text, version};

fn request(method: Method, body: Body) -> Request<Body> {
    let mut request = Request::new(body);
    *request.method_mut() = method;
    request
}

/// A body that comes in these pieces, and then ends with these trailers, if any.
fn pieces(pieces: &[&'static str], trailers: Option<(&'static str, &'static str)>) -> Body {
    let data = pieces.iter().map(|piece| Frame::data(Bytes::from_static(piece.as_bytes()))).collect::<Vec<_>>();
    let trailers = trailers.map(|(name, value)| {
        let pair = (http::HeaderName::from_static(name), http::HeaderValue::from_static(value));
        Frame::trailers(HeaderMap::from_iter([pair]))
    });
    model::invoke::body(StreamBody::new(stream::iter(data.into_iter().chain(trailers).map(Ok::<_, BodyError>))))
}

/// Answers each request on a connection with these bytes, without closing it.
fn always(answer: &'static [u8]) -> Behaviour {
    speaks(move |mut stream| async move { repeat(&mut stream, |_| answer).await })
}

/// How many connections three requests in a row take to a server that answers so.
async fn check_kept(answer: &'static [u8], method: Method, expect: usize) {
    let world = World::new(Config::default(), always(answer));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    for _ in 0..3 {
        let (status, body) = world.send(&version, request(method.clone(), empty())).await.unwrap();
        assert!(status < 400 && !body.contains("HTTP"), "{body}");
        sleep(ms(1)).await;
    }
    let connects = world.puppet(0).connects.load(Ordering::Relaxed);
    assert_eq!(connects, expect, "{}", String::from_utf8_lossy(answer));
}

#[tokio::test(start_paused = true)]
async fn a_connection_is_kept_if_the_response_ends_where_it_says() {
    let get = || Method::GET;
    check_kept(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", get(), 1).await;
    check_kept(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", get(), 1).await;
    check_kept(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\na: b\r\n\r\n", get(), 1).await;
    check_kept(b"HTTP/1.0 200 OK\r\nconnection: keep-alive\r\ncontent-length: 2\r\n\r\nok", get(), 1).await;
    check_kept(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", Method::HEAD, 1).await;
    check_kept(b"HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n", get(), 1).await;
    check_kept(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", get(), 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_said_more_or_wants_an_end_is_not_used_again() {
    let get = || Method::GET;
    let response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil";
    check_kept(response, get(), 3).await;
    check_kept(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok\r\n", get(), 3).await;
    check_kept(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\nx", get(), 3).await;
    check_kept(b"HTTP/1.1 204 No Content\r\n\r\nbody", get(), 3).await;
    check_kept(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nbody", Method::HEAD, 3).await;
    check_kept(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok", get(), 3).await;
    check_kept(b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", get(), 3).await;
}

#[tokio::test(start_paused = true)]
async fn what_comes_while_nobody_asks_is_no_answer() {
    let junk = speaks(|mut stream| async move {
        drop(stream.read(&mut [0; 4096]).await);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await.unwrap();
        sleep(ms(5)).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil").await.unwrap();
        std::future::pending::<()>().await;
    });
    let world = World::new(Config::default(), junk);
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    for _ in 0..3 {
        assert_eq!(world.send(&version, request(Method::POST, full("x"))).await.unwrap(), ok("ok"));
        sleep(ms(10)).await;
    }
    assert_eq!(world.puppet(0).connects.load(Ordering::Relaxed), 3);
}

#[tokio::test(start_paused = true)]
async fn a_body_to_the_end_of_the_connection_ends_there() {
    let world = World::new(Config::default(), says(b"HTTP/1.1 200 OK\r\n\r\nall there is"));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    assert_eq!(world.get(&version).await.unwrap(), ok("all there is"));
    assert_eq!(world.get(&version).await.unwrap(), ok("all there is"));
    assert_eq!(world.puppet(0).connects.load(Ordering::Relaxed), 2);
}

/// What a server reads of this request, without the platform's headers and those of an ordinary request.
async fn check_sent(request: Request<Body>, end: &'static str, expect: &str) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&seen);
    let world = World::new(
        Config::default(),
        speaks(move |mut stream| {
            let seen = Arc::clone(&noted);
            async move {
                while !seen.lock().ends_with(end.as_bytes()) {
                    let byte = stream.read_u8().await.unwrap();
                    seen.lock().push(byte);
                }
                drop(stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await);
                std::future::pending::<()>().await;
            }
        }),
    );
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    assert_eq!(world.send(&version, request).await.unwrap(), ok("ok"));
    let seen = String::from_utf8(seen.lock().clone()).unwrap();
    let ours = |line: &&str| !line.starts_with("x-cff-") && !line.starts_with("host: ");
    assert_eq!(seen.split("\r\n").filter(ours).collect::<Vec<_>>().join("\n"), expect);
}

#[tokio::test(start_paused = true)]
async fn a_request_says_how_long_its_body_is() {
    let end = "\r\n\r\n";
    check_sent(request(Method::GET, empty()), end, "GET / HTTP/1.1\n\n").await;
    check_sent(request(Method::DELETE, empty()), end, "DELETE / HTTP/1.1\n\n").await;
    check_sent(request(Method::POST, empty()), end, "POST / HTTP/1.1\ncontent-length: 0\n\n").await;
    check_sent(request(Method::POST, full("abc")), "abc", "POST / HTTP/1.1\ncontent-length: 3\n\nabc").await;
    check_sent(request(Method::GET, full("abc")), "abc", "GET / HTTP/1.1\ncontent-length: 3\n\nabc").await;
    let chunked = request(Method::GET, pieces(&["abc", "", "defg"], None));
    let expect = "GET / HTTP/1.1\ntransfer-encoding: chunked\n\n3\nabc\n4\ndefg\n0\n\n";
    check_sent(chunked, "\r\n0\r\n\r\n", expect).await;
    let mut lying = request(Method::POST, full("abc"));
    lying.headers_mut().insert("content-length", "7".parse().unwrap());
    lying.headers_mut().insert("transfer-encoding", "gzip".parse().unwrap());
    check_sent(lying, "abc", "POST / HTTP/1.1\ncontent-length: 3\n\nabc").await;
}

#[tokio::test(start_paused = true)]
async fn the_trailers_of_a_request_are_sent_but_those_that_only_a_head_may_have() {
    let with = |name, value| {
        let mut request = request(Method::PUT, pieces(&["abc"], Some((name, value))));
        request.headers_mut().insert("trailer", http::HeaderValue::from_static(name));
        request
    };
    let expect = "PUT / HTTP/1.1\ntrailer: sum\ntransfer-encoding: chunked\n\n3\nabc\n0\nsum: 1\n\n";
    check_sent(with("sum", "1"), "sum: 1\r\n\r\n", expect).await;
    let expect = "PUT / HTTP/1.1\ntrailer: x-cff-region\ntransfer-encoding: chunked\n\n3\nabc\n0\n\n";
    check_sent(with("x-cff-region", "forged"), "\r\n0\r\n\r\n", expect).await;
}

#[tokio::test(start_paused = true)]
async fn informational_responses_are_passed_on_before_the_answer() {
    let mut answers = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n".to_vec();
    for _ in 0..20 {
        answers.extend(
            b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\nconnection: x-hop\r\nx-hop: 1\r\nx-cff-region: z\r\n\r\n",
        );
    }
    answers.extend(b"HTTP/1.1 299 Fine By Me\r\ncontent-length: 2\r\n\r\nok");
    let world = World::new(Config::default(), says(answers.leak()));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let hints = Hints::default();
    let invocation = Invocation {
        request_id: "id".into(),
        version: Arc::clone(&version),
        request: request(Method::GET, empty()),
        upgrade: false,
        http2: false,
        hints: Some(hints.clone()),
        timeout: secs(20),
        source: Source::Gateway,
        held: Duration::ZERO,
    };
    let response = world.invoker.invoke(invocation).await.unwrap();
    let reason = response.extensions().get::<Reason>().unwrap().clone();
    assert_eq!((response.status().as_u16(), &reason.0[..]), (299, &b"Fine By Me"[..]));
    assert_eq!(read(response).await.unwrap().1, "ok");
    let came = hints.take();
    let came: Vec<_> = came.iter().map(|hint| (hint.status().as_u16(), hint.headers().len())).collect();
    assert_eq!(came, [&[(102, 0)][..], &[(103, 1); 15]].concat());
}

/// Pieces that never end, each of 10,000 bytes.
fn endless() -> Body {
    let pieces = stream::repeat_with(|| Ok::<_, BodyError>(Frame::data(Bytes::from_static(&[b'x'; 10_000]))));
    model::invoke::body(StreamBody::new(pieces))
}

/// Answers before it has read the request, and then closes the connection, reads the rest or does neither.
async fn hasty(mut stream: DuplexStream, closes: bool, reads: bool) {
    let mut bytes = vec![0; 40_000];
    drop(stream.read(&mut bytes).await);
    let answer = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig";
    stream.write_all(answer).await.unwrap();
    while reads && !matches!(stream.read(&mut bytes).await, Ok(0) | Err(_)) {}
    if !closes {
        std::future::pending::<()>().await;
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_before_the_end_of_the_request_is_passed_on_and_ends_it() {
    for (closes, reads) in [(false, false), (true, false), (false, true)] {
        let world = World::new(Config::default(), speaks(move |stream| hasty(stream, closes, reads)));
        let version = version("f", 1, |_| {});
        world.publish(&[&version]);
        for _ in 0..2 {
            let answer = world.send(&version, request(Method::POST, endless())).await.unwrap();
            assert_eq!(answer, (413, "big".to_owned()), "closes: {closes}, reads: {reads}");
        }
        assert_eq!((world.states(), world.puppet(0).connects.load(Ordering::Relaxed)), (vec!["idle 0".into()], 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_in_the_middle_of_a_request_serves_no_other() {
    let world = World::new(Config::default(), always(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let first = stream::iter([Ok::<_, BodyError>(Frame::data(Bytes::from_static(b"abc")))]);
    let stalled = model::invoke::body(StreamBody::new(first.chain(stream::pending())));
    assert_eq!(world.send(&version, request(Method::POST, stalled)).await.unwrap(), ok("ok"));
    assert_eq!(world.get(&version).await.unwrap(), ok("ok"));
    assert_eq!(world.puppet(0).connects.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_response_may_stream_while_its_request_does() {
    let world = World::new(
        Config::default(),
        serves(|request| async move { Response::new(model::invoke::body(request.into_body())) }),
    );
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let body = model::invoke::body(StreamBody::new(
        stream::iter(0..500).map(|_| Ok::<_, BodyError>(Frame::data(Bytes::from_static(&[b'x'; 10_000])))),
    ));
    let (status, text) = world.send(&version, request(Method::POST, body)).await.unwrap();
    assert_eq!((status, text.len()), (200, 5_000_000));
    assert_eq!(world.puppet(0).connects.load(Ordering::Relaxed), 1);
    assert_eq!(world.get(&version).await.unwrap(), ok(""));
    assert_eq!(world.puppet(0).connects.load(Ordering::Relaxed), 1, "both sides have said all");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_is_not_as_long_as_it_says_is_the_caller_s_fault() {
    struct Says(Body, u64);
    impl http_body::Body for Says {
        type Data = Bytes;
        type Error = BodyError;
        fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
            Pin::new(&mut self.0).poll_frame(cx)
        }
        fn size_hint(&self) -> http_body::SizeHint {
            http_body::SizeHint::with_exact(self.1)
        }
    }
    let world = World::new(
        Config::default(),
        serves(|request| async move {
            drop(request.into_body().collect().await);
            text("hello")
        }),
    );
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    for length in [4, 6] {
        let body = model::invoke::body(Says(pieces(&["hel", "lo"], None), length));
        let sent = world.send(&version, request(Method::POST, body)).await;
        assert_eq!(kind(sent), Some(Kind::Cancelled), "{length}");
    }
    let body = model::invoke::body(Says(pieces(&["hel", "lo"], None), 5));
    assert_eq!(world.send(&version, request(Method::POST, body)).await.unwrap(), ok("hello"));
}

/// A stream that counts how often the other side is told what came.
struct Told(DuplexStream, Arc<AtomicUsize>);

impl Io for Told {
    fn is_spent(&self) -> bool {
        false
    }

    fn acknowledge(&self) {
        self.1.fetch_add(1, Ordering::Relaxed);
    }

    fn adopted(self: Box<Self>) -> io::Result<Socket> {
        Ok(self)
    }
}

impl AsyncRead for Told {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Told {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

/// The server writes these pieces, each after the one before was read; so often it is told what came, before it says more.
async fn check_told(pieces: &[&str], expect: usize) {
    let (near, mut far) = tokio::io::duplex(4096);
    let told = Arc::new(AtomicUsize::new(0));
    let mut connection = Connection::new(Box::new(Told(near, Arc::clone(&told))), Alarm::default());
    let mut upload = Upload::new(empty(), false);
    let (parts, ()) = Request::new(()).into_parts();
    connection.begin(
        &parts,
        &Stamp::new(&version("f", 1, |_| {}), &crate::agencies::Agencies::default()),
        "id",
        &upload,
    );
    let mut cx = Context::from_waker(std::task::Waker::noop());
    let mut headed = connection.poll_head(&mut cx, &mut upload, None).is_ready();
    for piece in pieces {
        far.write_all(piece.as_bytes()).await.unwrap();
        headed = headed || connection.poll_head(&mut cx, &mut upload, None).is_ready();
        while headed && matches!(connection.poll_piece(&mut cx, &mut upload), Poll::Ready(Ok(Piece::Data(_)))) {}
    }
    assert!(headed && connection.is_over(), "{pieces:?}");
    assert_eq!(told.load(Ordering::Relaxed), expect, "{pieces:?}");
}

#[tokio::test]
async fn a_server_that_writes_in_pieces_hears_of_each_before_the_next() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n";
    check_told(&[&format!("{head}ok")], 0).await;
    check_told(&[head, "ok"], 1).await;
    check_told(&["HTTP/1.1 2", "00 OK\r\ncontent-length: 2\r\n\r\n", "o", "k"], 3).await;
}

/// As at the end of a drain: the thread that had the connection before has ended, and its runtime with it.
#[test]
fn a_connection_outlives_the_runtime_it_was_made_in() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let kept = Arc::new(Connections::default());
    let (near, _far) = tokio::io::duplex(64);
    let theirs = Arc::clone(&kept);
    let made = std::thread::spawn(move || {
        runtime().block_on(async {
            let mut connection = Box::new(Connection::new(Box::new(Told(near, Arc::default())), Alarm::default()));
            let later = Instant::now() + Duration::from_secs(60);
            assert!(!connection.alarm.rings(later, &mut Context::from_waker(std::task::Waker::noop())));
            theirs.keep(connection);
        });
    });
    made.join().unwrap();
    runtime().block_on(async {
        let mut connection = kept.take(Duration::from_secs(60)).unwrap();
        let soon = Instant::now() + Duration::from_millis(1);
        std::future::poll_fn(|cx| if connection.alarm.rings(soon, cx) { Poll::Ready(()) } else { Poll::Pending }).await;
    });
}
