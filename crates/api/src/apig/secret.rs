//! Keys, secrets and codes that clients choose: what the vendor's manual allows. A secret is not shown when it is refused.

use wire::codes;

use crate::problems::{Problems, quoted};

/// A rule for a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    /// The field.
    pub(super) field: &'static str,
    /// How many characters it may have.
    pub(super) chars: (usize, usize),
    /// What may stand in it beside letters and digits of ASCII.
    pub(super) beside: &'static str,
    /// What it may begin with beside letters and digits of ASCII.
    pub(super) begins: &'static str,
    /// Whether it is shown when it is refused.
    pub(super) secret: bool,
}

impl Rule {
    /// The text, if it keeps the rule; an empty one is not given.
    pub(super) fn check(&self, given: Option<String>, problems: &mut Problems) -> Option<String> {
        let given = given.filter(|given| !given.is_empty())?;
        let (least, most) = self.chars;
        let legal = |c: char| c.is_ascii_alphanumeric() || self.beside.contains(c);
        let begins = |c: char| c.is_ascii_alphanumeric() || self.begins.contains(c);
        let fine = (least..=most).contains(&given.chars().count())
            && given.chars().all(legal)
            && given.chars().next().is_some_and(begins);
        problems.unless(fine, codes::apig::PARAMETER, || {
            let shown = if self.secret { "(not shown)".to_owned() } else { quoted(&given) };
            let first = if self.begins.is_empty() { String::new() } else { format!(" or one of {}", self.begins) };
            format!(
                "{} must be {least} to {most} letters, digits and characters of {}, and begin with a letter, a digit{first}; not {shown}",
                self.field, self.beside
            )
        });
        fine.then_some(given)
    }
}
