//! What an exchange runs on, and how the response comes from there: a connection of HTTP/1.1, which serves one request at a time,
//! or a stream of HTTP/2, which shares its connection with others.

use std::future::poll_fn;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use http1::body::Piece;

use crate::alarm::Alarm;
use crate::connection::{Connection, Failed};
use crate::http2;
use crate::instance::Instance;
use crate::upload::Upload;

/// The head of a response.
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    /// The words after the status, where they are not the usual ones.
    pub(crate) reason: Option<Bytes>,
    /// As they came.
    pub(crate) headers: HeaderMap,
}

/// Where a response comes from. Dropping it ends the exchange for the server, too.
pub(crate) enum Upstream {
    Http1(Box<Connection>),
    Http2(Box<http2::Stream>),
}

impl Upstream {
    /// The time of the request that it serves.
    pub(crate) fn alarm(&mut self) -> &mut Alarm {
        match self {
            Self::Http1(connection) => &mut connection.alarm,
            Self::Http2(stream) => &mut stream.alarm,
        }
    }

    /// The next piece of the response's body; meanwhile the rest of the request is sent.
    pub(crate) fn poll_piece(&mut self, cx: &mut Context<'_>, upload: &mut Upload) -> Poll<Result<Piece, Failed>> {
        match self {
            Self::Http1(connection) => connection.poll_piece(cx, upload),
            Self::Http2(stream) => stream.poll_piece(cx, upload),
        }
    }

    /// The whole body, if all of it has come.
    pub(crate) fn whole(&mut self) -> Option<Bytes> {
        match self {
            Self::Http1(connection) => connection.whole(),
            Self::Http2(stream) => stream.is_over().then(Bytes::new),
        }
    }

    /// Whether the response is complete, as far as one can tell without reading on.
    pub(crate) fn is_over(&mut self) -> bool {
        match self {
            Self::Http1(connection) => connection.is_over(),
            Self::Http2(stream) => stream.is_over(),
        }
    }

    /// How many bytes of the body are still to come, if it was said.
    pub(crate) fn left(&self) -> Option<u64> {
        match self {
            Self::Http1(connection) => connection.left(),
            Self::Http2(stream) => stream.left(),
        }
    }

    /// The response is over; what can serve another request is kept for it.
    pub(crate) fn finish(self, instance: &Instance, upload: &Upload) {
        if let Self::Http1(connection) = self
            && connection.is_reusable(upload)
        {
            instance.connections.keep(connection);
        }
    }

    /// Tells the server that its answer is not waited for any more, and waits until it has heard that, `grace` at most; answers
    /// whether it has.
    pub(crate) async fn hang_up(&mut self, grace: Duration) -> bool {
        match self {
            Self::Http1(connection) => {
                connection.hang_up();
                tokio::time::timeout(grace, given_up(connection)).await.is_ok()
            }
            Self::Http2(stream) => stream.hang_up(grace).await,
        }
    }
}

/// Waits until the server closes a connection, or has said all.
async fn given_up(connection: &mut Connection) {
    let mut upload = Upload::default();
    while let Ok(Piece::Data(_)) = poll_fn(|cx| connection.poll_piece(cx, &mut upload)).await {}
}

impl From<http1::response::Head> for Head {
    fn from(head: http1::response::Head) -> Self {
        Self { status: head.status, reason: head.reason, headers: head.headers }
    }
}
