use super::*;

fn names(all: &[&str]) -> Names {
    let mut names = Names::default();
    for name in all {
        names.list(name).unwrap();
    }
    names
}

fn one(name: &str, value: &[u8], names: &Names) -> Field {
    let mut fields = Fields::default();
    fields.add(name, value, names);
    fields.kept().first().unwrap().clone()
}

#[test]
fn both_lists_are_in_order_and_have_nothing_in_common() {
    assert!(HARMLESS.is_sorted() && SECRET.is_sorted());
    for name in HARMLESS {
        assert!(!SECRET.contains(&name), "{name}");
    }
}

#[test]
fn a_value_is_kept_if_its_name_is_harmless_or_listed_and_of_others_only_its_length() {
    let listed = names(&["X-Tenant", "x-tenant", "X_Shop"]);
    assert_eq!(listed.listed(), ["x-tenant", "x_shop"]);
    for (name, expect) in [
        ("content-type", Value::Whole("abc".to_owned())),
        ("x-tenant", Value::Whole("abc".to_owned())),
        ("x-other", Value::Hidden),
        ("authorization", Value::Hidden),
        ("cookie", Value::Hidden),
        ("referer", Value::Hidden),
        ("x-forwarded-for", Value::Hidden),
    ] {
        let field = one(name, b"abc", &listed);
        assert_eq!((field.value, field.bytes), (expect, 3), "{name}");
    }
}

#[test]
fn what_proves_who_somebody_is_cannot_be_listed_however_it_is_spelt() {
    for name in SECRET {
        for spelt in [name.to_owned(), name.to_uppercase(), name.replace('-', "_")] {
            assert_eq!(Names::default().list(&spelt), Err(Unlisted::Secret), "{spelt}");
        }
    }
    for name in ["", "a b", "a:", "ä", "x\n", &"x".repeat(129)] {
        assert_eq!(Names::default().list(name), Err(Unlisted::NoName), "{name}");
    }
    assert_eq!(Names::default().list(&"x".repeat(128)), Ok(()));
}

#[test]
fn a_long_value_is_cut_and_a_long_head_too_and_both_say_how_much_there_was() {
    let long = "x".repeat(HEAD_VALUE_BYTES + 1);
    let field = one("etag", long.as_bytes(), &Names::default());
    assert_eq!((field.bytes, field.value), (HEAD_VALUE_BYTES + 1, Value::Beginning("x".repeat(HEAD_VALUE_BYTES))));
    let whole = one("etag", "x".repeat(HEAD_VALUE_BYTES).as_bytes(), &Names::default());
    assert_eq!(whole.value, Value::Whole("x".repeat(HEAD_VALUE_BYTES)));

    let mut fields = Fields::default();
    for _ in 0..1000 {
        fields.add("etag", long.as_bytes(), &Names::default());
    }
    // What comes after the first that has no room is left out, too: what is shown is a beginning.
    fields.add("a", b"", &Names::default());
    assert_eq!(fields.kept().len() + fields.left_out(), 1001);
    assert!(
        fields.bytes <= HEAD_BYTES && fields.kept().len() >= HEAD_BYTES / (HEAD_VALUE_BYTES + 200),
        "{}",
        fields.bytes
    );

    let asked = Asked::new("GET", &"/ä".repeat(HEAD_PATH_BYTES), Some("token=1"));
    assert!(asked.path.len() <= HEAD_PATH_BYTES && asked.path.len() > HEAD_PATH_BYTES - 4);
    assert_eq!(asked.query_bytes, Some(7));
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    assert_eq!(one("etag", b"a\xff", &Names::default()).value, Value::Whole("a\u{fffd}".to_owned()));
}
