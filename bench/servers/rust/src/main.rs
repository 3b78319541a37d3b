//! The small Rust server that is measured as a function and bare: one thread, hyper, three answers.
//!
//! `/` 13 bytes, `/64k` 64 KiB, `/hold` one byte and then nothing until the client leaves, so that the instance stays busy.
#![forbid(unsafe_code)]

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;

static LARGE: [u8; 64 << 10] = [b'x'; 64 << 10];

fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8000);
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve(port))
}

async fn serve(port: u16) -> std::io::Result<()> {
    let listener = tokio::net::TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port))).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let http = hyper::server::conn::http1::Builder::new();
        let connection = http.serve_connection(TokioIo::new(stream), service_fn(answer));
        #[expect(clippy::disallowed_methods, reason = "a connection ends with its client or with this process")]
        tokio::spawn(async move { connection.await.unwrap_or_default() });
    }
}

async fn answer(request: Request<Incoming>) -> Result<Response<Content>, Infallible> {
    let whole = |bytes| Content { next: Some(bytes), held: false };
    Ok(Response::new(match request.uri().path() {
        "/64k" => whole(Bytes::from_static(&LARGE)),
        "/hold" => Content { next: Some(Bytes::from_static(b".")), held: true },
        _ => whole(Bytes::from_static(b"Hello, world!")),
    }))
}

/// One piece, after which the body ends or, `held`, never does.
struct Content {
    next: Option<Bytes>,
    held: bool,
}

impl Body for Content {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.next.take() {
            Some(bytes) => Poll::Ready(Some(Ok(Frame::data(bytes)))),
            None if self.held => Poll::Pending,
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.next.is_none() && !self.held
    }

    fn size_hint(&self) -> SizeHint {
        match &self.next {
            Some(bytes) if !self.held => SizeHint::with_exact(bytes.len() as u64),
            _ => SizeHint::new(),
        }
    }
}
