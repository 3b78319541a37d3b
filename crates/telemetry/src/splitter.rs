//! Cutting an instance's output into lines within a byte budget. Pure: bytes and times in, lines out.

use std::time::Duration;

use crate::line::LINE_BYTES;

#[cfg(test)]
mod tests;

/// What a line costs besides its bytes: its time, instance and request are written too, and a flood of empty lines
/// would otherwise cost a hundred times what was counted.
const LINE_COST: i128 = 128;
/// The bucket counts in byte-nanoseconds, so that no fraction of a refill is lost.
const BYTE: i128 = 1_000_000_000;
/// While a flood lasts, its size is reported this often.
const REPORT_EVERY: Duration = Duration::from_secs(1);

/// Splits an instance's output into lines (lossy UTF-8, at most [`LINE_BYTES`] each) within a byte budget.
///
/// A token bucket lets `rate_bytes` a second pass, and `burst_bytes` at once. What does not fit is dropped up to the next line
/// start and counted, and a line "… bytes dropped …" stands where it was; when the flood goes on, one stands there each second.
#[derive(Debug)]
pub struct LineSplitter {
    bucket: Bucket,
    /// Bytes of the line that has no end yet; at most [`LINE_BYTES`].
    partial: Vec<u8>,
    flow: Flow,
    /// The `now` of the latest feed.
    now: Duration,
}

#[derive(Debug)]
enum Flow {
    Passing,
    Dropping {
        /// Bytes not yet reported.
        bytes: u64,
        /// Bytes since the last line end seen while dropping; 0 at a line start.
        into_line: usize,
        reported: Duration,
    },
}

impl LineSplitter {
    /// `rate_bytes` a second, `burst_bytes` at once; with both 0 everything is dropped and counted.
    pub fn new(rate_bytes: u32, burst_bytes: u32) -> Self {
        let bucket = Bucket::new(rate_bytes, burst_bytes);
        Self { bucket, partial: Vec::new(), flow: Flow::Passing, now: Duration::ZERO }
    }

    /// Feeds bytes read at `now` (since any fixed moment); calls `emit` for each complete line. Without bytes it only reports what
    /// was dropped, if that is due.
    pub fn feed(&mut self, bytes: &[u8], now: Duration, emit: &mut dyn FnMut(String)) {
        self.bucket.refill(now.saturating_sub(self.now));
        self.now = self.now.max(now);
        let mut rest = bytes;
        loop {
            rest = match self.flow {
                Flow::Passing => self.pass(rest, emit),
                Flow::Dropping { .. } => self.drop_some(rest, emit),
            };
            if rest.is_empty() {
                return;
            }
        }
    }

    /// The rest without a line end, and what was dropped and not yet reported.
    pub fn finish(&mut self, emit: &mut dyn FnMut(String)) {
        self.end_line(emit);
        self.report(emit);
        self.flow = Flow::Passing;
    }

    /// Takes bytes up to a line end, the line cap or the budget's end; returns the rest.
    fn pass<'b>(&mut self, bytes: &'b [u8], emit: &mut dyn FnMut(String)) -> &'b [u8] {
        if bytes.is_empty() {
            return bytes;
        }
        let affordable = self.bucket.affordable();
        if affordable == 0 {
            self.start_dropping(emit);
            return bytes;
        }
        let room = LINE_BYTES.saturating_sub(self.partial.len()).max(1);
        let (window, _) = bytes.split_at(bytes.len().min(room).min(affordable));
        let line_end = window.iter().position(|byte| *byte == b'\n');
        let (taken, rest) = bytes.split_at(line_end.map_or(window.len(), |at| at + 1));
        self.bucket.take(taken.len());
        self.partial.extend_from_slice(taken);
        if line_end.is_some() {
            self.partial.pop();
            if self.partial.last() == Some(&b'\r') {
                self.partial.pop();
            }
            self.emit_partial(emit);
        } else if self.partial.len() >= LINE_BYTES {
            let tail = self.unfinished_character();
            self.emit_partial(emit);
            self.partial = tail;
        }
        rest
    }

    /// The budget is used up: what there is of the line is emitted, and counting begins.
    fn start_dropping(&mut self, emit: &mut dyn FnMut(String)) {
        let cut = self.unfinished_character();
        let into_line = self.partial.len() + cut.len();
        self.end_line(emit);
        self.flow = Flow::Dropping { bytes: cut.len() as u64, into_line, reported: self.now };
    }

    /// Drops bytes until there is budget again and a line starts; returns the rest.
    fn drop_some<'b>(&mut self, bytes: &'b [u8], emit: &mut dyn FnMut(String)) -> &'b [u8] {
        let may_pass = self.bucket.recovered();
        let Flow::Dropping { bytes: dropped, into_line, reported } = &mut self.flow else { return bytes };
        let line_end = match bytes.iter().position(|byte| *byte == b'\n') {
            // A flood without line ends must not silence the instance for ever.
            _ if may_pass && (*into_line == 0 || *into_line >= LINE_BYTES) => Some(0),
            Some(at) if may_pass => Some(at + 1),
            _ => None,
        };
        let (gone, rest) = bytes.split_at(line_end.unwrap_or(bytes.len()));
        *dropped += gone.len() as u64;
        *into_line = match gone.iter().rposition(|byte| *byte == b'\n') {
            Some(at) => gone.len() - at - 1,
            None => *into_line + gone.len(),
        };
        let due = self.now.saturating_sub(*reported) >= REPORT_EVERY;
        if line_end.is_some() {
            self.report(emit);
            self.flow = Flow::Passing;
        } else if due {
            self.report(emit);
        }
        rest
    }

    fn report(&mut self, emit: &mut dyn FnMut(String)) {
        let rate = self.bucket.rate;
        let Flow::Dropping { bytes, reported, .. } = &mut self.flow else { return };
        *reported = self.now;
        let count = std::mem::take(bytes);
        if count > 0 {
            emit(format!("[funcd: {count} bytes dropped, the output was faster than {rate} bytes a second]"));
        }
    }

    fn end_line(&mut self, emit: &mut dyn FnMut(String)) {
        if !self.partial.is_empty() {
            self.emit_partial(emit);
        }
    }

    /// Emits the partial line, even an empty one; replacement characters may make it longer than a line may be.
    fn emit_partial(&mut self, emit: &mut dyn FnMut(String)) {
        self.bucket.charge(LINE_COST);
        let text = String::from_utf8_lossy(&self.partial).into_owned();
        self.partial.clear();
        if text.len() <= LINE_BYTES {
            return emit(text);
        }
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (piece, tail) = rest.split_at(rest.floor_char_boundary(LINE_BYTES));
            emit(piece.to_owned());
            rest = tail;
        }
    }

    /// Takes the first bytes of a character that is not complete yet off the partial line.
    fn unfinished_character(&mut self) -> Vec<u8> {
        let len = self.partial.len();
        let start =
            (len.saturating_sub(3)..len).rev().find(|at| self.partial.get(*at).is_some_and(|byte| *byte >= 0xC0));
        let is_open = |tail: &[u8]| std::str::from_utf8(tail).is_err_and(|error| error.error_len().is_none());
        match start {
            Some(at) if self.partial.get(at..).is_some_and(is_open) => self.partial.split_off(at),
            _ => Vec::new(),
        }
    }
}

/// A token bucket; may go into debt by one line's cost.
#[derive(Debug)]
struct Bucket {
    /// Bytes a second.
    rate: u32,
    /// Byte-nanoseconds, as `level` is.
    capacity: i128,
    level: i128,
}

impl Bucket {
    fn new(rate: u32, burst: u32) -> Self {
        let capacity = i128::from(burst) * BYTE;
        Self { rate, capacity, level: capacity }
    }

    fn refill(&mut self, elapsed: Duration) {
        let nanos = i128::try_from(elapsed.as_nanos()).unwrap_or(i128::MAX);
        let refill = nanos.saturating_mul(i128::from(self.rate));
        self.level = self.level.saturating_add(refill).min(self.capacity);
    }

    fn affordable(&self) -> usize {
        usize::try_from(self.level / BYTE).unwrap_or(0)
    }

    /// Whether a sixteenth of a second's budget has come back: shorter pauses would only shred lines.
    fn recovered(&self) -> bool {
        let enough = (i128::from(self.rate) * BYTE / 16).min(self.capacity).max(BYTE);
        self.level >= enough
    }

    fn take(&mut self, bytes: usize) {
        self.charge(i128::try_from(bytes).unwrap_or(i128::MAX / BYTE));
    }

    fn charge(&mut self, bytes: i128) {
        self.level -= bytes * BYTE;
    }
}
