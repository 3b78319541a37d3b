//! Moments named by six fields, UTC: second, minute, hour, day of month, month and, if given, day of week (`api.md` f).
//!
//! A field is `*`, a number, a range `1-5`, each with a step `/2`, or several of them between commas; `n/m` goes from n to the
//! end. Months and days of the week have names, too; Sunday is 0. `?` is `*` in the two fields of days. Where both of those are
//! given a day fits that fits one of them.

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// Days that are looked at before an expression counts as one that names no moment: the 29th of February comes every eight years
/// at least.
const DAYS: i32 = 9 * 366;
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// A set of moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cron {
    seconds: Set,
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    weekdays: Set,
}

/// Numbers of a field: a bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set {
    bits: u64,
    /// Whether nothing was said: `*` or `?`.
    any: bool,
}

/// Why a text is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CronError {
    /// The number of fields.
    #[error(
        "a cron expression has six fields (second minute hour day-of-month month day-of-week) or five without the last, not {0}"
    )]
    Fields(usize),
    /// One of them.
    #[error("{field} must be {least} to {most}, ranges and steps of them, or *, not '{text}'")]
    Field {
        /// Which.
        field: &'static str,
        /// The least number.
        least: u8,
        /// The largest number.
        most: u8,
        /// What stands there.
        text: String,
    },
    /// A day that no month has.
    #[error("no day is ever meant: there is no such day in those months")]
    Never,
}

/// What one field may have.
struct Field {
    name: &'static str,
    least: u8,
    most: u8,
    names: &'static [&'static str],
    /// Whether `?` may stand for `*`.
    question: bool,
}

const FIELDS: [Field; 6] = [
    Field { name: "second", least: 0, most: 59, names: &[], question: false },
    Field { name: "minute", least: 0, most: 59, names: &[], question: false },
    Field { name: "hour", least: 0, most: 23, names: &[], question: false },
    Field { name: "day-of-month", least: 1, most: 31, names: &[], question: true },
    Field { name: "month", least: 1, most: 12, names: &MONTHS, question: false },
    Field { name: "day-of-week", least: 0, most: 6, names: &WEEKDAYS, question: true },
];

impl Cron {
    /// Reads an expression.
    ///
    /// # Errors
    /// What is wrong with the first field that is.
    pub fn parse(text: &str) -> Result<Self, CronError> {
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        if !matches!(fields.len(), 5 | 6) {
            return Err(CronError::Fields(fields.len()));
        }
        let mut sets = [Set { bits: 0, any: true }; 6];
        for ((set, field), text) in sets.iter_mut().zip(&FIELDS).zip(fields.into_iter().chain(["*"])) {
            *set = field.parse(text).ok_or_else(|| CronError::Field {
                field: field.name,
                least: field.least,
                most: field.most,
                text: text.chars().take(40).flat_map(char::escape_debug).collect(),
            })?;
        }
        let [seconds, minutes, hours, days, months, weekdays] = sets;
        let cron = Self { seconds, minutes, hours, days, months, weekdays };
        let longest = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let possible = |(month, days): (usize, u8)| cron.months.has_index(month + 1) && cron.days.least() <= days;
        let any = !cron.weekdays.any || longest.into_iter().enumerate().any(possible);
        if any { Ok(cron) } else { Err(CronError::Never) }
    }

    /// The last moment that is meant, at `at` or before, and not before `earliest`.
    pub fn last(&self, at: Timestamp, earliest: Timestamp) -> Option<Timestamp> {
        let now = at.to_zoned(TimeZone::UTC).datetime();
        let first = earliest.to_zoned(TimeZone::UTC).date();
        let mut date = now.date();
        let mut before = Some(now);
        for _ in 0..DAYS {
            if date < first {
                return None;
            }
            if self.means(date)
                && let Some(time) = self.last_time(before)
            {
                let (hour, minute, second) = time;
                let moment = moment(date, hour, minute, second)?;
                return (moment >= earliest).then_some(moment);
            }
            before = None;
            date = date.checked_sub(Span::new().days(1)).ok()?;
        }
        None
    }

    fn means(&self, date: Date) -> bool {
        let day = self.days.has(date.day().unsigned_abs());
        let weekday = self.weekdays.has(date.weekday().to_sunday_zero_offset().unsigned_abs());
        let days = match (self.days.any, self.weekdays.any) {
            (false, false) => day || weekday,
            _ => day && weekday,
        };
        days && self.months.has(date.month().unsigned_abs())
    }

    /// The last hour, minute and second of a day, no later than `before`'s if given.
    fn last_time(&self, before: Option<DateTime>) -> Option<(u8, u8, u8)> {
        let latest = (self.hours.last(23)?, self.minutes.last(59)?, self.seconds.last(59)?);
        let Some(before) = before else { return Some(latest) };
        let (hour, minute, second) =
            (before.hour().unsigned_abs(), before.minute().unsigned_abs(), before.second().unsigned_abs());
        if self.hours.has(hour) {
            if self.minutes.has(minute)
                && let Some(second) = self.seconds.last(second)
            {
                return Some((hour, minute, second));
            }
            if let Some(minute) = minute.checked_sub(1).and_then(|minute| self.minutes.last(minute)) {
                return Some((hour, minute, latest.2));
            }
        }
        let hour = hour.checked_sub(1).and_then(|hour| self.hours.last(hour))?;
        Some((hour, latest.1, latest.2))
    }
}

fn moment(date: Date, hour: u8, minute: u8, second: u8) -> Option<Timestamp> {
    let number = |number: u8| i8::try_from(number).unwrap_or(0);
    let time = date.at(number(hour), number(minute), number(second), 0);
    Some(time.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

impl Field {
    fn parse(&self, text: &str) -> Option<Set> {
        let any = text == "*" || (text == "?" && self.question);
        let mut bits = 0;
        for part in text.split(',') {
            bits |= self.part(part)?;
        }
        Some(Set { bits, any })
    }

    fn part(&self, text: &str) -> Option<u64> {
        let (range, step) = match text.split_once('/') {
            Some((range, step)) => (range, Some(step.parse::<u8>().ok().filter(|step| *step > 0)?)),
            None => (text, None),
        };
        let (from, to) = match range.split_once('-') {
            Some((from, to)) => (self.number(from)?, self.number(to)?),
            None if range == "*" || (range == "?" && self.question) => (self.least, self.most),
            None => {
                let number = self.number(range)?;
                (number, if step.is_some() { self.most } else { number })
            }
        };
        let numbers = (from..=to).step_by(usize::from(step.unwrap_or(1)));
        (from <= to).then(|| numbers.fold(0, |bits, number| bits | 1 << number))
    }

    fn number(&self, text: &str) -> Option<u8> {
        let named = || {
            let at = self.names.iter().position(|name| name.eq_ignore_ascii_case(text))?;
            Some(u8::try_from(at).ok()? + self.least)
        };
        let number = match text.bytes().all(|byte| byte.is_ascii_digit()) {
            true => text.parse().ok(),
            false => named(),
        };
        number.filter(|number| (self.least..=self.most).contains(number))
    }
}

impl Set {
    fn has(self, number: u8) -> bool {
        number < 64 && self.bits & (1 << number) != 0
    }

    fn has_index(self, number: usize) -> bool {
        u8::try_from(number).is_ok_and(|number| self.has(number))
    }

    fn least(self) -> u8 {
        u8::try_from(self.bits.trailing_zeros()).unwrap_or(u8::MAX)
    }

    /// The largest number up to `most`.
    fn last(self, most: u8) -> Option<u8> {
        (0..=most.min(63)).rev().find(|number| self.has(*number))
    }
}

#[cfg(test)]
mod tests;
