use super::*;

fn answers(status: u16, count: usize, from: f64, to: f64) -> Vec<Answered> {
    let at = |number: usize| Duration::from_secs_f64(from + (to - from) * number as f64 / count as f64);
    (0..count).map(|number| Answered { status, at: at(number), latency: Duration::ZERO }).collect()
}

#[test]
fn calls_belong_to_the_window_in_which_they_were_let_through() {
    let mut all = answers(200, 30, 0.010, 0.6);
    all.extend(answers(429, 20, 0.61, 1.0));
    // Begins a little later, but was answered sooner than the first one.
    all.extend(answers(200, 29, 1.002, 1.7));
    all.extend(answers(200, 30, 2.3, 2.8));
    assert_eq!(accepted(&all).unwrap(), [30, 29, 30]);
}

#[test]
fn a_window_without_a_call_is_one() {
    let mut all = answers(200, 3, 0.0, 0.1);
    all.extend(answers(200, 3, 2.0, 2.1));
    assert_eq!(accepted(&all).unwrap(), [3, 0, 3]);
}

#[test]
fn anything_but_passed_and_refused_is_an_error() {
    assert!(accepted(&[]).is_err());
    assert!(accepted(&answers(429, 3, 0.0, 1.0)).is_err());
    let mut all = answers(200, 3, 0.0, 0.1);
    all.extend(answers(502, 1, 0.2, 0.3));
    assert!(accepted(&all).unwrap_err().to_string().contains("502"));
}
