//! A body as its head has framed it.

use bytes::{Bytes, BytesMut};
use http::HeaderMap;

use crate::Malformed;
use crate::chunked::Decoder;

/// How the end of a body is found (RFC 9112 section 6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// This many bytes, possibly none.
    Length(u64),
    /// Chunks.
    Chunked,
    /// The end of the connection. Of responses only, and of what follows a 101.
    ToClose,
}

/// A body that is being read.
#[derive(Debug)]
pub enum Reader {
    /// With this many bytes to come.
    Length(u64),
    /// Chunks.
    Chunked(Decoder),
    /// Until the connection ends.
    ToClose,
}

/// What a body gives.
#[derive(Debug)]
pub enum Piece {
    /// The next bytes, at least one.
    Data(Bytes),
    /// The fields after the last byte, at least one.
    Trailers(Box<HeaderMap>),
    /// It is complete.
    End,
    /// More bytes are needed to tell.
    More,
}

impl From<Framing> for Reader {
    fn from(framing: Framing) -> Self {
        match framing {
            Framing::Length(length) => Self::Length(length),
            Framing::Chunked => Self::Chunked(Decoder::default()),
            Framing::ToClose => Self::ToClose,
        }
    }
}

impl Reader {
    /// The next piece at the start of `bytes`, which is taken out of them.
    ///
    /// # Errors
    /// The chunked coding is broken.
    pub fn next(&mut self, bytes: &mut BytesMut) -> Result<Piece, Malformed> {
        match self {
            Self::Length(0) => Ok(Piece::End),
            Self::Chunked(decoder) => decoder.next(bytes),
            Self::Length(_) | Self::ToClose if bytes.is_empty() => Ok(Piece::More),
            Self::Length(left) => {
                let here = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                *left -= here as u64;
                Ok(Piece::Data(bytes.split_to(here).freeze()))
            }
            Self::ToClose => Ok(Piece::Data(bytes.split().freeze())),
        }
    }

    /// Whether nothing more comes, as far as is known without looking at more bytes.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Length(0))
    }

    /// Bytes that are known to come.
    pub fn left(&self) -> u64 {
        match self {
            Self::Length(left) => *left,
            Self::Chunked(decoder) => decoder.left(),
            Self::ToClose => 0,
        }
    }

    /// Whether the body may end where the connection does.
    pub fn may_end_here(&self) -> bool {
        matches!(self, Self::Length(0) | Self::ToClose)
    }
}
