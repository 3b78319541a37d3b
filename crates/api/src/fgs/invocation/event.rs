//! An APIG-shaped event becomes the HTTP request that the user's server gets (`behaviour.md` 1.4, 7.2.1).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, EXPECT, HOST};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use model::invoke::{Body, full};
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, percent_encode, utf8_percent_encode};
use serde::Deserialize;
use serde_json::Value;
use wire::codes;

use crate::body::{self, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};

/// Characters that a path of an event may hold and a request line may not.
const PATH: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'<').add(b'>').add(b'`').add(b'{').add(b'}');
/// Everything in a query but what is never encoded (RFC 3986 section 2.3).
const QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// Headers that belong to one connection (RFC 9110 section 7.6.1), or that the body decides.
const DROPPED: [&str; 9] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
/// The event's context as the headers a function behind the gateway sees.
const CONTEXT: [(&str, HeaderName); 4] = [
    ("apiId", HeaderName::from_static("x-apig-api-id")),
    ("requestId", HeaderName::from_static("x-apig-request-id")),
    ("sourceIp", HeaderName::from_static("x-apig-source-ip")),
    ("stage", HeaderName::from_static("x-apig-source-stage")),
];

/// The parts of an event that a request is made of; the others (path parameters, `user_data`) are for event functions.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Event {
    http_method: Option<String>,
    path: Option<String>,
    headers: Option<BTreeMap<String, Values>>,
    query_string_parameters: Option<BTreeMap<String, Values>>,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
    request_context: Option<BTreeMap<String, Value>>,
    path_parameters: Option<Value>,
    #[serde(rename = "user_data")]
    user_data: Option<Value>,
}

/// One value or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<String>),
    Number(serde_json::Number),
    Flag(bool),
    None(()),
}

impl Values {
    fn texts(&self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text.clone()],
            Self::Many(texts) => texts.clone(),
            Self::Number(number) => vec![number.to_string()],
            Self::Flag(flag) => vec![flag.to_string()],
            Self::None(()) => Vec::new(),
        }
    }
}

/// Reads the event, or says everything that keeps it from being a request.
pub(super) fn request(json: &[u8]) -> Result<Request<Body>, Error> {
    let mut problems = Problems::default();
    let event = read(json, &mut problems)?;
    let method = method(event.http_method.as_deref(), &mut problems);
    let target = target(&event, &mut problems);
    let headers = headers(&event, &mut problems);
    let body = contents(&event, &mut problems);
    problems.finish()?;
    let mut request = Request::new(full(body));
    *request.method_mut() = method;
    *request.headers_mut() = headers;
    *request.uri_mut() = target.map(http::Uri::from).unwrap_or_default();
    Ok(request)
}

fn read(json: &[u8], problems: &mut Problems) -> Result<Event, Error> {
    let shape = "an HTTP function takes an API gateway event: {\"httpMethod\":\"GET\",\"path\":\"/\",\"headers\":{},\
                 \"queryStringParameters\":{},\"body\":\"\",\"isBase64Encoded\":false}";
    let fields: BTreeMap<String, &serde_json::value::RawValue> = serde_json::from_slice(json)
        .map_err(|error| Error::new(codes::INVALID, format!("the event is not a JSON object ({error}); {shape}")))?;
    if !fields.contains_key("httpMethod") && !fields.contains_key("path") {
        return Err(Error::new(codes::INVALID, format!("the event has neither httpMethod nor path; {shape}")));
    }
    // An event may bring more than a request needs.
    let known = wire::fields::<Event>();
    let relevant: BTreeMap<&String, _> = fields.iter().filter(|(name, _)| known.contains(&name.as_str())).collect();
    let relevant = serde_json::to_vec(&relevant).map_err(Error::internal)?;
    Ok(body::read(&relevant, Rules::new("", |_| codes::INVALID), problems))
}

fn method(given: Option<&str>, problems: &mut Problems) -> Method {
    let Some(given) = given else {
        problems.missing("httpMethod", codes::INVALID, "httpMethod is missing from the event");
        return Method::default();
    };
    let method = given.to_ascii_uppercase().parse::<Method>().ok();
    let fine = method.as_ref().is_some_and(|method| *method != Method::CONNECT);
    problems.unless(fine, codes::INVALID, || format!("httpMethod must be a method of HTTP, not {}", quoted(given)));
    method.unwrap_or_default()
}

fn target(event: &Event, problems: &mut Problems) -> Option<PathAndQuery> {
    let Some(path) = event.path.as_deref() else {
        problems.missing("path", codes::INVALID, "path is missing from the event");
        return None;
    };
    problems
        .unless(path.starts_with('/'), codes::INVALID, || format!("path must begin with '/', not {}", quoted(path)));
    let mut text = utf8_percent_encode(path, PATH).to_string();
    for (name, values) in event.query_string_parameters.iter().flatten() {
        for value in values.texts() {
            text.push(if text.contains('?') { '&' } else { '?' });
            text.extend(percent_encode(name.as_bytes(), QUERY));
            text.push('=');
            text.extend(percent_encode(value.as_bytes(), QUERY));
        }
    }
    match PathAndQuery::try_from(text) {
        Ok(target) => Some(target),
        Err(error) => {
            problems.add(codes::INVALID, format!("path and queryStringParameters cannot be sent: {error}"));
            None
        }
    }
}

fn headers(event: &Event, problems: &mut Problems) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, values) in event.headers.iter().flatten() {
        let Ok(parsed) = name.parse::<HeaderName>() else {
            problems.add(codes::INVALID, format!("{} is no name of a header", quoted(name)));
            continue;
        };
        if DROPPED.contains(&parsed.as_str()) || [CONTENT_LENGTH, EXPECT].contains(&parsed) || is_ours(parsed.as_str())
        {
            continue;
        }
        for value in values.texts() {
            match HeaderValue::from_bytes(value.as_bytes()) {
                Ok(value) => {
                    headers.append(parsed.clone(), value);
                }
                Err(_) => {
                    problems.add(codes::INVALID, format!("header {parsed} of the event holds control characters"))
                }
            }
        }
    }
    for (field, name) in CONTEXT {
        let value = event.request_context.as_ref().and_then(|context| context.get(field)?.as_str());
        if let Some(Ok(value)) = value.map(HeaderValue::from_str) {
            headers.insert(name, value);
        }
    }
    headers.entry(HOST).or_insert(HeaderValue::from_static("127.0.0.1:8000"));
    headers
}

/// Headers that only the platform sets; some servers read `_` as `-`.
fn is_ours(name: &str) -> bool {
    name.replace('_', "-").starts_with("x-cff-")
}

fn contents(event: &Event, problems: &mut Problems) -> Bytes {
    let text = event.body.as_deref().unwrap_or_default();
    if event.is_base64_encoded != Some(true) {
        return Bytes::copy_from_slice(text.as_bytes());
    }
    STANDARD.decode(text).map(Bytes::from).unwrap_or_else(|error| {
        problems.add(codes::INVALID, format!("body is not base64, though isBase64Encoded is true: {error}"));
        Bytes::new()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The request line an event becomes, or what is wrong with it.
    #[track_caller]
    fn check(event: &str, expect: &str) {
        let got = match request(event.as_bytes()) {
            Ok(request) => format!("{} {}", request.method(), request.uri()),
            Err(error) => error.message().to_owned(),
        };
        assert_eq!(got, expect);
    }

    #[test]
    fn a_path_keeps_what_is_encoded_and_encodes_what_must_be() {
        check(r#"{"httpMethod":"GET","path":"/a%20b/c d/é#x"}"#, "GET /a%20b/c%20d/%C3%A9%23x");
        check(r#"{"httpMethod":"GET","path":"/a?b=1","queryStringParameters":{"c":"2"}}"#, "GET /a?b=1&c=2");
    }

    #[test]
    fn query_values_may_be_texts_lists_numbers_and_flags() {
        check(
            r#"{"httpMethod":"GET","path":"/","queryStringParameters":{"a":["x","y"],"b":1,"c":true,"d":null,"e":""}}"#,
            "GET /?a=x&a=y&b=1&c=true&e=",
        );
        check(r#"{"httpMethod":"GET","path":"/","queryStringParameters":null,"headers":null,"body":null}"#, "GET /");
    }

    #[test]
    fn a_tunnel_is_no_event() {
        check(r#"{"httpMethod":"CONNECT","path":"/"}"#, "httpMethod must be a method of HTTP, not 'CONNECT'");
    }

    #[tokio::test]
    async fn a_request_that_became_an_event_is_the_same_request_again() {
        let sent = Request::put("/a%20b/c?x=1&y=a%20b&x=%C3%A9")
            .header("host", "a.test")
            .header("content-type", "text/plain")
            .body(b"\xffbody".as_slice())
            .unwrap();
        let (parts, body) = sent.into_parts();
        for encoding in [model::apig::event::Encoding::Base64, model::apig::event::Encoding::Text] {
            let context = model::apig::event::Context { stage: "RELEASE".to_owned(), ..Default::default() };
            let event = model::apig::event::of_request(&parts, body, &context, encoding).unwrap();
            let got = request(&event).unwrap();
            assert_eq!((got.method(), got.uri().path()), (&parts.method, parts.uri.path()));
            assert_eq!(got.uri().query(), Some("x=1&x=%C3%A9&y=a%20b"));
            assert_eq!(
                (&got.headers()["host"], &got.headers()["content-type"]),
                (&parts.headers["host"], &parts.headers["content-type"])
            );
            assert_eq!(got.headers()["x-apig-source-stage"], "RELEASE");
            let collected = http_body_util::BodyExt::collect(got.into_body()).await.unwrap().to_bytes();
            assert_eq!(collected, body);
        }
    }

    proptest! {
        #[test]
        fn no_event_panics_or_smuggles_a_line(
            method in "\\PC{0,8}", path in "\\PC{0,20}", name in "\\PC{1,10}", value in ".{0,20}", body in "\\PC{0,9}",
        ) {
            let event = serde_json::json!({
                "httpMethod": method, "path": format!("/{path}"), "headers": {&name: &value},
                "queryStringParameters": {&name: &value}, "body": body, "isBase64Encoded": true,
            });
            if let Ok(request) = request(event.to_string().as_bytes()) {
                let line = format!("{} {}", request.method(), request.uri());
                prop_assert_eq!(line.split(' ').count(), 2, "{}", line);
                prop_assert!(!line.contains(['\r', '\n']));
                prop_assert!(request.headers().keys().all(|name| !is_ours(name.as_str())));
            }
        }
    }
}
