//! A request as the event that an event function is given, and what such a function answers as a response (`behaviour.md` 7.2.1, 7.2.2).
//! An HTTP function needs neither; the other way round, an event as a request to one, is the invocation API's.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::path;
use crate::trigger::MatchMode;
use crate::{Error, Kind};

/// Headers of one connection, which neither an event nor an answer carries on (RFC 9110 section 7.6.1).
const OF_CONNECTION: [&str; 7] =
    ["connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"];

/// What the gateway knows of a request beside the request itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Context {
    /// The API that was called.
    pub api_id: String,
    /// `X-Request-Id` of the answer.
    pub request_id: String,
    /// Name of the environment.
    pub stage: String,
    /// The client's address, without its port.
    pub source_ip: String,
    /// Variables of the API's path; what follows a prefix is under the empty name.
    pub path_parameters: BTreeMap<String, String>,
    /// What a custom authorizer found out, or, where the function is one, its own settings; the field is missing without one.
    pub user_data: Option<String>,
}

/// How a body travels inside the JSON of an event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// As base64, whatever it is.
    #[default]
    Base64,
    /// As it is, if it is UTF-8; as base64 otherwise.
    Text,
}

/// Field by field in the vendor's order.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Event<'a> {
    body: String,
    request_context: RequestContext<'a>,
    query_string_parameters: BTreeMap<String, Values>,
    http_method: &'a str,
    path_parameters: &'a BTreeMap<String, String>,
    headers: BTreeMap<&'a str, String>,
    path: &'a str,
    is_base64_encoded: bool,
    #[serde(rename = "user_data", skip_serializing_if = "Option::is_none")]
    user_data: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'a> {
    api_id: &'a str,
    request_id: &'a str,
    stage: &'a str,
    source_ip: &'a str,
}

/// One value, or several of the same name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Values {
    /// A text.
    One(String),
    /// A list of texts.
    Many(Vec<String>),
}

impl Values {
    /// All of them, in order.
    pub fn all(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }

    fn add(&mut self, value: String) {
        match self {
            Self::One(first) => *self = Self::Many(vec![std::mem::take(first), value]),
            Self::Many(all) => all.push(value),
        }
    }

    fn into_all(self) -> Vec<String> {
        match self {
            Self::One(value) => vec![value],
            Self::Many(values) => values,
        }
    }
}

/// The event that a request is, as JSON. Values of a header that is there several times are joined as RFC 9110 section 5.2 allows
/// (`Cookie` as RFC 6265 section 5.4 writes it); bytes that are no UTF-8 are replaced.
///
/// # Errors
/// [`Kind::Internal`]: the JSON cannot be written.
pub fn of_request(parts: &Parts, body: &[u8], context: &Context, encoding: Encoding) -> Result<Bytes, Error> {
    let text = match encoding {
        Encoding::Text => std::str::from_utf8(body).ok(),
        Encoding::Base64 => None,
    };
    let Context { api_id, request_id, stage, source_ip, path_parameters, user_data } = context;
    let event = Event {
        body: text.map_or_else(|| STANDARD.encode(body), str::to_owned),
        request_context: RequestContext { api_id, request_id, stage, source_ip },
        query_string_parameters: query(parts.uri.query().unwrap_or_default()),
        http_method: parts.method.as_str(),
        path_parameters,
        headers: headers(&parts.headers),
        path: parts.uri.path(),
        is_base64_encoded: text.is_none(),
        user_data: user_data.as_deref(),
    };
    let json = serde_json::to_vec(&event).map_err(|error| Error::new(Kind::Internal).detail(error.to_string()))?;
    Ok(json.into())
}

/// What the parameters of an API's path stand for in the path of a request that it answers, decoded; what follows a prefix is under the
/// empty name, without the slash before it.
pub fn path_parameters(template: &str, mode: MatchMode, asked: &str) -> BTreeMap<String, String> {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut all: BTreeMap<_, _> =
        path::values(template, asked).map(|(name, value)| (name.to_owned(), decoded(value))).collect();
    let mut rest = asked.strip_prefix('/').unwrap_or(asked);
    for _ in path::parts(template) {
        rest = rest.split_once('/').map_or("", |(_, rest)| rest);
    }
    if mode == MatchMode::Prefix && !rest.is_empty() {
        all.insert(String::new(), decoded(rest));
    }
    all
}

/// A query's names and values, decoded; what is no UTF-8 is replaced.
pub fn query(text: &str) -> BTreeMap<String, Values> {
    // `+` is a space, as forms and every client write it (application/x-www-form-urlencoded).
    let decoded = |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
    let mut all: BTreeMap<String, Values> = BTreeMap::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let value = decoded(value);
        match all.get_mut(&decoded(name)) {
            Some(values) => values.add(value),
            None => {
                all.insert(decoded(name), Values::One(value));
            }
        }
    }
    all
}

fn headers(headers: &HeaderMap) -> BTreeMap<&str, String> {
    let kept = headers.keys().filter(|name| !OF_CONNECTION.contains(&name.as_str()));
    let joined = |name: &HeaderName| {
        let values = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()));
        values.collect::<Vec<_>>().join(if *name == COOKIE { "; " } else { ", " })
    };
    kept.map(|name| (name.as_str(), joined(name))).collect()
}

/// What an event function answers; all four are required.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Answer {
    status_code: Option<Value>,
    headers: Option<Value>,
    body: Option<Value>,
    is_base64_encoded: Option<Value>,
}

/// The response that an event function means.
///
/// # Errors
/// [`Kind::BadResponse`] with everything that is wrong: no object, a field that is missing or of another type, a status that ends no
/// request, a header that cannot be sent, a body that is not base64 although it says so.
pub fn into_response(json: &[u8]) -> Result<Response<Bytes>, Error> {
    let mut wrong = Vec::new();
    let answer = match serde_json::from_slice::<Value>(json) {
        Ok(Value::Object(fields)) => serde_json::from_value(Value::Object(fields)).unwrap_or_default(),
        _ => return Err(bad(&["the answer is no JSON object".to_owned()])),
    };
    let Answer { status_code, headers, body, is_base64_encoded } = answer;
    let status = status(status_code, &mut wrong);
    let headers = response_headers(headers, &mut wrong);
    let encoded = is_base64_encoded.as_ref().and_then(Value::as_bool);
    if encoded.is_none() {
        wrong.push("isBase64Encoded must be true or false".to_owned());
    }
    let body = match (body, encoded.unwrap_or_default()) {
        (Some(Value::String(text)), false) => Bytes::from(text),
        (Some(Value::String(text)), true) => STANDARD.decode(text).map(Bytes::from).unwrap_or_else(|error| {
            wrong.push(format!("body is not base64, though isBase64Encoded is true: {error}"));
            Bytes::new()
        }),
        _ => {
            wrong.push("body must be a text".to_owned());
            Bytes::new()
        }
    };
    if !wrong.is_empty() {
        return Err(bad(&wrong));
    }
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

fn bad(wrong: &[String]) -> Error {
    Error::new(Kind::BadResponse).message(format!(
        "the function must answer {{\"statusCode\":200,\"headers\":{{}},\"body\":\"\",\"isBase64Encoded\":false}}: {}",
        wrong.join("; ")
    ))
}

fn status(given: Option<Value>, wrong: &mut Vec<String>) -> StatusCode {
    let code = given.as_ref().and_then(Value::as_u64).and_then(|code| u16::try_from(code).ok());
    let status = code.filter(|code| (200..=599).contains(code)).and_then(|code| StatusCode::from_u16(code).ok());
    status.unwrap_or_else(|| {
        wrong.push("statusCode must be a number from 200 to 599".to_owned());
        StatusCode::INTERNAL_SERVER_ERROR
    })
}

fn response_headers(given: Option<Value>, wrong: &mut Vec<String>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let Some(Value::Object(given)) = given else {
        wrong.push("headers must be an object".to_owned());
        return headers;
    };
    for (name, value) in given {
        let Ok(parsed) = name.parse::<HeaderName>() else {
            wrong.push(format!("{name:?} is no name of a header"));
            continue;
        };
        // The gateway frames the answer itself.
        if OF_CONNECTION.contains(&parsed.as_str()) || parsed == CONTENT_LENGTH {
            continue;
        }
        let Ok(values) = serde_json::from_value::<Values>(value) else {
            wrong.push(format!("header {parsed} must be a text or a list of texts"));
            continue;
        };
        for value in values.into_all() {
            match HeaderValue::from_str(&value) {
                Ok(value) => {
                    headers.append(parsed.clone(), value);
                }
                Err(_) => wrong.push(format!("header {parsed} holds characters that cannot be sent")),
            }
        }
    }
    headers
}

#[cfg(test)]
mod tests;
