use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The last moment at or before 2026-03-04 (a Wednesday) 05:06:07, within 20 years.
#[track_caller]
fn check(cron: &str, expect: Option<&str>) {
    let last = Cron::parse(cron).unwrap().last(at("2026-03-04T05:06:07Z"), at("2006-01-01T00:00:00Z"));
    assert_eq!(last, expect.map(at), "{cron}");
}

#[track_caller]
fn refused(cron: &str, part: &str) {
    let error = Cron::parse(cron).unwrap_err().to_string();
    assert!(error.contains(part), "{error}");
}

#[test]
fn the_last_moment_is_found_in_every_field() {
    check("* * * * * *", Some("2026-03-04T05:06:07Z"));
    check("7 6 5 4 3 *", Some("2026-03-04T05:06:07Z"));
    check("8 6 5 4 3 *", Some("2025-03-04T05:06:08Z"));
    check("0 */15 * * *", Some("2026-03-04T05:00:00Z"));
    check("30 7 * * * ?", Some("2026-03-04T04:07:30Z"));
    check("0 0 8-18/5 * * *", Some("2026-03-03T18:00:00Z"));
    check("0 0 9 * * MON-FRI", Some("2026-03-03T09:00:00Z"));
    check("0 30 22 ? jan,Feb sun", Some("2026-02-22T22:30:00Z"));
    check("59 59 23 31 * *", Some("2026-01-31T23:59:59Z"));
    check("0 0 0 29 2 *", Some("2024-02-29T00:00:00Z"));
    check("0 0 0 1 * 1", Some("2026-03-02T00:00:00Z"));
    check("50/3 0 0 1 1 ?", Some("2026-01-01T00:00:59Z"));
}

#[test]
fn nothing_is_found_before_the_earliest() {
    let cron = Cron::parse("0 0 9 * * *").unwrap();
    let now = at("2026-03-04T10:00:00Z");
    assert_eq!(cron.last(now, at("2026-03-04T09:00:00Z")), Some(at("2026-03-04T09:00:00Z")));
    assert_eq!(cron.last(now, at("2026-03-04T09:00:01Z")), None);
    assert_eq!(cron.last(now, at("2027-03-04T09:00:01Z")), None);
}

#[test]
fn what_is_no_expression_is_refused_with_its_field() {
    refused("", "not 0");
    refused("0 0 9 * * * *", "not 7");
    refused("60 0 9 * * *", "second must be 0 to 59");
    refused("0 0 24 * * *", "hour");
    refused("0 0 9 0 * *", "day-of-month must be 1 to 31");
    refused("0 0 9 * foo *", "month");
    refused("0 0 9 * * 7", "day-of-week");
    refused("? 0 9 * * *", "second");
    refused("0 */0 9 * * *", "minute");
    refused("0 5-1 9 * * *", "minute");
    refused("0 1, 9 * * *", "minute");
    refused("0 -1 9 * * *", "minute");
    refused("0 99999999999 9 * * *", "minute");
    refused("0 0 9 31 2,4 *", "no day");
    refused("CRON_TZ=Asia/Shanghai 0 0 9 * *", "second");
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_it(text in ".{0,40}", second in 0_i64..4_000_000_000) {
        if let Ok(cron) = Cron::parse(&text) {
            let now = Timestamp::from_second(second).unwrap();
            let last = cron.last(now, Timestamp::UNIX_EPOCH);
            proptest::prop_assert!(last.is_none_or(|last| last <= now));
        }
    }

    /// The moment found is one, and none is between it and now: looked at second by second.
    #[test]
    fn the_last_moment_is_the_last(second in 0_u8..60, minute in 0_u8..60, step in 1_u8..60, now in 0_i64..4_000_000) {
        let cron = Cron::parse(&format!("{second} {minute}/{step} * * * *")).unwrap();
        let now = Timestamp::from_second(now + 10_000).unwrap();
        let fits = |at: i64| {
            let (s, m) = (at % 60, at / 60 % 60);
            s == i64::from(second) && m >= i64::from(minute) && (m - i64::from(minute)) % i64::from(step) == 0
        };
        let slow = (now.as_second() - 7200..=now.as_second()).rev().find(|at| fits(*at));
        proptest::prop_assert_eq!(cron.last(now, Timestamp::UNIX_EPOCH).map(|at| at.as_second()), slow);
    }
}
