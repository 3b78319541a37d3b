//! HTTP/2 to a user's server, without TLS and without asking first (h2c with prior knowledge, RFC 9113 section 3.3), as gRPC servers
//! speak it. What is told of HTTP/1.1 in [`crate::call`] holds here, too; where the protocols differ:
//!
//! - Requests share a connection, one a thread ([`links`]); each is a stream of its own ([`stream`]) and takes a slot of its own.
//! - A server says of a request that it did nothing for it (REFUSED_STREAM, GOAWAY): that one is sent again, once.
//! - A server is told that nobody waits for its answer (RST_STREAM), and asked whether it has heard so (PING).

use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use http::request::Parts;
use http::{HeaderValue, Request, Uri, Version, header};
use http1::body::Framing;
use tokio::time::{Instant, timeout_at};

use crate::call::{self, Answered, Call, NotAnswered};
use crate::pool::{End, Lease};
use crate::upload::Upload;
use crate::upstream::Upstream;

mod links;
mod stream;

pub(crate) use links::Links;
pub(crate) use stream::Stream;

/// As [`call::call`], to a server of HTTP/2.
pub(crate) async fn call(call: Call, upload: &mut Upload) -> Result<Answered, NotAnswered> {
    let Call { mut lease, request, request_id, hints, sent, deadline, .. } = call;
    let own = sent + lease.pool.version.config.timeout();
    let until = own.min(deadline);
    let head = head(&request, &lease, &request_id, upload);
    let (mut again, ended) = (false, upload.is_empty());
    loop {
        let mut stream = match timeout_at(until, begin(&lease, &head, ended)).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) if again => return Err(failed(lease, stream::broken(error), upload).await),
            Ok(Err(error)) => return Err(call::unreachable(lease, request, &error).await),
            Err(_) => return Err(NotAnswered::Failed(call::timed_out(&lease, own <= deadline))),
        };
        match timeout_at(until, poll_fn(|cx| stream.poll_head(cx, upload, hints.as_ref()))).await {
            Ok(Ok(head)) => {
                lease.answered();
                let (upstream, first_byte) = (Upstream::Http2(Box::new(stream)), sent.elapsed());
                return Ok(Answered { lease, upstream, head, first_byte, deadline: own, upgrade: None });
            }
            Ok(Err(why)) if !again && stream.may_be_repeated(&why, &request, upload) && upload.rewind() => again = true,
            Ok(Err(why)) => return Err(failed(lease, why, upload).await),
            Err(_) if upload.waits => return Err(NotAnswered::Failed(upload.too_slow())),
            Err(_) => {
                let error = call::timed_out(&lease, own <= deadline);
                // The rest of a request that is not complete will never come.
                let until = if upload.give_up() { Instant::now() } else { own };
                let site = Arc::clone(&lease.pool.site);
                site.tasks.spawn(overtime(lease, stream, until));
                return Err(NotAnswered::Failed(error));
            }
        }
    }
}

async fn failed(lease: Lease, why: crate::connection::Failed, upload: &mut Upload) -> NotAnswered {
    NotAnswered::Failed(call::explain(lease, why.into(), upload).await)
}

/// Sends the head of a request.
async fn begin(lease: &Lease, head: &Request<()>, ended: bool) -> io::Result<Stream> {
    let links = lease.instance.connections.http2();
    let kept = links.open(lease).await?;
    match kept.send(head.clone(), ended) {
        Ok(stream) => Ok(stream),
        // It was closed since, and nothing was sent.
        Err(_) => links.replace(lease).await?.send(head.clone(), ended).map_err(io::Error::other),
    }
}

/// Keeps the slot until the function has answered, or until its time is over and it was told so.
async fn overtime(lease: Lease, mut stream: Stream, until: Instant) {
    let mut upload = Upload::default();
    let exchanged = timeout_at(until, poll_fn(|cx| stream.poll_head(cx, &mut upload, None))).await;
    let grace = lease.pool.rules.grace;
    let end = if exchanged.is_ok() || stream.hang_up(grace).await { End::Over } else { End::TimedOut };
    drop(stream);
    lease.end(end);
}

/// The request as HTTP/2 has it: `Host` is the authority, nothing concerns a connection, and trailers need not be announced.
fn head(request: &Parts, lease: &Lease, request_id: &str, upload: &Upload) -> Request<()> {
    let mut head = Request::new(());
    *head.method_mut() = request.method.clone();
    *head.version_mut() = Version::HTTP_2;
    let mut headers = request.headers.clone();
    let host = headers.remove(header::HOST).and_then(|host| host.to_str().ok()?.parse().ok());
    let mut uri = Uri::builder().scheme("http");
    uri = uri.authority(host.unwrap_or_else(|| http::uri::Authority::from_static("127.0.0.1:8000")));
    uri = uri.path_and_query(request.uri.path_and_query().map_or("/", |target| target.as_str()));
    *head.uri_mut() = uri.build().unwrap_or_else(|_| Uri::from_static("http://127.0.0.1:8000/"));
    // What it takes in TE needs no `Connection` here (RFC 9113 section 8.2.2).
    headers.remove(header::CONNECTION);
    headers.remove(header::CONTENT_LENGTH);
    if let Some(Framing::Length(length)) = upload.framing(&request.method) {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
    }
    lease.pool.stamp.insert(&mut headers, request_id);
    *head.headers_mut() = headers;
    head
}

#[cfg(test)]
mod tests;
