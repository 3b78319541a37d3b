//! When blanks are made ahead of need: in pauses, rather than at a low priority. Making one takes locks that the kernel has once for
//! the host (of network devices, of mounts); whoever holds one and is not scheduled holds up every start that waits for it.

use std::time::{Duration, Instant};

/// One at a time, when nothing was asked for this long: a program that just starts needs the processors and the kernel's locks
/// more, and most have started by then.
const QUIET: Duration = Duration::from_millis(300);
/// But where requests never pause, this long after the last one was made, or the first one was taken.
const HURRY: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Pace {
    /// When the last request came.
    asked: Instant,
    /// Since when there are too few without one being made; `None` where there are enough, or nobody has asked since.
    short: Option<Instant>,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { asked: now, short: None }
    }

    /// A request came.
    pub(super) fn asked(&mut self, now: Instant) {
        self.asked = now;
        self.short.get_or_insert(now);
    }

    /// One is being made.
    pub(super) fn made(&mut self, now: Instant) {
        self.short = Some(now);
    }

    /// There are as many as there shall be.
    pub(super) fn full(&mut self) {
        self.short = None;
    }

    /// How long to wait before the next one is made.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        let quiet = self.asked + QUIET;
        let due = self.short.map_or(quiet, |short| quiet.min(short + HURRY));
        due.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A letter is what happens, a number how many milliseconds pass: `a` asked, `m` made, `f` full.
    fn check(story: &str, expect: u64) {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        for word in story.split(' ') {
            match word {
                "a" => pace.asked(now),
                "m" => pace.made(now),
                "f" => pace.full(),
                millis => now += Duration::from_millis(millis.parse().unwrap()),
            }
        }
        assert_eq!(pace.wait(now), Duration::from_millis(expect), "{story}");
    }

    #[test]
    fn a_start_after_a_rest_is_left_alone() {
        check("300 m 5 f 60000 a", 300);
        check("300 m 5 f 60000 a 30", 270);
        check("300 m 5 f 60000 a 300", 0);
    }

    #[test]
    fn they_are_made_one_after_the_other_when_nobody_asks() {
        check("299", 1);
        check("300", 0);
        check("300 m 5", 0);
    }

    #[test]
    fn starts_that_never_pause_do_not_keep_them_from_being_made() {
        check("300 m f 60000 a 90 a 90 a 90 a 90 a 90 a", 50);
        check("300 m f 60000 a 90 a 90 a 90 a 90 a 90 a 50", 0);
        check("300 m f 60000 a 90 a 90 a 90 a 90 a 90 a 50 m 90 a", 300);
        check("300 m f 60000 a 500 m 90 a 90 a 90 a 90 a 90 a", 50);
    }
}
