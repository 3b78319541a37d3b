use super::*;
use crate::urn::FunctionId;

fn parameter(name: &str, location: Location) -> Parameter {
    Parameter {
        id: String::new(),
        name: name.into(),
        location,
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

fn mapping(name: &str, location: Location, origin: Origin) -> Mapping {
    Mapping { id: String::new(), name: name.into(), location, origin, remark: String::new() }
}

/// What the back end gets of a request: its target, and the headers that are not the client's.
#[track_caller]
fn check(parameters: &[Parameter], mappings: &[Mapping], (target, headers): (&str, &[(&str, &str)]), expect: &str) {
    let id = FunctionId { region: "r".into(), project: "p".into(), package: "default".into(), name: "f".into() };
    let definition =
        Definition { parameters: parameters.to_vec(), mappings: mappings.to_vec(), ..Definition::new(&id, "g", "/") };
    let mut request = http::Request::get(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let (mut parts, ()) = request.body(()).unwrap().into_parts();
    let api = ApiRef { env_name: "test".into(), api_id: "a".into(), ..ApiRef::default() };
    let known = Known { api: &api, source_ip: "10.0.0.1", request_id: "r", at: Timestamp::UNIX_EPOCH };
    let got = match apply(&definition, "/users/{id}", known, &mut parts) {
        Ok(()) => {
            let mut all: Vec<_> =
                parts.headers.iter().map(|(name, value)| format!("{name}={}", value.to_str().unwrap())).collect();
            all.sort();
            format!("{} {}", parts.uri, all.join(" ")).trim_end().to_owned()
        }
        Err(text) => text,
    };
    assert_eq!(got, expect);
}

const USER: &str = "/users/a%20b?x=1&y=%31";

#[test]
fn a_request_without_anything_to_do_stays_as_it_was_written() {
    check(&[], &[], (USER, &[]), USER);
    check(&[parameter("id", Location::Path), parameter("x", Location::Query)], &[], (USER, &[]), USER);
}

#[test]
fn the_back_end_gets_parameters_under_other_names() {
    let parameters = [parameter("id", Location::Path), parameter("x", Location::Query)];
    let from = |name: &str| Origin::Request(name.into());
    let mappings = [mapping("x-user", Location::Header, from("id")), mapping("number", Location::Query, from("x"))];
    check(&parameters, &mappings, (USER, &[]), "/users/a%20b?x=1&y=%31&number=1 x-user=a b");
    let hidden = [Parameter { pass_through: false, ..parameter("x", Location::Query) }];
    check(&hidden, &mappings[1..], ("/users/7?x=1", &[]), "/users/7?number=1");
    check(&hidden, &mappings[1..], ("/users/7", &[]), "/users/7");
    check(&hidden, &[], ("/users/7?%78=1", &[]), "/users/7");
}

#[test]
fn the_back_end_gets_constants_and_what_the_gateway_knows_not_what_a_client_claims() {
    let mappings = [
        mapping("x-source", Location::Header, Origin::System(System::SourceIp)),
        mapping("x-stage", Location::Header, Origin::System(System::Stage)),
        mapping("key", Location::Query, Origin::Constant("a&b".into())),
    ];
    let claimed: &[_] = &[("x-source", "1.2.3.4")];
    check(&[], &mappings, ("/users/7?key=mine", claimed), "/users/7?key=a%26b x-source=10.0.0.1 x-stage=test");
}

#[test]
fn defaults_stand_in_for_what_is_not_given() {
    let limit = [Parameter { default: "10".into(), ..parameter("limit", Location::Query) }];
    check(&limit, &[], ("/users/7", &[]), "/users/7?limit=10");
    check(&limit, &[], ("/users/7?limit=5", &[]), "/users/7?limit=5");
}

#[test]
fn every_value_of_a_repeated_parameter_is_checked() {
    let number = [Parameter { number: true, range: (1, 9), ..parameter("n", Location::Query) }];
    check(&number, &[], ("/users/7?n=1&n=2", &[]), "/users/7?n=1&n=2");
    check(&number, &[], ("/users/7?n=1&n=99", &[]), "query parameter n must be 1 to 9");
    let cookie = [Parameter { required: true, ..parameter("sid", Location::Cookie) }];
    check(&cookie, &[], ("/users/7", &[("cookie", "a=1")]), "cookie parameter sid is required and not there");
    check(&cookie, &[], ("/users/7", &[("cookie", "a=1; sid=2")]), "/users/7 cookie=a=1; sid=2");
}

#[test]
fn what_cannot_stand_in_a_header_is_refused() {
    let mappings = [mapping("x-user", Location::Header, Origin::Request("id".into()))];
    let parameters = [parameter("id", Location::Path)];
    check(&parameters, &mappings, ("/users/a%0d%0aX:1", &[]), "the value of x-user cannot stand in a header");
    check(&parameters, &[], ("/users/%ff", &[]), "parameter id is not UTF-8");
}
