//! What a command prints: data on standard output, everything else on standard error.

use std::cell::RefCell;
use std::fmt;
use std::io::{self, IsTerminal as _, Write};
use std::rc::Rc;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

mod report;
mod table;

pub use report::report;
pub(crate) use table::Table;

/// How to print, and where to.
#[derive(Clone)]
pub(crate) struct Output {
    /// Data as JSON.
    pub(crate) json: bool,
    /// Colours in data: it goes to a terminal and nobody asked for none (`NO_COLOR`).
    pub(crate) colour: bool,
    /// Whether data goes to a terminal, which takes some characters for commands.
    terminal: bool,
    /// Whether progress can be shown.
    progress: bool,
    /// Whether somebody can be asked.
    pub(crate) interactive: bool,
    out: Rc<RefCell<dyn Write>>,
    messages: Rc<RefCell<dyn Write>>,
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { json, colour, progress, .. } = self;
        f.debug_struct("Output").field("json", json).field("colour", colour).field("progress", progress).finish()
    }
}

/// Whoever read standard output went away (`funcd logs web | head`): a reason to stop, not a failure.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("standard output was closed")]
pub(crate) struct Closed;

impl Output {
    /// To the process's own streams.
    pub(crate) fn standard(json: bool) -> Self {
        let wanted = std::env::var_os("NO_COLOR").is_none_or(|text| text.is_empty());
        Self {
            json,
            colour: wanted && io::stdout().is_terminal(),
            terminal: io::stdout().is_terminal(),
            progress: io::stderr().is_terminal(),
            interactive: io::stdin().is_terminal() && io::stderr().is_terminal(),
            out: Rc::new(RefCell::new(io::stdout())),
            messages: Rc::new(RefCell::new(io::stderr())),
        }
    }

    /// A value as JSON, or else the text made from it.
    pub(crate) fn data<T: Serialize>(&self, value: &T, text: impl FnOnce() -> String) -> Result<()> {
        if self.json { self.line(&serde_json::to_string_pretty(value)?) } else { self.line(text().trim_end()) }
    }

    /// One line of data, at once.
    pub(crate) fn line(&self, text: &str) -> Result<()> {
        self.write(&[text.as_bytes(), b"\n"])
    }

    /// Bytes from elsewhere as they are; a terminal gets text only, and nothing it would take for a command.
    pub(crate) fn bytes(&self, bytes: &[u8]) -> Result<()> {
        if !self.terminal {
            return self.write(&[bytes]);
        }
        match std::str::from_utf8(bytes) {
            Ok("") => Ok(()),
            Ok(text) => self.line(&text.lines().map(escape).collect::<Vec<_>>().join("\n")),
            Err(_) => {
                self.note(&format!(
                    "{} bytes that are no text are not for a terminal: send them to a file",
                    bytes.len()
                ));
                Ok(())
            }
        }
    }

    fn write(&self, parts: &[&[u8]]) -> Result<()> {
        let mut out = self.out.borrow_mut();
        match parts.iter().try_for_each(|part| out.write_all(part)).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Err(Closed.into()),
            written => written.context("cannot write to standard output"),
        }
    }

    /// A message for the person at the terminal.
    pub(crate) fn note(&self, text: &str) {
        // Nobody is left to tell when standard error is gone.
        let _ = writeln!(self.messages.borrow_mut(), "{text}");
    }

    /// A progress bar over bytes, if standard error is a terminal.
    pub(crate) fn progress(&self, what: &'static str, bytes: u64) -> ProgressBar {
        let style = ProgressStyle::with_template("{msg:>10} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec}");
        self.bar(ProgressBar::new(bytes), what, style)
    }

    /// A sign of life for something of unknown length, if standard error is a terminal.
    pub(crate) fn spinner(&self, what: &'static str) -> ProgressBar {
        let bar =
            self.bar(ProgressBar::new_spinner(), what, ProgressStyle::with_template("{msg:>10} {spinner} {elapsed}"));
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        bar
    }

    fn bar(
        &self,
        bar: ProgressBar,
        what: &'static str,
        style: std::result::Result<ProgressStyle, indicatif::style::TemplateError>,
    ) -> ProgressBar {
        let target =
            if io::stderr().is_terminal() { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        bar.set_draw_target(target);
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar
    }
}

/// Text from elsewhere, made safe for a terminal: control characters and those that reorder text are shown as escapes.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\t' => safe.push('\t'),
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                safe.extend(character.escape_unicode());
            }
            _ if character.is_control() => safe.extend(character.escape_default()),
            _ => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
pub(crate) mod captured {
    use super::*;

    /// What a command printed.
    #[derive(Clone, Default)]
    pub(crate) struct Captured {
        pub(crate) out: Rc<RefCell<Vec<u8>>>,
        pub(crate) messages: Rc<RefCell<Vec<u8>>>,
    }

    impl Captured {
        pub(crate) fn output(&self, json: bool) -> Output {
            let (out, messages) = (Rc::clone(&self.out), Rc::clone(&self.messages));
            Output { json, colour: false, terminal: false, progress: false, interactive: false, out, messages }
        }

        pub(crate) fn text(&self) -> (String, String) {
            let text = |bytes: &Rc<RefCell<Vec<u8>>>| String::from_utf8(bytes.borrow().clone()).unwrap();
            (text(&self.out), text(&self.messages))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        assert_eq!(escape(text), expect);
    }

    #[test]
    fn text_of_all_languages_is_printed_as_it_is() {
        check("naïve 数据\t🦀", "naïve 数据\t🦀");
    }

    #[track_caller]
    fn check_bytes(terminal: bool, bytes: &[u8], expect: (&[u8], &str)) {
        let captured = captured::Captured::default();
        let output = Output { terminal, ..captured.output(false) };
        output.bytes(bytes).unwrap();
        let messages = String::from_utf8(captured.messages.borrow().clone()).unwrap();
        assert_eq!((captured.out.borrow().as_slice(), messages.as_str()), expect);
    }

    #[test]
    fn bytes_are_written_as_they_are_but_not_to_a_terminal() {
        check_bytes(false, b"a\xff\x1b[2J", (b"a\xff\x1b[2J", ""));
        check_bytes(true, b"a\n\x1b[2J", (b"a\n\\u{1b}[2J\n", ""));
        check_bytes(true, b"", (b"", ""));
        let told = "2 bytes that are no text are not for a terminal: send them to a file\n";
        check_bytes(true, b"a\xff", (b"", told));
    }

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        check("\x1b[2J\x07\r\n\x7f", "\\u{1b}[2J\\u{7}\\r\\n\\u{7f}");
        check("\u{9b}31m", "\\u{9b}31m");
        check("a\u{202e}b", "a\\u{202e}b");
    }
}
