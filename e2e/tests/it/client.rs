//! HTTP as the tests speak it: one connection that can be kept, requests by host and path, bodies streamed or whole.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Method, Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::TlsConnector;

/// A kept connection to a server.
pub(crate) struct Connection {
    sender: Sender,
    host: String,
}

enum Sender {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// What a connection speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Speaks {
    Http1,
    Http2,
}

/// An answer with its whole body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    /// The body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

impl Connection {
    /// Connects; `host` goes into the Host header with the port.
    pub(crate) async fn open(address: SocketAddr, host: &str) -> Self {
        Self::open_as(Speaks::Http1, address, host).await
    }

    /// The same; HTTP/2 from the first byte, if it is to be that.
    pub(crate) async fn open_as(speaks: Speaks, address: SocketAddr, host: &str) -> Self {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        Self::over(speaks, stream, format!("{host}:{}", address.port())).await
    }

    /// Over TLS, to the name `host`.
    pub(crate) async fn open_tls(speaks: Speaks, address: SocketAddr, host: &str, connector: &TlsConnector) -> Self {
        let stream = tokio::net::TcpStream::connect(address).await.unwrap();
        let name = ServerName::try_from(host.to_owned()).unwrap();
        let stream = connector.connect(name, stream).await.unwrap();
        Self::over(speaks, stream, format!("{host}:{}", address.port())).await
    }

    #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    async fn over<S>(speaks: Speaks, stream: S, host: String) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let io = TokioIo::new(stream);
        let sender = match speaks {
            Speaks::Http1 => {
                let (sender, connection) = http1::handshake(io).await.unwrap();
                tokio::spawn(async move { connection.await.unwrap_or_default() });
                Sender::Http1(sender)
            }
            Speaks::Http2 => {
                let (sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
                tokio::spawn(async move { connection.await.unwrap_or_default() });
                Sender::Http2(sender)
            }
        };
        Self { sender, host }
    }

    /// Whether the other side takes no more requests on it.
    pub(crate) fn is_closed(&self) -> bool {
        match &self.sender {
            Sender::Http1(sender) => sender.is_closed(),
            Sender::Http2(sender) => sender.is_closed(),
        }
    }

    /// Sends one request; the body of the answer is not read yet.
    pub(crate) async fn start(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> hyper::Result<Response<Incoming>> {
        let request = Request::builder().method(method);
        let mut request = match &self.sender {
            Sender::Http1(_) => request.uri(path).header("host", &self.host),
            Sender::Http2(_) => request.uri(format!("http://{}{path}", self.host)),
        };
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).unwrap();
        match &mut self.sender {
            Sender::Http1(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
            Sender::Http2(sender) => {
                sender.ready().await?;
                sender.send_request(request).await
            }
        }
    }

    /// Sends one request and reads the whole answer.
    pub(crate) async fn send(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Bytes,
    ) -> hyper::Result<Answer> {
        let response = self.start(method, path, headers, body).await?;
        let (parts, body) = response.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok(Answer { status: parts.status.as_u16(), headers: parts.headers, body })
    }
}

/// Runs async code of one test.
pub(crate) fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}

/// One request on a connection of its own.
pub(crate) fn call(address: SocketAddr, host: &str, method: Method, path: &str, body: impl Into<Bytes>) -> Answer {
    let body = body.into();
    run(async { Connection::open(address, host).await.send(method, path, &[], body).await.unwrap() })
}

/// One GET on a connection of its own.
pub(crate) fn get(address: SocketAddr, host: &str, path: &str) -> Answer {
    call(address, host, Method::GET, path, Bytes::new())
}
