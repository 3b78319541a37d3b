//! A user's server that reads and writes whole messages: requests from one connection, one after the other, answered by a closure.

use std::future::poll_fn;

use bytes::{Buf as _, Bytes};
use futures_util::stream;
use http::{HeaderName, HeaderValue, Request, Response};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt as _, StreamBody};
use http1::body::{Framing, Piece, Reader};
use http1::outbox::Outbox;
use http1::{Inbox, write};
use model::invoke::{Body, BodyError};
use tokio::io::{DuplexStream, ReadHalf, WriteHalf};
use tokio::sync::mpsc;

type Pieces = mpsc::Sender<Result<Frame<Bytes>, BodyError>>;

/// Answers each request by `answer`, until the other side has ended its direction, answered or not.
pub(super) async fn serve<F>(stream: DuplexStream, answer: impl Fn(Request<Body>) -> F + Send + 'static)
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    let (mut read, mut write) = tokio::io::split(stream);
    let mut inbox = Inbox::default();
    while let Some((request, body)) = head(&mut inbox, &mut read).await {
        let (pieces, came) = mpsc::channel(1);
        let came = stream::unfold(came, |mut came| async { Some((came.recv().await?, came)) });
        let answered = answer(request.map(|()| model::invoke::body(StreamBody::new(came))));
        let mut whole = false;
        tokio::select! {
            biased;
            () = receive(&mut inbox, &mut read, body, pieces, &mut whole) => return,
            sent = async { respond(answered.await, &mut write).await } => if !sent { return },
        }
        if !whole {
            return;
        }
    }
}

async fn fill(inbox: &mut Inbox, read: &mut ReadHalf<DuplexStream>) -> bool {
    matches!(poll_fn(|cx| inbox.poll_fill(read, cx, 0)).await, Ok(1..))
}

/// A request and what follows it.
async fn head(inbox: &mut Inbox, read: &mut ReadHalf<DuplexStream>) -> Option<(Request<()>, Reader)> {
    let end = loop {
        match inbox.bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            Some(end) => break end,
            None if fill(inbox, read).await => {}
            None => return None,
        }
    };
    let text = String::from_utf8(inbox.bytes.split_to(end).to_vec()).unwrap();
    inbox.bytes.advance(4);
    let mut lines = text.split("\r\n");
    let mut words = lines.next().unwrap().split(' ');
    let mut request = Request::new(());
    *request.method_mut() = words.next().unwrap().parse().unwrap();
    *request.uri_mut() = words.next().unwrap().parse().unwrap();
    for (name, value) in lines.map(|line| line.split_once(": ").unwrap()) {
        request.headers_mut().append(name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap());
    }
    let length = request.headers().get("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap());
    let chunked = request.headers().contains_key("transfer-encoding");
    Some((request, if chunked { Framing::Chunked } else { Framing::Length(length) }.into()))
}

/// Passes the body on; done when the other side has ended its direction.
async fn receive(
    inbox: &mut Inbox,
    read: &mut ReadHalf<DuplexStream>,
    mut body: Reader,
    pieces: Pieces,
    whole: &mut bool,
) {
    loop {
        let frame = match body.next(&mut inbox.bytes).unwrap() {
            Piece::Data(bytes) => Frame::data(bytes),
            Piece::Trailers(trailers) => Frame::trailers(*trailers),
            Piece::End => break,
            Piece::More if fill(inbox, read).await => continue,
            Piece::More => return,
        };
        // The closure may not care.
        drop(pieces.send(Ok(frame)).await);
    }
    drop(pieces);
    *whole = true;
    while fill(inbox, read).await {}
}

/// Whether the response was sent whole.
async fn respond(response: Response<Body>, write: &mut WriteHalf<DuplexStream>) -> bool {
    let (head, mut body) = response.into_parts();
    let framing = body.size_hint().exact().map_or(Framing::Chunked, Framing::Length);
    let mut outbox = Outbox::default();
    let (status, headers) = (head.status, &head.headers);
    let said = write::Response { status, reason: None, headers, framing: Some(framing) };
    write::response(outbox.head(), &said, |_| {});
    let mut trailers = None;
    loop {
        if body.is_end_stream() {
            break;
        }
        let Ok(()) = poll_fn(|cx| outbox.poll_flush(write, cx)).await else { return false };
        match body.frame().await.map(|frame| frame.map(Frame::into_data)) {
            Some(Ok(Ok(bytes))) if framing == Framing::Chunked => outbox.chunk(bytes),
            Some(Ok(Ok(bytes))) => outbox.data(bytes),
            Some(Ok(Err(frame))) => trailers = frame.into_trailers().ok(),
            Some(Err(_)) => return false,
            None => break,
        }
    }
    if framing == Framing::Chunked {
        outbox.last_chunk(trailers.as_ref());
    }
    poll_fn(|cx| outbox.poll_flush(write, cx)).await.is_ok()
}
