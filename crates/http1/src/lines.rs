//! The lines of a head, in whatever pieces it arrives; each byte is looked at a bounded number of times.

use std::ops::Range;

use memchr::memchr2;

use crate::Malformed;

/// Finds one line after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct Lines {
    /// Bytes that were searched for a line end.
    searched: usize,
    /// Where the line that is not complete yet begins.
    start: usize,
}

impl Lines {
    /// The next line without its CRLF; `None` until it is complete. `bytes` begin with the head and grow from call to call.
    ///
    /// # Errors
    /// A CR without LF, or an LF without CR.
    pub fn next(&mut self, bytes: &[u8]) -> Result<Option<Range<usize>>, Malformed> {
        let rest = bytes.get(self.searched..).unwrap_or_default();
        let Some(found) = memchr2(b'\r', b'\n', rest) else {
            self.searched = bytes.len();
            return Ok(None);
        };
        match rest.get(found..).unwrap_or_default() {
            [b'\r', b'\n', ..] => {
                let line = self.start..self.searched + found;
                self.start = line.end + 2;
                self.searched = self.start;
                Ok(Some(line))
            }
            [b'\r'] => {
                self.searched += found;
                Ok(None)
            }
            [b'\r', ..] => Err(Malformed("a CR without LF in the head")),
            _ => Err(Malformed("a line of the head ends in LF without CR")),
        }
    }

    /// How many bytes the lines so far have, with their ends.
    pub fn length(&self) -> usize {
        self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lines of `bytes` that come in such pieces; `None` when they are refused.
    fn read(bytes: &str, piece: usize) -> Option<Vec<&str>> {
        let mut lines = Lines::default();
        let mut found = Vec::new();
        for end in (piece..bytes.len()).step_by(piece).chain([bytes.len()]) {
            while let Some(line) = lines.next(&bytes.as_bytes()[..end]).ok()? {
                found.push(&bytes[line]);
            }
        }
        Some(found)
    }

    #[track_caller]
    fn check(bytes: &str, expect: Option<&[&str]>) {
        for piece in [1, 2, 5, bytes.len().max(1)] {
            assert_eq!(read(bytes, piece).as_deref(), expect, "{bytes:?} in pieces of {piece}");
        }
    }

    #[test]
    fn lines_end_in_crlf_and_nothing_else() {
        check("a\r\nbc\r\n\r\n", Some(&["a", "bc", ""]));
        check("a\r\nb", Some(&["a"]));
        check("a\r\nb\r", Some(&["a"]));
        check("", Some(&[]));
        for bytes in ["a\n", "a\r\n\nb", "a\rb\r\n", "a\r\r\n", "\n"] {
            check(bytes, None);
        }
    }
}
