//! HTTP/2, by a client that knows it in advance (RFC 9113, 3.3) or agrees on it with TLS, in front of a function that speaks HTTP/1.1.

use std::future::poll_fn;
use std::net::SocketAddr;

use bytes::Bytes;
use h2::client::{SendRequest, handshake};
use http::{HeaderMap, Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::certificate::Certificate;
use super::probes::{Ask, LARGE, Semantic, Verdict, expect, large_body};
use super::wire::PATIENCE;
use super::world::{Front, Play, token};
use crate::client::run;

/// Streams that are open at the same time.
const STREAMS: usize = 20;

/// The rows.
pub(crate) static SEMANTICS: [Semantic; 12] = [
    row("spoken on the port of HTTP/1.1", same_port),
    row("a request is what it was, and nobody sets X-CFF-Request-Id", |front| with(front, plain)),
    row("pieces of an answer are passed on at once", |front| with(front, down)),
    row("the head is passed on before the body begins", |front| with(front, head_first)),
    row("response trailers", |front| with(front, trailers)),
    row("a request body reaches the function while it is being sent", |front| with(front, up)),
    row("32 MB upload", |front| with(front, large)),
    row("103 Early Hints before the answer", |front| with(front, early_hints)),
    row("413 from the function in mid-upload; the connection goes on", |front| with(front, early)),
    row("20 streams are in the function at the same time", |front| with(front, many)),
    row("a stream that its client gives up ends at the function; the connection goes on", |front| {
        with(front, given_up)
    }),
    row("an answer that breaks off is seen to break off; the connection goes on", |front| with(front, broken_off)),
];

const fn row(name: &'static str, probe: fn(&Front) -> Verdict) -> Semantic {
    Semantic { name, ask: Ask::Probe(probe) }
}

/// Asks on a connection of its own.
fn with(front: &Front, probe: impl AsyncFn(&Front, &mut SendRequest<Bytes>) -> Verdict) -> Verdict {
    run(async {
        let mut client = connect(front, front.http2.unwrap_or(front.address)).await?;
        limit("an answer", probe(front, &mut client)).await
    })
}

fn same_port(front: &Front) -> Verdict {
    match run(connect(front, front.address)) {
        Err(_) if front.http2.is_some() => Err("only on a port of its own".to_owned()),
        client => client.map(drop),
    }
}

/// A client on a new connection.
async fn connect(front: &Front, address: SocketAddr) -> Result<SendRequest<Bytes>, String> {
    let stream = tokio::net::TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    // As clients of HTTP/2 do: what is left of a full window would wait for an acknowledgement, each time.
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    match &front.tls {
        None => over(stream).await,
        Some(certificate) => {
            let connector = TlsConnector::from(certificate.config(b"h2"));
            over(connector.connect(Certificate::name(), stream).await.map_err(broken("TLS"))?).await
        }
    }
}

async fn over<S>(stream: S) -> Result<SendRequest<Bytes>, String>
where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let (client, connection) = handshake(stream).await.map_err(|_| "not spoken".to_owned())?;
    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(async move { connection.await.unwrap_or_default() });
    // The first answer of the other side tells whether it understands the preface.
    let mut probe = client.clone().ready().await.map_err(|_| "not spoken".to_owned())?;
    let (response, _) = probe.send_request(request("GET", "/hello"), true).map_err(|_| "not spoken".to_owned())?;
    let response = timeout(PATIENCE, response).await;
    response.map_err(|_| "not spoken".to_owned())?.map_err(|_| "not spoken".to_owned())?;
    Ok(client)
}

pub(crate) fn request(method: &str, path: &str) -> Request<()> {
    Request::builder().method(method).uri(format!("http://a{path}")).body(()).unwrap()
}

async fn limit<T>(what: &str, future: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    timeout(PATIENCE, future).await.unwrap_or_else(|_| Err(format!("{what} does not come")))
}

/// What went wrong, in words that are the same each time.
fn broken<E: std::fmt::Display>(what: &str) -> impl FnOnce(E) -> String {
    move |error| format!("{what}: {error}")
}

type Stream = (h2::client::ResponseFuture, h2::SendStream<Bytes>);

async fn send(client: &mut SendRequest<Bytes>, request: Request<()>, end: bool) -> Result<Stream, String> {
    let mut client = client.clone().ready().await.map_err(broken("the connection"))?;
    client.send_request(request, end).map_err(broken("a request"))
}

/// The whole response: head, body, trailers.
async fn whole(future: h2::client::ResponseFuture) -> Result<(Response<String>, Option<HeaderMap>), String> {
    let (head, mut stream) = future.await.map_err(broken("a response"))?.into_parts();
    let mut body = Vec::new();
    while let Some(piece) = stream.data().await {
        let piece = piece.map_err(broken("a body"))?;
        stream.flow_control().release_capacity(piece.len()).map_err(broken("flow control"))?;
        body.extend_from_slice(&piece);
    }
    let trailers = stream.trailers().await.map_err(broken("trailers"))?;
    Ok((Response::from_parts(head, String::from_utf8_lossy(&body).into_owned()), trailers))
}

async fn text(client: &mut SendRequest<Bytes>, path: &str) -> Result<Response<String>, String> {
    let (response, _) = send(client, request("GET", path), true).await?;
    limit("an answer", whole(response)).await.map(|(response, _)| response)
}

async fn plain(_: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let mut asked = request("GET", "/seen?a=%20b");
    asked.headers_mut().insert("cookie", "a=1".parse().unwrap());
    asked.headers_mut().insert("x_cff_request_id", "forged".parse().unwrap());
    let (response, _) = send(client, asked, true).await?;
    let response = limit("an answer", whole(response)).await?.0;
    let seen = response.body().to_ascii_lowercase();
    expect(response.status() == 200 && seen.starts_with("get /seen?a=%20b http/1.1\r\n"), "the request is changed")?;
    expect(seen.contains("\r\nhost: a\r\n"), "the authority is not the function's Host")?;
    expect(seen.contains("\r\ncookie: a=1\r\n"), "a header is lost")?;
    expect(!seen.contains("forged"), "passed on, spelt with underscores")
}

async fn trailers(_: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n";
    let play = Play::new().send(head).send("3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n");
    let mut asked = request("GET", &play.path());
    asked.headers_mut().insert("te", "trailers".parse().unwrap());
    let (response, _) = send(client, asked, true).await?;
    let (response, trailers) = limit("an answer", whole(response)).await?;
    expect(response.body() == "abc", "the body before trailers is changed")?;
    expect(trailers.is_some_and(|trailers| trailers.get("x-sum").is_some_and(|sum| sum == "6")), "dropped")
}

/// The client holds the first piece before the function sends the second.
async fn down(front: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let next = token();
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let play = Play::new().send(head).send("1\r\na\r\n").wait(&next).send("1\r\nb\r\n0\r\n\r\n");
    let (response, _) = send(client, request("GET", &play.path()), true).await?;
    let first = limit("a first piece", async {
        let mut body = response.await.map_err(broken("a response"))?.into_body();
        let piece = body.data().await.ok_or("no body")?.map_err(broken("a body"))?;
        Ok((body, piece))
    })
    .await;
    front.go(&next);
    let (mut body, first) = first?;
    let second =
        limit("a second piece", async { body.data().await.ok_or("no end")?.map_err(broken("a body")) }).await?;
    expect((&first[..], &second[..]) == (b"a", b"b"), "the pieces are changed")
}

/// The client holds the head before the function sends anything of the body.
async fn head_first(front: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let next = token();
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let play = Play::new().send(head).wait(&next).send("1\r\na\r\n0\r\n\r\n");
    let (response, _) = send(client, request("GET", &play.path()), true).await?;
    let head = timeout(PATIENCE / 2, response).await;
    front.go(&next);
    match head {
        Ok(head) => head.map(drop).map_err(broken("a response")),
        Err(_) => Err("the head is held back until the first byte of the body".to_owned()),
    }
}

async fn large(_: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let (body, sum) = large_body();
    let mut asked = request("POST", "/sum");
    asked.headers_mut().insert("content-length", LARGE.into());
    let (response, mut sender) = send(client, asked, false).await?;
    let mut left = Bytes::from_static(body);
    while !left.is_empty() {
        sender.reserve_capacity(left.len());
        match poll_fn(|cx| sender.poll_capacity(cx)).await {
            Some(Ok(room)) => {
                let piece = left.split_to(room.min(left.len()));
                sender.send_data(piece, left.is_empty()).map_err(broken("data"))?;
            }
            _ => break, // refused in the middle: the answer is there
        }
    }
    let (response, _) = whole(response).await?;
    expect(response.status() == 200, format!("answered {}", response.status().as_u16()))?;
    expect(response.body() == sum, "what arrives is not what was sent")
}

async fn early_hints(front: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let next = token();
    let hints = "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n";
    let play = Play::new().send(hints).wait(&next).send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    let (mut response, _) = send(client, request("GET", &play.path()), true).await?;
    let first = timeout(PATIENCE / 2, poll_fn(|cx| response.poll_informational(cx))).await;
    front.go(&next);
    let last = limit("an answer", whole(response)).await;
    let came = matches!(&first, Ok(Some(Ok(hint))) if hint.status() == 103 && hint.headers().contains_key("link"));
    let (last, _) = last.map_err(|_| "no answer at all".to_owned())?;
    expect(last.status() == 200, format!("answered {}", last.status().as_u16()))?;
    expect(last.body() == "ok", "taken for the answer: 200 comes as its body")?;
    expect(came, "dropped")
}

/// The function notices, and only this stream is over.
async fn given_up(_: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let gone = token();
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n";
    let (response, mut stream) = send(client, request("GET", &Play::new().send(head).gone(&gone).path()), true).await?;
    let response = response.await.map_err(broken("a response"))?;
    stream.send_reset(h2::Reason::CANCEL);
    drop((response, stream));
    let play = Play::new().wait(&gone).send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngone");
    let next = text(client, &play.path()).await.map_err(|_| "goes on at the function".to_owned())?;
    expect(next.body() == "gone", "goes on at the function")
}

async fn broken_off(_: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n";
    let (response, _) = send(client, request("GET", &Play::new().send(head).close().path()), true).await?;
    expect(whole(response).await.is_err(), "looks complete")?;
    let next = text(client, "/next").await.map_err(|_| "takes the connection with it".to_owned())?;
    expect(next.body().starts_with("GET /next "), "takes the connection with it")
}

/// The function holds the first piece before the client sends the second.
async fn up(_: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    let play = Play::new().receive(5).send(head).send("3\r\ngot\r\n").body().send("3\r\nall\r\n0\r\n\r\n");
    let (response, mut sender) = send(client, request("POST", &play.path()), false).await?;
    sender.send_data(Bytes::from_static(b"first"), false).map_err(broken("data"))?;
    let early = limit("an answer in mid-upload", async {
        let mut body = response.await.map_err(broken("a response"))?.into_body();
        let piece = body.data().await.ok_or("no body")?.map_err(broken("a body"))?;
        Ok((body, piece))
    })
    .await;
    sender.send_data(Bytes::from_static(b"second"), true).map_err(broken("data"))?;
    let (mut body, first) = early?;
    let last = limit("the end", async { body.data().await.ok_or("no end")?.map_err(broken("a body")) }).await?;
    expect((&first[..], &last[..]) == (b"got", b"all"), "the pieces are changed")
}

/// All streams are in the function at the same time: none ends before each has begun.
async fn many(front: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let tokens: Vec<String> = (0..STREAMS).map(|_| token()).collect();
    let mut bodies = Vec::new();
    for (number, token) in tokens.iter().enumerate() {
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
        let last = format!("4\r\n{number:04}\r\n0\r\n\r\n");
        let play = Play::new().send(head).send("1\r\na\r\n").wait(token).send(last);
        let (response, _) = send(client, request("GET", &play.path()), true).await?;
        bodies.push(limit("a stream beside others", async { response.await.map_err(broken("a response")) }).await?);
    }
    for token in tokens.iter().rev() {
        front.go(token);
    }
    for (number, response) in bodies.into_iter().enumerate() {
        let mut body = response.into_body();
        let mut text = String::new();
        while let Some(piece) = limit("a body", async { Ok(body.data().await) }).await? {
            let piece = piece.map_err(broken("a body"))?;
            body.flow_control().release_capacity(piece.len()).map_err(broken("flow control"))?;
            text.push_str(&String::from_utf8_lossy(&piece));
        }
        expect(text == format!("a{number:04}"), "streams are mixed up")?;
    }
    Ok(())
}

/// A 413 in mid-upload ends the stream, not the connection.
async fn early(front: &Front, client: &mut SendRequest<Bytes>) -> Verdict {
    let done = token();
    let answer = "HTTP/1.1 413 Content Too Large\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbig";
    let play = Play::new().send(answer).wait(&done).close();
    let (response, mut sender) = send(client, request("POST", &play.path()), false).await?;
    sender.send_data(Bytes::from_static(b"0123456789"), false).map_err(broken("data"))?;
    let response = whole(response).await;
    front.go(&done);
    let response = response?.0;
    expect(response.status() == 413 && response.body() == "big", "an early answer is changed")?;
    let next = text(client, "/next").await?;
    expect(next.body().starts_with("GET /next "), "the connection serves nothing after an early answer")
}
