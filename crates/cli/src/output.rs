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
        let mut out = self.out.borrow_mut();
        match writeln!(out, "{text}").and_then(|()| out.flush()) {
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
            Output { json, colour: false, progress: false, interactive: false, out, messages }
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

    #[test]
    fn nothing_reaches_the_terminal_as_a_command() {
        check("\x1b[2J\x07\r\n\x7f", "\\u{1b}[2J\\u{7}\\r\\n\\u{7f}");
        check("\u{9b}31m", "\\u{9b}31m");
        check("a\u{202e}b", "a\\u{202e}b");
    }
}
