use http::{HeaderName, HeaderValue};
use proptest::prelude::*;

use super::*;
use crate::function::tests::version;

fn headers(lines: &[(&str, &str)]) -> HeaderMap {
    let line = |(name, value): &(&str, &str)| {
        (name.parse::<HeaderName>().unwrap(), HeaderValue::from_bytes(value.as_bytes()).unwrap())
    };
    lines.iter().map(line).collect()
}

fn rule(text: &str) -> Rule {
    let [place, param, op, value] = text.splitn(4, ' ').collect::<Vec<_>>()[..] else { panic!("four words: {text}") };
    Rule {
        place: if place == "cookie" { Place::Cookie } else { Place::Header },
        rule_type: place.to_owned(),
        param: param.to_owned(),
        op: Op::ALL.into_iter().find(|own| own.text() == op).unwrap(),
        value: value.to_owned(),
    }
}

/// One rule against one request.
#[track_caller]
fn check(text: &str, lines: &[(&str, &str)], expect: bool) {
    let rules = Rules { combine: Combine::And, rules: vec![rule(text)] };
    assert_eq!(rules.hold(&headers(lines)), expect, "{text} of {lines:?}");
}

#[test]
fn a_header_is_found_in_any_case_and_compared_without_the_space_around() {
    check("header X-Beta = yes", &[("x-beta", "yes")], true);
    check("header x_beta =  yes ", &[("X_Beta", "yes  ")], true);
    check("header X-Beta = yes", &[("x-beta", "Yes")], false);
    check("header X-Beta = yes", &[("x-beta", "yes"), ("x-beta", "no")], true);
    check("header X-Beta = yes", &[], false);
    check("header X-Beta = 世界", &[("x-beta", "世界")], true);
}

#[test]
fn a_cookie_is_found_among_others_wherever_they_stand() {
    check("cookie tier = gold", &[("cookie", "a=1; tier=gold; b=2")], true);
    check("cookie tier = gold", &[("cookie", "a=1"), ("cookie", "tier=gold")], true);
    check("cookie tier = gold", &[("cookie", "tier=\"gold\"")], true);
    check("cookie tier = a=b", &[("cookie", "tier=a=b")], true);
    check("cookie tier = gold", &[("cookie", "Tier=gold")], false);
    check("cookie tier = gold", &[("cookie", "frontier=gold; tier")], false);
    check("cookie tier = gold", &[("cookie", "tier=silver; tier=gold")], false);
    check("cookie tier = gold", &[("tier", "gold")], false);
}

#[test]
fn a_list_counts_its_items_and_not_the_empty_ones() {
    check("header h in a, b ,,c", &[("h", "b")], true);
    check("header h in a, b ,,c", &[("h", "c")], true);
    check("header h in a, b ,,c", &[("h", "a, b")], false);
    check("header h in a,,c", &[("h", "")], false);
    check("header h in ,", &[("h", "")], false);
}

#[test]
fn numbers_are_compared_as_numbers_and_nothing_else_is_one() {
    check("header n > 9", &[("n", "10")], true);
    check("header n > 10", &[("n", "10")], false);
    check("header n >= 10", &[("n", "10")], true);
    check("header n < -1", &[("n", "-2")], true);
    check("header n <= 5", &[("n", "6")], false);
    check("header n < 5", &[("n", "4.5")], false);
    check("header n > x", &[("n", "1")], false);
    check("header n != 1", &[("n", "2")], true);
    check("header n != 1", &[], false);
}

#[test]
fn rules_are_combined_as_asked() {
    let hold = |combine, lines| {
        let rules = vec![rule("header a = 1"), rule("cookie b = 2")];
        Rules { combine, rules }.hold(&headers(lines))
    };
    let (both, one): (&[_], &[_]) = (&[("a", "1"), ("cookie", "b=2")], &[("a", "1")]);
    assert_eq!((hold(Combine::And, both), hold(Combine::And, one), hold(Combine::And, &[])), (true, false, false));
    assert_eq!((hold(Combine::Or, both), hold(Combine::Or, one), hold(Combine::Or, &[])), (true, true, false));
    assert!(!Rules { combine: Combine::And, rules: Vec::new() }.hold(&HeaderMap::new()), "no rule sends nobody there");
}

fn split(share: Share) -> Choice {
    let (main, additional) = (version("web", "v1", 1), version("web", "v2", 2));
    Choice::Split { main, additional, share: Arc::new(share) }
}

/// Of how many draws out of 100,000 the additional version comes.
fn drawn(weight: u8, mut draw: impl FnMut() -> u64) -> usize {
    let (choice, headers) = (split(Share::Weight(weight)), HeaderMap::new());
    (0..100_000).filter(|_| choice.pick(&headers, &mut draw).revision == 2).count()
}

#[test]
fn a_weight_holds_within_what_chance_allows() {
    let mut random = <rand::rngs::StdRng as rand::SeedableRng>::seed_from_u64(7);
    for weight in [1, 20, 50, 99] {
        let share = f64::from(weight) / 100.0;
        let (mean, deviation) = (100_000.0 * share, (100_000.0 * share * (1.0 - share)).sqrt());
        let count = drawn(weight, || random.next_u64());
        #[allow(clippy::cast_precision_loss)] // far below 2^52
        let off = (count as f64 - mean).abs();
        assert!(off < 5.0 * deviation, "{count} of 100,000 with weight {weight}");
    }
    assert_eq!((drawn(0, || panic!("nothing to draw")), drawn(100, || u64::MAX)), (0, 100_000));
}

proptest! {
    #[test]
    fn only_the_two_versions_are_ever_picked(weight in 0_u8..=100, draw: u64, value in "\\PC{0,20}") {
        let headers: HeaderMap = HeaderValue::from_str(&value).into_iter().map(|value| (COOKIE, value)).collect();
        for share in [Share::Weight(weight), Share::Rules(Rules { combine: Combine::Or, rules: vec![rule("cookie a = b")] })] {
            let picked = split(share).pick(&headers, || draw).revision;
            prop_assert!(picked == 1 || picked == 2);
        }
    }
}
