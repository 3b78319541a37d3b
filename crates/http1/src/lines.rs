//! The lines of a head, in whatever pieces it arrives; each byte is looked at a bounded number of times.

use std::ops::Range;

use memchr::memchr;

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
        let Some(found) = memchr(b'\n', rest) else {
            return self.wait(bytes).map(|()| None);
        };
        let end = (self.searched + found).checked_sub(1).filter(|&end| bytes.get(end) == Some(&b'\r'));
        // An empty line has its own CR, not the one before its beginning.
        let Some(end) = end.filter(|&end| end >= self.start) else {
            return Err(Malformed("a line of the head ends in LF without CR"));
        };
        let line = self.start..end;
        if memchr(b'\r', bytes.get(line.clone()).unwrap_or_default()).is_some() {
            return Err(Malformed("a CR without LF in the head"));
        }
        self.start = end + 2;
        self.searched = self.start;
        Ok(Some(line))
    }

    /// How many bytes the lines so far have, with their ends.
    pub fn length(&self) -> usize {
        self.start
    }

    /// A CR that has come must be the last byte so far, or nobody need wait for the line's end.
    fn wait(&mut self, bytes: &[u8]) -> Result<(), Malformed> {
        let rest = bytes.get(self.searched..).unwrap_or_default();
        match memchr(b'\r', rest) {
            Some(at) if at + 1 < rest.len() => return Err(Malformed("a CR without LF in the head")),
            Some(_) => self.searched = bytes.len() - 1,
            None => self.searched = bytes.len(),
        }
        Ok(())
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
