//! The stream of a connection, and what became of what was written to it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::launch::Socket;

/// A stream that swallows what is written after it was hung up, so that only what the server does ends the connection then.
pub(super) struct Wire {
    socket: Socket,
    /// Whether anything was taken since the request was begun.
    used: bool,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Nothing more is sent, for the other side it ended.
    Ended,
    HungUp,
}

impl Wire {
    pub(super) fn new(socket: Socket) -> Self {
        Self { socket, used: false, state: State::Open }
    }

    pub(super) fn begin(&mut self) {
        self.used = false;
    }

    pub(super) fn is_unused(&self) -> bool {
        !self.used
    }

    /// The same, for the runtime of the calling thread.
    pub(super) fn adopted(self) -> io::Result<Self> {
        Ok(Self { socket: self.socket.adopted()?, ..self })
    }

    pub(super) fn is_spent(&self) -> bool {
        self.socket.is_spent()
    }

    pub(super) fn acknowledge(&self) {
        self.socket.acknowledge();
    }

    pub(super) fn is_hung_up(&self) -> bool {
        self.state != State::Open
    }

    pub(super) fn hang_up(&mut self) {
        let was = std::mem::replace(&mut self.state, State::HungUp);
        if was == State::Open
            && let Poll::Ready(Err(error)) =
                Pin::new(&mut *self.socket).poll_shutdown(&mut Context::from_waker(Waker::noop()))
        {
            // Nothing is lost if the other side closed it before.
            tracing::debug!(%error, "connection.hang_up");
        }
    }

    /// Says that no more will be sent.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.state == State::Open {
            if let Err(error) = ready!(Pin::new(&mut *self.socket).poll_shutdown(cx)) {
                tracing::debug!(%error, "connection.end");
            }
            self.state = State::Ended;
        }
        Poll::Ready(())
    }

    fn wrote(&mut self, bytes: usize) -> usize {
        self.used |= bytes > 0;
        bytes
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.socket).poll_read(cx, buf)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.state != State::Open {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = ready!(Pin::new(&mut *self.socket).poll_write(cx, bytes))?;
        Poll::Ready(Ok(self.wrote(written)))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.state != State::Open {
            return Poll::Ready(Ok(slices.iter().map(|slice| slice.len()).sum()));
        }
        let written = ready!(Pin::new(&mut *self.socket).poll_write_vectored(cx, slices))?;
        Poll::Ready(Ok(self.wrote(written)))
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.socket).poll_shutdown(cx)
    }
}
