//! HTTP/2 without TLS, by a client that knows it in advance (RFC 9113, 3.3), in front of a function that speaks HTTP/1.1.

use std::net::SocketAddr;

use bytes::Bytes;
use h2::client::{SendRequest, handshake};
use http::{HeaderMap, Request, Response};
use tokio::time::timeout;

use super::probes::Verdict;
use super::wire::PATIENCE;
use super::world::{Front, Play, token};
use crate::client::run;

/// Streams that are open at the same time.
const STREAMS: usize = 20;

/// Whether all of it works on the port that speaks HTTP/1.1.
pub(crate) fn speaks(front: &Front) -> Verdict {
    if front.name == "direct" {
        return Err("not spoken by the function".to_owned());
    }
    let same_port = run(all(front, front.address));
    match (same_port, front.http2) {
        (Err(_), Some(address)) => match run(all(front, address)) {
            Ok(()) => Err("only on a port of its own".to_owned()),
            Err(why) => Err(format!("only on a port of its own: {why}")),
        },
        (verdict, _) => verdict,
    }
}

async fn all(front: &Front, address: SocketAddr) -> Verdict {
    let mut client = connect(address).await?;
    plain(&mut client).await?;
    trailers(&mut client).await?;
    down(front, &mut client).await?;
    up(&mut client).await?;
    many(front, &mut client).await?;
    limit("an early answer", early(front, &mut client)).await
}

/// A client on a new connection.
pub(crate) async fn connect(address: SocketAddr) -> Result<SendRequest<Bytes>, String> {
    let stream = tokio::net::TcpStream::connect(address).await.map_err(|error| error.to_string())?;
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

fn expect(held: bool, words: impl Into<String>) -> Verdict {
    if held { Ok(()) } else { Err(words.into()) }
}

async fn plain(client: &mut SendRequest<Bytes>) -> Verdict {
    let mut asked = request("GET", "/seen?a=%20b");
    asked.headers_mut().insert("cookie", "a=1".parse().unwrap());
    asked.headers_mut().insert("x_cff_request_id", "forged".parse().unwrap());
    let (response, _) = send(client, asked, true).await?;
    let response = limit("an answer", whole(response)).await?.0;
    let seen = response.body().to_ascii_lowercase();
    expect(response.status() == 200 && seen.starts_with("get /seen?a=%20b http/1.1\r\n"), "the request is changed")?;
    expect(seen.contains("\r\nhost: a\r\n"), "the authority is not the function's Host")?;
    expect(seen.contains("\r\ncookie: a=1\r\n"), "a header is lost")?;
    expect(!seen.contains("forged"), "a name of the platform's is passed on")
}

async fn trailers(client: &mut SendRequest<Bytes>) -> Verdict {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n";
    let play = Play::new().send(head).send("3\r\nabc\r\n0\r\nX-Sum: 6\r\n\r\n");
    let mut asked = request("GET", &play.path());
    asked.headers_mut().insert("te", "trailers".parse().unwrap());
    let (response, _) = send(client, asked, true).await?;
    let (response, trailers) = limit("an answer", whole(response)).await?;
    expect(response.body() == "abc", "the body before trailers is changed")?;
    expect(trailers.is_some_and(|trailers| trailers.get("x-sum").is_some_and(|sum| sum == "6")), "drops trailers")
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

/// The function holds the first piece before the client sends the second.
async fn up(client: &mut SendRequest<Bytes>) -> Verdict {
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
