//! Names of functions: whatever the text, it is refused or read; what was read is printed in the one full form and read back alike.
#![no_main]

use libfuzzer_sys::fuzz_target;
use model::urn::{Qualifier, Urn, UrnError};

const REGION: &str = "local-1";
const PROJECT: &str = "p0";

fuzz_target!(|text: &str| {
    match Urn::parse(text, REGION, PROJECT) {
        Ok(urn) => read(text, &urn),
        Err(error) => refused(text, &error),
    }
});

fn read(text: &str, urn: &Urn) {
    let printed = urn.to_string();
    assert_eq!(Urn::parse(&printed, "other", "other").as_ref(), Ok(urn), "the full form is not read back");
    assert_eq!(printed, expanded(text).expect("what has no form was read"));
    assert_eq!(printed, urn.function.urn(&urn.qualifier));
    let alias = matches!(&urn.qualifier, Qualifier::Alias(name) if !name.contains(':'));
    assert_eq!(alias, printed.rsplit(':').next().is_some_and(|last| last.starts_with('!')));
}

fn refused(text: &str, error: &UrnError) {
    assert_eq!(expanded(text), None, "refused although it has a form: {error}");
    assert!(!error.to_string().is_empty());
}

/// The full form, put together from the table of forms (fields are counted, none is empty).
fn expanded(text: &str) -> Option<String> {
    let fields: Vec<&str> = text.split(':').collect();
    if fields.contains(&"") {
        return None;
    }
    let full = |middle: &str| Some(format!("urn:fss:{middle}"));
    match fields.len() {
        1 => full(&format!("{REGION}:{PROJECT}:function:default:{text}:latest")),
        2 => full(&format!("{REGION}:{PROJECT}:function:{text}:latest")),
        3 => full(&format!("{REGION}:{}:function:{}:{}:latest", fields[0], fields[1], fields[2])),
        4 => full(&format!("{REGION}:{}:function:{}:{}:{}", fields[0], fields[1], fields[2], fields[3])),
        7 | 8 if [fields[0], fields[1], fields[4]] == ["urn", "fss", "function"] => {
            Some(if fields.len() == 8 { text.to_owned() } else { format!("{text}:latest") })
        }
        _ => None,
    }
}
