//! Whether what a function reports is what it may report.

use serde_json::Value;

/// `expected` is a value, a list of values any of which will do, or `{ min, max }` for numbers.
pub(crate) fn holds(expected: &Value, got: &Value) -> bool {
    match expected {
        Value::Array(any) => any.iter().any(|one| one == got),
        Value::Object(range) => {
            let bound = |name: &str| range.get(name).and_then(Value::as_f64);
            got.as_f64().is_some_and(|number| {
                bound("min").is_none_or(|min| number >= min) && bound("max").is_none_or(|max| number <= max)
            })
        }
        one => one == got,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(expected: Value, got: Value, expect: bool) {
        assert_eq!(holds(&expected, &got), expect, "{expected} against {got}");
    }

    #[test]
    fn a_value_is_itself() {
        check(json!("EPERM"), json!("EPERM"), true);
        check(json!("EPERM"), json!("OK"), false);
        check(json!(3), json!("3"), false);
    }

    #[test]
    fn any_of_a_list_will_do() {
        check(json!(["EPERM", "EROFS"]), json!("EROFS"), true);
        check(json!(["EPERM", "EROFS"]), json!("OK"), false);
        check(json!([["lo"]]), json!(["lo"]), true);
        check(json!([["lo"]]), json!(["lo", "eth0"]), false);
    }

    #[test]
    fn a_number_lies_in_a_range() {
        check(json!({ "min": 1, "max": 3 }), json!(3), true);
        check(json!({ "min": 1 }), json!(0.5), false);
        check(json!({ "max": 3 }), json!("many"), false);
    }
}
