use super::*;

#[test]
fn every_case_says_what_it_tries_and_why_and_what_must_come_of_it() {
    for case in embedded().unwrap() {
        for text in [&case.tries, &case.why, &case.expect] {
            assert!(!text.trim().is_empty() && !text.contains(['\n', '|']), "{}: {text:?}", case.name);
        }
        assert!(case.name.starts_with("h_"), "{}", case.name);
    }
}

#[test]
fn every_case_can_fail() {
    for case in embedded().unwrap() {
        let judged = case.step.iter().any(|step| {
            step.error.is_some()
                || step.cut
                || !(step.report.is_empty() && step.contains.is_empty() && step.lacks.is_empty())
        });
        assert!(judged, "{} expects nothing of what the function gets", case.name);
    }
}
