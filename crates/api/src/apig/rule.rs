//! How fields of the gateway's operations are checked: what is given, what it must be, what is said when it is not.

use wire::codes;

use crate::problems::{Problems, quoted};

/// Checks fields of one body; every problem is noted.
pub(crate) struct Rule<'a> {
    /// Where problems go.
    pub(crate) problems: &'a mut Problems,
}

impl Rule<'_> {
    /// A text that is given, not empty and fine.
    pub(crate) fn optional(
        &mut self,
        field: &str,
        must: &str,
        given: Option<String>,
        fine: impl Fn(&str) -> bool,
    ) -> Option<String> {
        let given = given.filter(|given| !given.is_empty())?;
        let fine = fine(&given);
        self.wrong_unless(fine, || format!("{field} must be {must}, not {}", quoted(&given)));
        fine.then_some(given)
    }

    /// The same of a text that must be given.
    pub(crate) fn required(
        &mut self,
        field: &str,
        must: &str,
        given: Option<String>,
        fine: impl Fn(&str) -> bool,
    ) -> String {
        if given.as_ref().is_none_or(String::is_empty) {
            self.problems.missing(field, codes::apig::MANDATORY, format!("{field} is missing: it must be {must}"));
            return String::new();
        }
        self.optional(field, must, given, fine).unwrap_or_default()
    }

    /// A description: at most `most` characters.
    pub(crate) fn remark(&mut self, field: &str, given: Option<String>, most: usize) -> Option<String> {
        let given = given?;
        let length = given.chars().count();
        self.wrong_unless(length <= most, || format!("{field} must have at most {most} characters, not {length}"));
        Some(given)
    }

    /// Notes something that is wrong.
    pub(crate) fn wrong_unless(&mut self, fine: bool, text: impl FnOnce() -> String) {
        self.problems.unless(fine, codes::apig::PARAMETER, text);
    }
}

/// Names of groups and APIs: 3 to 255 characters, the first a letter or a digit.
pub(crate) const NAME: &str =
    "3 to 255 letters, digits and -_./:() that begin with a letter or a digit (letters of any script)";

pub(crate) fn is_name(name: &str) -> bool {
    let legal = |c: char| c.is_alphanumeric() || "-_./:()（）：、".contains(c);
    (3..=255).contains(&name.chars().count()) && name.starts_with(char::is_alphanumeric) && name.chars().all(legal)
}

/// The code of a field that could not be read.
pub(crate) fn code_of(_: &str) -> codes::Code {
    codes::apig::PARAMETER
}
