//! One line of a function's log, and how a line or a record becomes one line of a file.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::ser::{CompactFormatter, Formatter};

/// The longest text of a line, bytes (`reliability.md` B.3, row 23); longer ones are split.
pub const LINE_BYTES: usize = 64 * 1024;

/// One line of a function's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// When it was read from the instance.
    pub at: Timestamp,
    /// URN without qualifier; the folder says it, so the file does not repeat it.
    #[serde(skip)]
    pub function: String,
    /// `latest` or a published name.
    pub version: String,
    /// Which instance wrote it.
    pub instance: String,
    /// Where it was written to.
    pub stream: Stream,
    /// The request it belongs to, where exactly one was in flight.
    pub request_id: Option<String>,
    /// What the owner wants each line of the function to carry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Arc<BTreeMap<String, String>>>,
    /// At most [`LINE_BYTES`], no line end; control characters are kept here and escaped in files.
    pub text: String,
}

/// Where a line comes from. User code cannot write to `System`, so it cannot forge funcd's own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
    /// funcd's own words about the instance: started, exited, why.
    System,
}

impl Line {
    /// The line with a text no longer than [`LINE_BYTES`]; what is cut off is said at its end.
    pub(crate) fn capped(mut self) -> Self {
        if self.text.len() > LINE_BYTES {
            // Room for the words that follow.
            let keep = self.text.floor_char_boundary(LINE_BYTES - 64);
            let cut = self.text.len() - keep;
            self.text.truncate(keep);
            self.text.push_str(&format!(" [{cut} bytes cut]"));
        }
        self
    }

    /// Bytes it takes in memory, roughly.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.function.len() + self.version.len() + self.instance.len() + self.text.len()
    }
}

/// Adds `value` as JSON and a line end, with every control character escaped, so that a terminal showing the file is safe too.
///
/// # Errors
/// It cannot be written as JSON; `out` has a part of it then.
pub(crate) fn ndjson<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> serde_json::Result<()> {
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut *out, Escaping))?;
    out.push(b'\n');
    Ok(())
}

/// JSON requires escapes only below U+0020; DEL and the C1 controls (U+009B is a terminal's CSI) are escaped here as well.
struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        // Nearly all text is plain, which takes no look at each character.
        if fragment.bytes().fold(true, |plain, byte| plain & (b' '..0x7f).contains(&byte)) {
            return CompactFormatter.write_string_fragment(writer, fragment);
        }
        let mut rest = fragment;
        while let Some((at, control)) = rest.char_indices().find(|(_, c)| c.is_control()) {
            let (clean, tail) = rest.split_at(at);
            CompactFormatter.write_string_fragment(writer, clean)?;
            write!(writer, "\\u{:04x}", u32::from(control))?;
            rest = tail.get(control.len_utf8()..).unwrap_or_default();
        }
        CompactFormatter.write_string_fragment(writer, rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> Line {
        Line {
            at: Timestamp::UNIX_EPOCH,
            function: "urn".into(),
            version: "latest".into(),
            instance: "i".into(),
            stream: Stream::Stdout,
            request_id: None,
            tags: None,
            text: text.into(),
        }
    }

    /// Written and read again the text is the same, and the file's line is one line without control characters.
    fn check(text: &str) {
        let mut bytes = Vec::new();
        ndjson(&line(text), &mut bytes).unwrap();
        let written = String::from_utf8(bytes).unwrap();
        let body = written.strip_suffix('\n').unwrap();
        assert!(!body.chars().any(char::is_control), "{body:?}");
        assert_eq!(serde_json::from_str::<Line>(body).unwrap().text, text);
    }

    #[test]
    fn a_text_cannot_end_its_line_or_forge_another() {
        check("x\"}\n{\"at\":\"2026-01-01T00:00:00Z\",\"text\":\"forged\"}");
    }

    #[test]
    fn no_control_character_reaches_the_file() {
        check("\u{1b}[2J\u{0}\u{7f}\u{9b}31m\r\u{85}\u{2028} ok 中文 😀");
    }

    proptest::proptest! {
        #[test]
        fn any_text_survives_the_file(text in proptest::string::string_regex("(?s).{0,200}").unwrap()) {
            check(&text);
        }
    }

    #[test]
    fn a_long_text_is_cut_at_a_character_and_says_how_much() {
        let capped = line(&"é".repeat(LINE_BYTES)).capped();
        assert!(capped.text.len() <= LINE_BYTES);
        assert!(capped.text.ends_with("é [65600 bytes cut]"), "{:?}", capped.text.get(LINE_BYTES - 100..));
    }
}
