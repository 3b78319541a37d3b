//! Chunked coding, strictly (RFC 9112 section 7.1): sizes are hexadecimal digits, lines end in CRLF, and everything is bounded.

use bytes::{Buf as _, Bytes, BytesMut};
use http::HeaderMap;

use crate::Malformed;
use crate::body::Piece;
use crate::field;
use crate::lines::Lines;

/// Bytes that all extensions of one body may have together.
const EXTENSION_BYTES: usize = 8 * 1024;
/// Bytes that the trailer section may have.
const TRAILER_BYTES: usize = 8 * 1024;
/// Fields that it may have.
const TRAILER_FIELDS: usize = 64;
/// Digits of a size.
const DIGITS: u8 = 15;

/// Where in the body the next byte is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before or within a chunk's size.
    #[default]
    Size,
    /// After `;`.
    Extension,
    /// At the LF after a size line.
    SizeEnd,
    /// In a chunk, with this many bytes to come.
    Data,
    /// At the CR after a chunk.
    DataCr,
    /// At the LF after a chunk.
    DataLf,
    /// In the trailer section.
    Trailers,
    /// Behind the body.
    Done,
}

/// A chunked body that is being read.
#[derive(Debug, Default)]
pub struct Decoder {
    place: Place,
    /// The size being read, then the bytes of the chunk that are still to come.
    size: u64,
    digits: u8,
    extension: usize,
    lines: Lines,
}

impl Decoder {
    /// The next piece at the start of `bytes`, which is taken out of them.
    ///
    /// # Errors
    /// What has come is not this coding, or more of what nobody wants than is bearable.
    pub fn next(&mut self, bytes: &mut BytesMut) -> Result<Piece, Malformed> {
        while !matches!(self.place, Place::Data | Place::Trailers | Place::Done) {
            let Some(&byte) = bytes.first() else { return Ok(Piece::More) };
            self.place = self.step(byte)?;
            bytes.advance(1);
        }
        match self.place {
            Place::Trailers => self.trailers(bytes),
            Place::Data if bytes.is_empty() => Ok(Piece::More),
            Place::Data => Ok(Piece::Data(self.data(bytes))),
            _ => Ok(Piece::End),
        }
    }

    /// How many bytes of the chunk at hand are still to come.
    pub fn left(&self) -> u64 {
        if self.place == Place::Data { self.size } else { 0 }
    }

    fn data(&mut self, bytes: &mut BytesMut) -> Bytes {
        let here = usize::try_from(self.size).unwrap_or(usize::MAX).min(bytes.len());
        self.size -= here as u64;
        if self.size == 0 {
            self.place = Place::DataCr;
        }
        bytes.split_to(here).freeze()
    }

    fn step(&mut self, byte: u8) -> Result<Place, Malformed> {
        Ok(match (self.place, byte) {
            (Place::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => self.digit(byte)?,
            (Place::Size, b';') if self.digits > 0 => Place::Extension,
            (Place::Size, b'\r') if self.digits > 0 => Place::SizeEnd,
            (Place::Extension, b'\r') => Place::SizeEnd,
            (Place::Extension, b'\t' | b' '..=b'~') => self.extension()?,
            (Place::SizeEnd, b'\n') => {
                self.digits = 0;
                if self.size == 0 { Place::Trailers } else { Place::Data }
            }
            (Place::DataCr, b'\r') => Place::DataLf,
            (Place::DataLf, b'\n') => Place::Size,
            (Place::Extension, _) => {
                return Err(Malformed("a chunk extension has a control character or ends in LF without CR"));
            }
            (Place::DataCr | Place::DataLf, _) => return Err(Malformed("a chunk is not followed by CRLF")),
            _ => return Err(Malformed("a chunk size must be hexadecimal digits and CRLF")),
        })
    }

    fn digit(&mut self, byte: u8) -> Result<Place, Malformed> {
        let digit = char::from(byte).to_digit(16).unwrap_or(0);
        self.digits += 1;
        self.size = (self.size << 4) | u64::from(digit);
        if self.digits > DIGITS {
            return Err(Malformed("a chunk size has more than 15 digits"));
        }
        Ok(Place::Size)
    }

    fn extension(&mut self) -> Result<Place, Malformed> {
        self.extension += 1;
        if self.extension > EXTENSION_BYTES {
            return Err(Malformed("the chunk extensions are too long"));
        }
        Ok(Place::Extension)
    }

    /// The trailer section, when it is whole.
    fn trailers(&mut self, bytes: &mut BytesMut) -> Result<Piece, Malformed> {
        while let Some(line) = self.lines.next(bytes)?
            && self.lines.length() <= TRAILER_BYTES
        {
            if line.is_empty() {
                self.place = Place::Done;
                return fields(&bytes.split_to(self.lines.length()).freeze()).map(after);
            }
            // What is wrong is said as soon as it is seen.
            let (_, value) = field::split(bytes.get(line).unwrap_or_default())?;
            if !field::is_value(value) {
                return Err(Malformed("a trailer has a control character in its value"));
            }
        }
        if self.lines.length().max(bytes.len().min(TRAILER_BYTES + 1)) > TRAILER_BYTES {
            return Err(Malformed("the trailers are too long"));
        }
        Ok(Piece::More)
    }
}

fn after(trailers: HeaderMap) -> Piece {
    if trailers.is_empty() { Piece::End } else { Piece::Trailers(Box::new(trailers)) }
}

fn fields(section: &Bytes) -> Result<HeaderMap, Malformed> {
    let mut trailers = HeaderMap::new();
    let mut lines = Lines::default();
    while let Some(line) = lines.next(section)? {
        if line.is_empty() {
            break;
        }
        let (name, value) = field::read(section.get(line).unwrap_or_default())?;
        let value = field::value(section.slice_ref(value))?;
        if trailers.len() >= TRAILER_FIELDS {
            return Err(Malformed("there are too many trailers"));
        }
        trailers.try_append(name, value).map_err(|_| Malformed("there are too many trailers"))?;
    }
    Ok(trailers)
}

#[cfg(test)]
mod tests;
