use super::*;

fn figure(of: &str, case: &str, samples: &[f64], noisy: usize) -> Figure {
    let [scenario, metric, unit] = ["warm", "CPU per request", "µs"].map(str::to_owned);
    Figure { scenario, metric, unit, case: case.to_owned(), of: of.to_owned(), samples: samples.to_vec(), noisy }
}

#[test]
fn a_row_is_a_case_and_a_column_a_contender() {
    let figures = [
        figure("funcd", "c1", &[3.0, 1.0, 2.0], 0),
        figure("nginx", "c1", &[4.0], 1),
        figure("funcd", "c64", &[5.0], 0),
    ];
    let expect = "| CPU per request, µs | funcd | nginx |\n|---|---|---|\n\
                  | c1 | **2.00** (1.00 to 3.00) | **4.00** ~ |\n\
                  | c64 | **5.00** | – |\n";
    assert_eq!(table("CPU per request", &figures.iter().collect::<Vec<_>>()), expect);
}

#[test]
fn numbers_have_three_digits_that_count() {
    let check = |value, expect| assert_eq!(number(value), expect);
    check(0.0123, "0.012");
    check(1.5, "1.50");
    check(22.64, "22.6");
    check(432.4, "432");
    check(1_234.0, "1,234");
    check(110_300.2, "110,300");
    check(1_110_300.2, "1,110,300");
    check(-1_500.0, "-1,500");
}
