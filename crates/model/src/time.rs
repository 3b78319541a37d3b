//! The wall clock, read in this one place so that tests and audits know where time comes from.
//! Durations inside async crates come from `tokio::time`, which tests can pause.

use jiff::Timestamp;

/// The time now, UTC.
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// `YYYY-MM-DD HH:MM:SS` in UTC, as the REST API writes `last_modified` and `created_time` (`api.md` c.5).
pub fn wire_text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_text_has_no_zone_and_no_fraction() {
        let at: Timestamp = "2026-01-02T03:04:05.678Z".parse().unwrap();
        assert_eq!(wire_text(at), "2026-01-02 03:04:05");
    }
}
