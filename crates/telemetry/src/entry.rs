//! A record as one line of a file, written field by field: there is one for every request, and a general serializer takes eight
//! times the instructions. What it writes is what [`ndjson`] would.

use std::cell::RefCell;

use jiff::Timestamp;
use model::invoke::Source;
use model::record::{Record, Timings};

use crate::line::ndjson;

/// Adds `record` as JSON and a line end, as [`ndjson`].
///
/// # Errors
/// It cannot be written as JSON; `out` has a part of it then.
pub(crate) fn record(record: &Record, out: &mut Vec<u8>) -> serde_json::Result<()> {
    let Record {
        request_id,
        function,
        version,
        revision,
        instance,
        source,
        method,
        path,
        status,
        error,
        started,
        timings,
        request_bytes,
        response_bytes,
        memory_bytes,
        memory_mb,
    } = record;
    let all = [request_id, function, version, &**method, path].iter().map(|text| text.len()).sum::<usize>();
    out.reserve(all + 512);
    let mut fields = Fields { out };
    fields.text("{\"request_id\":", request_id)?;
    fields.text(name!("function"), function)?;
    fields.text(name!("version"), version)?;
    fields.number(name!("revision"), *revision);
    fields.perhaps(name!("instance"), instance.as_deref())?;
    fields.plain(name!("source"), source_name(*source));
    fields.text(name!("method"), method)?;
    fields.text(name!("path"), path)?;
    fields.number(name!("status"), u64::from(*status));
    fields.perhaps(name!("error"), error.as_deref())?;
    fields.name(name!("started"));
    time(*started, fields.out);
    fields.timings(*timings);
    fields.number(name!("request_bytes"), *request_bytes);
    fields.number(name!("response_bytes"), *response_bytes);
    fields.number(name!("memory_bytes"), *memory_bytes);
    fields.number(name!("memory_mb"), u64::from(*memory_mb));
    out.extend_from_slice(b"}\n");
    Ok(())
}

fn source_name(source: Source) -> &'static str {
    match source {
        Source::Gateway => "gateway",
        Source::Api => "api",
    }
}

/// The name of a member that is not the first, with what is around it; put together by the compiler.
macro_rules! name {
    ($name:literal) => {
        concat!(",\"", $name, "\":")
    };
}
use name;

/// The members of an object. Names come with what is around them ([`name!`]).
struct Fields<'a> {
    out: &'a mut Vec<u8>,
}

impl Fields<'_> {
    fn name(&mut self, name: &'static str) {
        self.out.extend_from_slice(name.as_bytes());
    }

    /// Text of ours, which needs no escapes.
    fn plain(&mut self, name: &'static str, text: &str) {
        self.name(name);
        quoted(text, self.out);
    }

    fn text(&mut self, name: &'static str, text: &str) -> serde_json::Result<()> {
        // Nearly all is, and this looks at many bytes at a time.
        let clean = |byte: u8| (b' '..0x7f).contains(&byte) & (byte != b'"') & (byte != b'\\');
        if text.bytes().fold(true, |all, byte| all & clean(byte)) {
            self.plain(name, text);
            return Ok(());
        }
        self.name(name);
        ndjson(text, self.out)?;
        self.out.pop(); // the line's end
        Ok(())
    }

    fn perhaps(&mut self, name: &'static str, text: Option<&str>) -> serde_json::Result<()> {
        match text {
            Some(text) => self.text(name, text),
            None => {
                self.name(name);
                self.out.extend_from_slice(b"null");
                Ok(())
            }
        }
    }

    fn number(&mut self, name: &'static str, number: u64) {
        self.name(name);
        decimal::<1>(number, self.out);
    }

    fn timings(&mut self, timings: Timings) {
        let Timings { gateway_us, queue_us, sandbox_us, boot_us, thaw_us, first_byte_us, total_us } = timings;
        self.name(name!("timings"));
        self.number("{\"gateway_us\":", gateway_us);
        self.number(name!("queue_us"), queue_us);
        self.number(name!("sandbox_us"), sandbox_us);
        self.number(name!("boot_us"), boot_us);
        self.number(name!("thaw_us"), thaw_us);
        self.number(name!("first_byte_us"), first_byte_us);
        self.number(name!("total_us"), total_us);
        self.out.push(b'}');
    }
}

fn quoted(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(text.as_bytes());
    out.push(b'"');
}

/// A number with at least so many digits.
fn decimal<const LEAST: usize>(number: u64, out: &mut Vec<u8>) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    let mut rest = number;
    for digit in digits.iter_mut().rev() {
        if rest == 0 {
            break;
        }
        *digit = b'0' + (rest % 10) as u8;
        rest /= 10;
        at -= 1;
    }
    out.extend_from_slice(digits.get(at.min(digits.len() - LEAST)..).unwrap_or_default());
}

/// RFC 3339 in UTC with as much of the fraction as there is. All of it but the fraction is made once a second.
fn time(at: Timestamp, out: &mut Vec<u8>) {
    thread_local! { static LAST: RefCell<(i64, String)> = const { RefCell::new((i64::MIN, String::new())) } }
    let (second, Ok(mut fraction)) = (at.as_second(), u64::try_from(at.subsec_nanosecond())) else {
        return quoted(&at.to_string(), out); // before 1970 the fraction goes the other way
    };
    LAST.with_borrow_mut(|(last, text)| {
        if *last != second {
            *last = second;
            *text = Timestamp::from_second(second).unwrap_or(at).to_string();
        }
        quoted(text, out);
    });
    if fraction == 0 {
        return;
    }
    out.truncate(out.len() - 2); // Z and the quote
    out.push(b'.');
    let mut digits = 9;
    while fraction % 10 == 0 {
        fraction /= 10;
        digits -= 1;
    }
    let from = out.len();
    decimal::<9>(fraction, out);
    out.drain(from..from + 9 - digits);
    out.extend_from_slice(b"Z\"");
}

#[cfg(test)]
mod tests;
