use super::*;

fn parameter() -> Parameter {
    Parameter {
        id: String::new(),
        name: "n".into(),
        location: Location::Query,
        number: false,
        required: false,
        default: String::new(),
        checked: true,
        enumerations: String::new(),
        range: (0, 0),
        length: (0, 0),
        pass_through: true,
        sample: String::new(),
        remark: String::new(),
    }
}

#[track_caller]
fn check(parameter: &Parameter, given: Option<&str>, expect: Result<Option<&str>, &str>) {
    let got = parameter.accept(given.map(Cow::Borrowed));
    assert_eq!(got.as_ref().map(|value| value.as_deref()).map_err(String::as_str), expect);
}

#[test]
fn what_is_required_must_be_there_and_what_is_not_has_its_default() {
    check(&parameter(), None, Ok(None));
    check(&Parameter { default: "7".into(), ..parameter() }, None, Ok(Some("7")));
    let required = Parameter { required: true, ..parameter() };
    check(&required, None, Err("query parameter n is required and not there"));
    check(&required, Some(""), Ok(Some("")));
}

#[test]
fn a_value_keeps_the_limits_that_are_checked() {
    let number = Parameter { number: true, range: (1, 9), ..parameter() };
    check(&number, Some("9"), Ok(Some("9")));
    check(&number, Some("9.5"), Err("query parameter n must be 1 to 9"));
    check(&number, Some("nine"), Err("query parameter n must be a number"));
    check(&number, Some("NaN"), Err("query parameter n must be 1 to 9"));
    check(&Parameter { checked: false, ..number.clone() }, Some("nine"), Ok(Some("nine")));
    check(&Parameter { range: (0, 0), ..number }, Some("-1e9"), Ok(Some("-1e9")));
    let text = Parameter { length: (2, 3), ..parameter() };
    check(&text, Some("éé"), Ok(Some("éé")));
    check(&text, Some("a"), Err("query parameter n must have 2 to 3 characters"));
    check(
        &Parameter { enumerations: "a,b".into(), ..parameter() },
        Some("c"),
        Err("query parameter n must be one of a,b"),
    );
}

#[test]
fn what_the_gateway_knows_is_named_with_or_without_its_prefix() {
    for one in System::ALL {
        assert_eq!(System::parse(one.name()), Some(one));
        assert_eq!(System::parse(&format!("$context.{}", one.name())), Some(one));
    }
    assert_eq!(System::parse("$context.nothing"), None);
}
