use super::*;

#[track_caller]
fn check(samples: &[f64], expect: Option<(f64, f64, f64, f64)>) {
    let summary = Summary::of(samples).map(|s| (s.min, s.median, s.p95, s.max));
    assert_eq!(summary, expect);
}

#[test]
fn the_median_of_an_odd_row_is_its_middle() {
    check(&[3.0, 1.0, 2.0], Some((1.0, 2.0, 2.9, 3.0)));
}

#[test]
fn the_median_of_an_even_row_lies_between_the_two_in_the_middle() {
    check(&[4.0, 1.0, 2.0, 3.0], Some((1.0, 2.5, 3.8499999999999996, 4.0)));
}

#[test]
fn one_sample_is_all_of_them() {
    check(&[7.0], Some((7.0, 7.0, 7.0, 7.0)));
}

#[test]
fn nothing_is_said_about_nothing_or_about_what_is_no_number() {
    check(&[], None);
    check(&[1.0, f64::NAN], None);
}
