use super::*;

#[test]
fn ticks_are_round_and_few() {
    let check = |most, expect: f64| assert!((step(most) - expect).abs() < expect * 1e-9, "{most}: {}", step(most));
    check(42_779.0, 20_000.0);
    check(1.0, 0.5);
    check(0.3, 0.1);
    check(95.0, 50.0);
    for most in [0.001, 0.7, 3.0, 17.0, 444.0, 110_300.0] {
        let ticks = (most / step(most)).ceil();
        assert!((2.0..=5.0).contains(&ticks), "{most} has {ticks} ticks");
    }
}

#[test]
fn a_plot_has_a_panel_for_each_case_and_a_bar_for_each_contender() {
    let figure = |case: &str, of: &str| Figure {
        scenario: "warm".to_owned(),
        metric: "throughput".to_owned(),
        unit: "requests/s".to_owned(),
        case: case.to_owned(),
        of: of.to_owned(),
        samples: vec![1.0, 2.0, 4.0],
        noisy: 0,
    };
    let figures = [figure("A & B", "funcd"), figure("A & B", "nginx"), figure("C", "funcd")];
    let text = svg("throughput", &figures.iter().collect::<Vec<_>>());
    assert_eq!(text.matches("<rect").count(), 3);
    assert_eq!(text.matches(">A &amp; B</text>").count(), 1);
    assert!(text.contains("prefers-color-scheme:dark") && !text.contains("NaN"), "{text}");
}
