//! Which requests an instance serves, to know whose output a line is.

use std::sync::Arc;
use std::time::Duration;

/// Output is read a moment after it was written; so long after a request's end a line may still be its own.
const ECHO: Duration = Duration::from_millis(20);

#[derive(Debug, Default)]
pub(super) struct Requests {
    current: Vec<(u64, Arc<str>)>,
    last: Option<(Arc<str>, Duration)>,
}

impl Requests {
    pub(super) fn begin(&mut self, ticket: u64, request_id: &Arc<str>) {
        self.current.push((ticket, Arc::clone(request_id)));
    }

    pub(super) fn end(&mut self, ticket: u64, now: Duration) {
        let Some(at) = self.current.iter().position(|(current, _)| *current == ticket) else { return };
        let (_, request_id) = self.current.swap_remove(at);
        // Where others go on or went on until just now, nobody can say whose a late line is.
        self.last = self.current.is_empty().then_some((request_id, now));
    }

    /// The one request that can have caused output read at `now`; `None` when there are several or none.
    pub(super) fn speaker(&self, now: Duration) -> Option<Arc<str>> {
        match (self.current.as_slice(), &self.last) {
            ([(_, request_id)], _) => Some(Arc::clone(request_id)),
            ([], Some((request_id, ended))) if now.saturating_sub(*ended) <= ECHO => Some(Arc::clone(request_id)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `+a` begins request a at the next millisecond, `-a` ends it; who speaks `after` milliseconds later?
    #[track_caller]
    fn check(history: &str, after: u64, expect: Option<&str>) {
        let mut requests = Requests::default();
        let mut now = Duration::ZERO;
        for step in history.split_whitespace() {
            now += Duration::from_millis(1);
            let (what, name) = step.split_at(1);
            let ticket = u64::from(name.as_bytes()[0]);
            match what {
                "+" => requests.begin(ticket, &name.into()),
                _ => requests.end(ticket, now),
            }
        }
        assert_eq!(requests.speaker(now + Duration::from_millis(after)).as_deref(), expect);
    }

    #[test]
    fn a_line_belongs_to_the_only_request_in_flight() {
        check("", 0, None);
        check("+a", 500, Some("a"));
        check("+a +b", 0, None);
        check("+a +b -a", 0, Some("b"));
    }

    #[test]
    fn a_late_line_belongs_to_the_request_that_just_ended() {
        check("+a -a", 20, Some("a"));
        check("+a -a", 21, None);
        check("+a -a +b", 0, Some("b"));
    }
}
