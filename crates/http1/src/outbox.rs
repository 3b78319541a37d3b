//! What is on its way into a stream: a head and small pieces copied together, a large piece as it is, all in one system call
//! where the stream takes it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http::HeaderMap;
use tokio::io::AsyncWrite;

use crate::write;

/// Up to this size copying a piece is cheaper than a second slice for the kernel.
const SMALL: usize = 2 * 1024;
/// More small bytes than this are sent before more are taken.
const FULL: usize = 16 * 1024;

/// Bytes in the order in which they leave: `front`, `large`, `back`.
#[derive(Debug, Default)]
pub struct Outbox {
    front: BytesMut,
    large: Bytes,
    back: BytesMut,
}

impl Outbox {
    /// Where a head is written to. Only while [`Outbox::has_room`].
    pub fn head(&mut self) -> &mut BytesMut {
        if self.large.is_empty() { &mut self.front } else { &mut self.back }
    }

    /// Whether another piece should be put in before it is flushed.
    pub fn has_room(&self) -> bool {
        self.large.is_empty() && self.front.len() < FULL
    }

    /// Whether everything was written.
    pub fn is_empty(&self) -> bool {
        self.front.is_empty() && self.large.is_empty() && self.back.is_empty()
    }

    /// Bytes that were not written yet.
    pub fn len(&self) -> usize {
        self.front.len() + self.large.len() + self.back.len()
    }

    /// Puts in a piece of a body that is framed by its length or by the end of the connection.
    pub fn data(&mut self, data: Bytes) {
        if data.len() <= SMALL || !self.large.is_empty() {
            self.head().put_slice(&data);
        } else {
            self.large = data;
        }
    }

    /// Puts in a piece as a chunk. An empty one would end the body, so it is nothing.
    pub fn chunk(&mut self, data: Bytes) {
        if data.is_empty() {
            return;
        }
        write::chunk_size(self.head(), data.len());
        self.data(data);
        self.head().put_slice(b"\r\n");
    }

    /// Ends a chunked body.
    pub fn last_chunk(&mut self, trailers: Option<&HeaderMap>) {
        self.head().put_slice(b"0\r\n");
        match trailers {
            Some(trailers) => write::trailers(self.head(), trailers),
            None => self.head().put_slice(b"\r\n"),
        }
    }

    /// Writes everything. While it waits, what was written is gone.
    ///
    /// # Errors
    /// The stream's; a stream that takes nothing is broken.
    pub fn poll_flush<S>(&mut self, stream: &mut S, cx: &mut Context<'_>) -> Poll<io::Result<()>>
    where
        S: AsyncWrite + Unpin + ?Sized,
    {
        while !self.is_empty() {
            let written = if self.large.is_empty() {
                ready!(Pin::new(&mut *stream).poll_write(cx, &self.front))?
            } else {
                let slices = [IoSlice::new(&self.front), IoSlice::new(&self.large), IoSlice::new(&self.back)];
                ready!(Pin::new(&mut *stream).poll_write_vectored(cx, &slices))?
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.written(written);
        }
        if self.front.capacity() > 2 * FULL {
            self.front = BytesMut::new();
        }
        Poll::Ready(Ok(()))
    }

    fn written(&mut self, mut bytes: usize) {
        let front = bytes.min(self.front.len());
        if front == self.front.len() {
            self.front.clear(); // keeps its memory from the start, where advancing would not
        } else {
            self.front.advance(front);
        }
        bytes -= front;
        let large = bytes.min(self.large.len());
        self.large.advance(large);
        bytes -= large;
        self.back.advance(bytes.min(self.back.len()));
        if self.large.is_empty() {
            self.large = Bytes::new(); // the memory is somebody's
            if self.front.is_empty() {
                std::mem::swap(&mut self.front, &mut self.back);
            } else if !self.back.is_empty() {
                self.front.extend_from_slice(&self.back);
                self.back.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes a few bytes at a time.
    struct Slow(Vec<u8>, usize);

    impl AsyncWrite for Slow {
        fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
            let now = bytes.len().min(self.1);
            self.0.extend_from_slice(&bytes[..now]);
            Poll::Ready(Ok(now))
        }

        fn poll_write_vectored(
            self: Pin<&mut Self>,
            cx: &mut Context<'_>,
            slices: &[IoSlice<'_>],
        ) -> Poll<io::Result<usize>> {
            let all: Vec<u8> = slices.iter().flat_map(|slice| slice.iter().copied()).collect();
            self.poll_write(cx, &all)
        }

        fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }

        fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
            Poll::Ready(Ok(()))
        }
    }

    #[track_caller]
    fn check(fill: impl Fn(&mut Outbox), expect: &str) {
        for step in [1, 3, 1000, 1_000_000] {
            let mut outbox = Outbox::default();
            fill(&mut outbox);
            let mut stream = Slow(Vec::new(), step);
            let mut cx = Context::from_waker(std::task::Waker::noop());
            assert!(matches!(outbox.poll_flush(&mut stream, &mut cx), Poll::Ready(Ok(()))));
            assert!(outbox.is_empty());
            assert!(stream.0 == expect.as_bytes(), "{step} at a time");
        }
    }

    #[test]
    fn bytes_leave_in_the_order_they_came() {
        let large = "x".repeat(SMALL + 1);
        check(
            |outbox| {
                outbox.head().put_slice(b"head ");
                outbox.data(Bytes::from(large.clone()));
                outbox.data(Bytes::from_static(b" tail"));
            },
            &format!("head {large} tail"),
        );
        check(
            |outbox| {
                outbox.head().put_slice(b"head ");
                outbox.chunk(Bytes::from_static(b"abc"));
                outbox.chunk(Bytes::new());
                outbox.chunk(Bytes::from(large.clone()));
                outbox.last_chunk(None);
            },
            &format!("head 3\r\nabc\r\n{:x}\r\n{large}\r\n0\r\n\r\n", large.len()),
        );
        let trailers = HeaderMap::from_iter([(http::HeaderName::from_static("sum"), http::HeaderValue::from(1))]);
        check(|outbox| outbox.last_chunk(Some(&trailers)), "0\r\nsum: 1\r\n\r\n");
    }
}
