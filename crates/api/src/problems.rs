//! Everything wrong with a request, collected so that all of it is reported at once.

use std::fmt;

use wire::codes::Code;

use crate::error::Error;

/// What is wrong with a request so far, in the order found.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

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
        self.0.push(Problem { code, text: text.into() });
    }

    /// Notes one unless `fine`; the text is made only when needed.
    pub(crate) fn unless(&mut self, fine: bool, code: Code, text: impl FnOnce() -> String) {
        if !fine {
            self.add(code, text());
        }
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Nothing, or one error with all of it: code and status are those of the first problem, and where there are several, each
    /// text begins with its own code.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let Some(first) = self.0.first() else { return Ok(()) };
        let text = match self.0.as_slice() {
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
    fn quoted_text_is_short_and_printable() {
        assert_eq!(quoted("a\nb'"), r"'a\nb\''");
        assert_eq!(quoted(&"x".repeat(81)).len(), 85);
    }
}
