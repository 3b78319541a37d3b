//! What the documentation says of the cases is what the cases say.

use std::path::Path;

const MARK: &str = "<!-- cases -->\n";

/// `UPDATE_DOCS=1` writes the table anew.
#[test]
fn the_page_has_every_case() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/hostile.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let table = hostile::table().unwrap();
    let (before, rest) = page.split_once(MARK).expect("the page has a mark where the table begins");
    let (_, after) = rest.trim_start().split_once("\n\n").expect("there is a text after the table");
    let expected = format!("{before}{MARK}\n{table}\n{after}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    assert!(
        page == expected || std::env::var_os("UPDATE_DOCS").is_some(),
        "docs/hostile.md is not what the cases say: run `UPDATE_DOCS=1 cargo test -p hostile the_page`"
    );
}

/// The number is in the documents that point there.
#[test]
fn the_promise_has_the_number_of_cases() {
    let count = hostile::table().unwrap().lines().count() - 2;
    for document in ["SPECIFICATION.md", "SECURITY.md"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(document)).unwrap();
        assert!(text.contains(&format!("{count} hostile functions")), "{document} has another number than {count}");
    }
}
