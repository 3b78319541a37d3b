//! Everything wrong with a request, collected so that all of it is reported at once.

use std::fmt;

use wire::codes::Code;

use crate::error::Error;

/// What is wrong with a request so far, in the order found.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    found: Vec<Problem>,
    /// Fields that are there and could not be read; an empty name is the whole body.
    unread: Vec<String>,
}

/// One thing that is wrong: its code, and a text that names field, limit and value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The vendor's code for it.
    pub(crate) code: Code,
    /// For a person.
    pub(crate) text: String,
}

impl Problems {
    /// Notes one.
    pub(crate) fn add(&mut self, code: Code, text: impl Into<String>) {
        self.found.push(Problem { code, text: text.into() });
    }

    /// Notes one unless `fine`; the text is made only when needed.
    pub(crate) fn unless(&mut self, fine: bool, code: Code, text: impl FnOnce() -> String) {
        if !fine {
            self.add(code, text());
        }
    }

    /// Notes a field that is there and could not be read: it is not missing too, and nothing in it is.
    pub(crate) fn unread(&mut self, field: &str, code: Code, text: impl Into<String>) {
        self.unread.push(field.to_owned());
        self.add(code, text);
    }

    /// Notes a field that is missing, unless it, or what it stands in, could not be read.
    pub(crate) fn missing(&mut self, field: &str, code: Code, text: impl Into<String>) {
        let inside =
            |outer: &str| field.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
        if !self.unread.iter().any(|unread| unread.is_empty() || inside(unread)) {
            self.add(code, text);
        }
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Nothing, or one error with all of it: code and status are those of the first problem, and where there are several, each
    /// text begins with its own code.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let Some(first) = self.found.first() else { return Ok(()) };
        let text = match self.found.as_slice() {
            [only] => only.text.clone(),
            several => several.iter().map(Problem::to_string).collect::<Vec<_>>().join("; "),
        };
        Err(Error::new(first.code, text))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code.text, self.text)
    }
}

/// A text of the caller's as it may stand in a message: quoted, without control characters, not longer than 80 characters.
pub(crate) fn quoted(text: &str) -> String {
    const CHARS: usize = 80;
    let shown: String = text.chars().take(CHARS).flat_map(char::escape_debug).collect();
    let more = if text.chars().nth(CHARS).is_some() { "..." } else { "" };
    format!("'{shown}{more}'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::codes;

    #[test]
    fn one_problem_speaks_for_itself_and_several_bring_their_codes() {
        let mut problems = Problems::default();
        problems.add(codes::MEMORY, "memory_size must be 128");
        problems.unless(true, codes::NAME, || "not said".to_owned());
        let error = problems.finish().unwrap_err();
        assert_eq!((error.code(), error.message()), (codes::MEMORY, "memory_size must be 128"));

        let mut problems = Problems::default();
        problems.add(codes::TIMEOUT, "timeout is wrong");
        problems.add(codes::MEMORY, "memory_size is wrong");
        let error = problems.finish().unwrap_err();
        assert_eq!(error.code(), codes::TIMEOUT);
        assert_eq!(error.message(), "FSS.1008 timeout is wrong; FSS.1007 memory_size is wrong");
    }

    #[test]
    fn what_could_not_be_read_is_not_missing() {
        for (unread, expect) in [("", 1), ("a", 1), ("a.b", 1), ("a.c", 2), ("a.b.c", 2), ("ab", 2)] {
            let mut problems = Problems::default();
            problems.unread(unread, codes::INVALID, "unread");
            problems.missing("a.b", codes::INVALID, "missing");
            assert_eq!(problems.found.len(), expect, "{unread}");
        }
    }

    #[test]
    fn quoted_text_is_short_and_printable() {
        assert_eq!(quoted("a\nb'"), r"'a\nb\''");
        assert_eq!(quoted(&"x".repeat(81)).len(), 85);
    }
}
