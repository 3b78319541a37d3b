use http::Request;
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn context() -> Context {
    Context {
        api_id: "a1".to_owned(),
        request_id: "r1".to_owned(),
        stage: "RELEASE".to_owned(),
        source_ip: "192.0.2.7".to_owned(),
        path_parameters: [(String::new(), "rest".to_owned())].into(),
        user_data: None,
    }
}

fn event(request: Request<&[u8]>, encoding: Encoding) -> Value {
    let (parts, body) = request.into_parts();
    serde_json::from_slice(&of_request(&parts, body, &context(), encoding).unwrap()).unwrap()
}

#[test]
fn every_field_of_a_request_is_in_the_event() {
    let request = Request::post("/shop/a%20b?x=1&y=2&x=3&flag&name=a+b%26c")
        .header("host", "a.test")
        .header("accept", "text/html")
        .header("accept", "text/plain")
        .header("cookie", "a=1")
        .header("cookie", "b=2")
        .header("connection", "close")
        .body(b"hello".as_slice())
        .unwrap();
    let expect = json!({
        "body": "aGVsbG8=", "isBase64Encoded": true, "httpMethod": "POST", "path": "/shop/a%20b",
        "requestContext": {"apiId": "a1", "requestId": "r1", "stage": "RELEASE", "sourceIp": "192.0.2.7"},
        "pathParameters": {"": "rest"},
        "queryStringParameters": {"x": ["1", "3"], "y": "2", "flag": "", "name": "a b&c"},
        "headers": {"host": "a.test", "accept": "text/html, text/plain", "cookie": "a=1; b=2"},
    });
    assert_eq!(event(request, Encoding::Base64), expect);
}

#[test]
fn parameters_of_a_path_are_named_and_what_follows_a_prefix_is_not() {
    use MatchMode::{Exact, Prefix};
    let none: &[(&str, &str)] = &[];
    for (template, mode, asked, expect) in [
        ("/a", Exact, "/a", none),
        ("/a/{id}", Exact, "/a/7%20b", &[("id", "7 b")]),
        ("/a/{id}", Exact, "/a/7/", &[("id", "7")]),
        ("/a/{id}", Prefix, "/a/7/b/c%2Fd", &[("", "b/c/d"), ("id", "7")]),
        ("/a", Prefix, "/a/", none),
        ("/", Prefix, "/", none),
        ("/", Prefix, "/b/c/", &[("", "b/c/")]),
        ("/{x}/b/{y}", Prefix, "/1/b/2", &[("x", "1"), ("y", "2")]),
    ] {
        let expect = expect.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        assert_eq!(path_parameters(template, mode, asked), expect, "{template} {asked}");
    }
}

#[test]
fn a_body_is_text_only_if_it_is() {
    for (body, encoding, expect, encoded) in [
        (b"".as_slice(), Encoding::Base64, "", true),
        (b"", Encoding::Text, "", false),
        ("h\u{e9}".as_bytes(), Encoding::Text, "h\u{e9}", false),
        (b"\xff", Encoding::Text, "/w==", true),
    ] {
        let event = event(Request::new(body), encoding);
        assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(expect), &json!(encoded)));
    }
}

#[test]
fn what_an_authorizer_found_out_reaches_the_function() {
    let (parts, ()) = Request::new(()).into_parts();
    let context = Context { user_data: Some("{\"tenant\":7}".to_owned()), ..context() };
    let event: Value = serde_json::from_slice(&of_request(&parts, b"", &context, Encoding::Base64).unwrap()).unwrap();
    assert_eq!(event["user_data"], "{\"tenant\":7}");
}

/// What an answer becomes: the response in one line, or what is wrong with it.
#[track_caller]
fn check(answer: &Value, expect: &str) {
    let got = match into_response(answer.to_string().as_bytes()) {
        Ok(response) => {
            let headers: Vec<_> =
                response.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
            let body = String::from_utf8_lossy(response.body()).into_owned();
            format!("{} [{}] {body}", response.status().as_u16(), headers.join(", "))
        }
        Err(error) => {
            assert_eq!(error.kind, Kind::BadResponse);
            error.message.split_once("}: ").map(|(_, wrong)| wrong.to_owned()).unwrap()
        }
    };
    assert_eq!(got, expect);
}

#[test]
fn an_answer_becomes_a_response_in_both_encodings() {
    let plain =
        json!({"statusCode": 201, "headers": {"Content-Type": "text/plain"}, "body": "hi", "isBase64Encoded": false});
    check(&plain, "201 [content-type: text/plain] hi");
    let encoded = json!({
        "statusCode": 200, "headers": {"Set-Cookie": ["a=1", "b=2"], "Content-Length": "99", "Connection": "close"},
        "body": "aGk=", "isBase64Encoded": true, "more": 1,
    });
    check(&encoded, "200 [set-cookie: a=1, set-cookie: b=2] hi");
}

#[test]
fn everything_wrong_with_an_answer_is_said_at_once() {
    check(&json!("hello"), "the answer is no JSON object");
    let status = "statusCode must be a number from 200 to 599";
    check(
        &json!({}),
        &format!("{status}; headers must be an object; isBase64Encoded must be true or false; body must be a text"),
    );
    let wrong =
        json!({"statusCode": 101, "headers": {"a b": "", "x": 1, "y": "\n"}, "body": "%", "isBase64Encoded": true});
    check(
        &wrong,
        &format!(
            "{status}; \"a b\" is no name of a header; header x must be a text or a list of texts; header y holds characters \
             that cannot be sent; body is not base64, though isBase64Encoded is true: Invalid symbol 37, offset 0."
        ),
    );
}

proptest! {
    #[test]
    fn no_answer_panics(answer in "\\PC{0,60}", body in "\\PC{0,9}", name in "\\PC{0,9}", status in any::<i64>()) {
        drop(into_response(answer.as_bytes()));
        let answer = json!({"statusCode": status, "headers": {&name: &body}, "body": body, "isBase64Encoded": status % 2 == 0});
        drop(into_response(answer.to_string().as_bytes()));
    }
}
