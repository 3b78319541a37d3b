//! What a stream gave and nobody took yet.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::BytesMut;
use tokio::io::AsyncRead;
use tokio_util::io::poll_read_buf;

/// Room for an ordinary head, and what is asked for at a time when nobody knows better.
const ROOM: usize = 4 * 1024;
/// What is asked for at a time in the middle of a large body.
const LARGE: usize = 64 * 1024;

/// Bytes that arrived. Bodies leave it as slices of the memory that they were read into.
#[derive(Debug, Default)]
pub struct Inbox {
    /// The bytes.
    pub bytes: BytesMut,
}

impl Inbox {
    /// Reads what there is, once; 0 is the end. `wanted` is how many bytes are known to come, as far as anybody knows.
    ///
    /// # Errors
    /// The stream's.
    pub fn poll_fill<S>(&mut self, stream: &mut S, cx: &mut Context<'_>, wanted: u64) -> Poll<io::Result<usize>>
    where
        S: AsyncRead + Unpin + ?Sized,
    {
        let room = usize::try_from(wanted).unwrap_or(LARGE).clamp(ROOM, LARGE);
        if self.bytes.capacity() - self.bytes.len() < room / 2 {
            self.bytes.reserve(room);
        }
        poll_read_buf(Pin::new(stream), cx, &mut self.bytes)
    }

    /// Gives the memory back that a large body left behind, when nothing is in it.
    pub fn shrink(&mut self) {
        if self.bytes.is_empty() && self.bytes.capacity() > 2 * ROOM {
            self.bytes = BytesMut::new();
        }
    }
}
