use super::*;
use crate::report::Key;
use crate::report::sample::report;

#[track_caller]
fn check(text: &str, expect: &str) {
    let blocks = BTreeMap::from([("warm".to_owned(), "new\n".to_owned()), ("cold".to_owned(), "other\n".to_owned())]);
    assert_eq!(rewrite(text, &blocks).unwrap(), expect);
}

#[test]
fn only_what_is_between_the_marks_changes() {
    check(
        "a\n<!-- bench:warm -->\nold\n<!-- /bench:warm -->\nb\n<!-- bench:wake -->\nkept\n<!-- /bench:wake -->\n",
        "a\n<!-- bench:warm -->\nnew\n<!-- /bench:warm -->\nb\n<!-- bench:wake -->\nkept\n<!-- /bench:wake -->\n",
    );
}

#[test]
fn rewriting_twice_is_rewriting_once() {
    let once = "<!-- bench:warm -->\nnew\n<!-- /bench:warm -->\n";
    check("<!-- bench:warm --><!-- /bench:warm -->\n", once);
    check(once, once);
}

#[test]
fn a_block_that_does_not_end_is_an_error() {
    let blocks = BTreeMap::from([("warm".to_owned(), String::new())]);
    assert!(rewrite("<!-- bench:warm -->\nold\n", &blocks).is_err());
}

#[test]
fn a_run_of_one_scenario_keeps_the_figures_of_the_others() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("docs")).unwrap();
    for document in DOCUMENTS {
        fs::write(
            root.path().join(document),
            "<!-- bench:cold --><!-- /bench:cold --><!-- bench:goals --><!-- /bench:goals -->",
        )
        .unwrap();
    }
    for (scenario, of, value) in [("cold", "funcd, parked", 1.0), ("warm", "funcd", 7.0)] {
        let mut report = report();
        report.add(&Key { scenario, case: "Rust", of }, ("first byte", "ms"), value, 0.0);
        publish(root.path(), &report).unwrap();
    }
    let text = fs::read_to_string(root.path().join("docs/performance.md")).unwrap();
    assert!(text.contains("| Rust | **1.00** |"), "{text}");
    assert!(root.path().join("docs/performance/cold-first-byte.svg").is_file());
}
