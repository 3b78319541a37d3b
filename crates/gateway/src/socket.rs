//! What hyper, and after a 101 the tunnel, holds of a connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::connection::Connection;
use crate::listener::Slot;

/// The owner of a connection's socket: dropping it closes the socket and gives the connection's place back.
#[derive(Debug)]
pub(crate) struct Socket {
    connection: Arc<Connection>,
    _slot: Slot,
}

impl Socket {
    pub(crate) fn new(connection: Arc<Connection>, slot: Slot) -> Self {
        Self { connection, _slot: slot }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.connection.front().close();
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, out: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.connection.front().poll_read(cx, out, &self.connection.shared.limits)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.connection.front().poll_write(cx, &[IoSlice::new(bytes)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.connection.front().poll_write(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(())) // a TCP socket keeps nothing back
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.connection.front().poll_shutdown(cx)
    }
}
