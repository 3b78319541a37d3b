//! The strict check of a chunked body, byte by byte as it comes (RFC 9112, 7.1). It changes nothing: hyper decodes the same bytes.

use crate::failure::Failure;
use crate::head::is_token_byte;

/// Bytes that all extensions of one body may have together.
const EXTENSION_BYTES: usize = 8 * 1024;
/// Bytes that the trailer section may have.
const TRAILER_BYTES: usize = 8 * 1024;

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
    /// At the start of a trailer line, or of the last, empty line.
    Trailer,
    /// In a trailer's name.
    TrailerName,
    /// In a trailer's value.
    TrailerValue,
    /// At the LF after a trailer.
    TrailerEnd,
    /// At the last LF.
    End,
    /// Behind the body.
    Done,
}

/// A chunked body that is being read.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    place: Place,
    /// The size being read, then the bytes of the chunk that are still to come.
    size: u64,
    digits: u8,
    extension: usize,
    trailer: usize,
}

impl Reader {
    /// Looks at the next bytes. Returns how many of them belong to the body; fewer than given only when it is [done](Self::done).
    pub(crate) fn read(&mut self, bytes: &[u8]) -> Result<usize, Failure> {
        let mut rest = bytes;
        while let [byte, after @ ..] = rest {
            rest = match self.place {
                Place::Done => break,
                Place::Data => self.skip(rest),
                _ => {
                    self.place = self.step(*byte)?;
                    after
                }
            };
        }
        Ok(bytes.len() - rest.len())
    }

    /// Whether the last byte was the body's last.
    pub(crate) fn done(&self) -> bool {
        self.place == Place::Done
    }

    fn skip<'a>(&mut self, rest: &'a [u8]) -> &'a [u8] {
        let here = usize::try_from(self.size).unwrap_or(usize::MAX).min(rest.len());
        self.size -= here as u64;
        if self.size == 0 {
            self.place = Place::DataCr;
        }
        rest.get(here..).unwrap_or_default()
    }

    fn step(&mut self, byte: u8) -> Result<Place, Failure> {
        Ok(match (self.place, byte) {
            (Place::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => self.digit(byte)?,
            (Place::Size, b';') if self.digits > 0 => Place::Extension,
            (Place::Size, b'\r') if self.digits > 0 => Place::SizeEnd,
            (Place::Extension, b'\r') => Place::SizeEnd,
            (Place::Extension, b'\t' | b' '..=b'~') => self.extension()?,
            (Place::SizeEnd, b'\n') => {
                self.digits = 0;
                if self.size == 0 { Place::Trailer } else { Place::Data }
            }
            (Place::DataCr, b'\r') => Place::DataLf,
            (Place::DataLf, b'\n') => Place::Size,
            (Place::Trailer, b'\r') => Place::End,
            (Place::Trailer | Place::TrailerName, byte) if is_token_byte(byte) => self.trailer(Place::TrailerName)?,
            (Place::TrailerName, b':') => self.trailer(Place::TrailerValue)?,
            (Place::TrailerValue, b'\r') => Place::TrailerEnd,
            (Place::TrailerValue, b'\t' | b' '..=b'~' | 0x80..) => self.trailer(Place::TrailerValue)?,
            (Place::TrailerEnd, b'\n') => Place::Trailer,
            (Place::End, b'\n') => Place::Done,
            (place, _) => return Err(Failure::malformed(what_is_wrong(place))),
        })
    }

    fn digit(&mut self, byte: u8) -> Result<Place, Failure> {
        let digit = char::from(byte).to_digit(16).unwrap_or(0);
        self.digits += 1;
        self.size = (self.size << 4) | u64::from(digit);
        if self.digits > 15 {
            return Err(Failure::malformed("a chunk size has more than 15 digits"));
        }
        Ok(Place::Size)
    }

    fn extension(&mut self) -> Result<Place, Failure> {
        self.extension += 1;
        if self.extension > EXTENSION_BYTES {
            return Err(Failure::malformed("the chunk extensions are too long"));
        }
        Ok(Place::Extension)
    }

    fn trailer(&mut self, next: Place) -> Result<Place, Failure> {
        self.trailer += 1;
        if self.trailer > TRAILER_BYTES {
            return Err(Failure::malformed("the trailers of the request body are too long"));
        }
        Ok(next)
    }
}

fn what_is_wrong(place: Place) -> &'static str {
    match place {
        Place::Size | Place::SizeEnd => "a chunk size must be hexadecimal digits and CRLF",
        Place::Extension => "a chunk extension has a control character or ends in LF without CR",
        Place::DataCr | Place::DataLf => "a chunk is not followed by CRLF",
        _ => "a trailer of the request body is not 'name: value' and CRLF",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left behind the body, or the status of the refusal.
    fn read(body: &str, piece: usize) -> Result<&str, u16> {
        let mut reader = Reader::default();
        let mut at = 0;
        while at < body.len() && !reader.done() {
            let now = &body.as_bytes()[at..body.len().min(at + piece)];
            at += reader.read(now).map_err(|failure| failure.status.as_u16())?;
        }
        assert!(reader.done(), "{body:?} is not complete");
        Ok(&body[at..])
    }

    #[track_caller]
    fn check(body: &str, expect: Result<&str, u16>) {
        for piece in [1, 2, 7, body.len()] {
            assert_eq!(read(body, piece), expect, "{body:?} in pieces of {piece}");
        }
    }

    #[test]
    fn a_body_ends_where_its_last_chunk_does() {
        check("3\r\nabc\r\n0\r\n\r\nGET /", Ok("GET /"));
        check("0\r\n\r\n", Ok(""));
        check("0003\r\nabc\r\n0\r\n\r\n", Ok(""));
        check("A\r\n0123456789\r\na\r\n0123456789\r\n000\r\n\r\n", Ok(""));
        check("3;a=b\r\nabc\r\n0;x\r\n\r\n", Ok(""));
        check("0\r\nX-Sum: 1\r\nY:\r\n\r\nrest", Ok("rest"));
    }

    #[test]
    fn what_others_read_differently_is_refused() {
        for body in [
            "+3\r\nabc\r\n0\r\n\r\n",
            " 3\r\nabc\r\n0\r\n\r\n",
            "3 \r\nabc\r\n0\r\n\r\n",
            "3\nabc\r\n0\r\n\r\n",
            "3\r\r\nabc\r\n0\r\n\r\n",
            "3;a\nabc\r\n0\r\n\r\n",
            "3\r\nabcXX0\r\n\r\n",
            "3\r\nabc\n0\r\n\r\n",
            "0x3\r\nabc\r\n0\r\n\r\n",
            "\r\n0\r\n\r\n",
            ";a\r\n",
            "10000000000000003\r\nabc\r\n0\r\n\r\n",
            "0\r\n\n",
            "0\r\nX : 1\r\n\r\n",
            "0\r\n folded\r\n\r\n",
            "0\r\nX: 1\n\r\n",
            "0\r\nX: \u{1}\r\n\r\n",
        ] {
            check(body, Err(400));
        }
    }

    #[test]
    fn extensions_and_trailers_are_bounded() {
        check(&format!("0;{}\r\n\r\n", "x".repeat(EXTENSION_BYTES + 1)), Err(400));
        check(&format!("0\r\nX: {}\r\n\r\n", "x".repeat(TRAILER_BYTES)), Err(400));
    }
}
