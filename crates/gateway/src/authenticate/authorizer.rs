//! Custom authentication: a function decides. It is called like any other, with a `POST /` whose JSON body is the event that the request
//! is ([`model::apig::event`]): `user_data` is the authorizer's own, and `body` is empty unless the authorizer asks for it. It answers 200
//! with `{"status": "allow"|"deny", "context": {...}}`, as such or, as event functions do, as the text in `body` of
//! `{"statusCode": 200, "body": "..."}`. The context reaches the function behind the API as one header, `X-Apig-Authorizer-Context`, in
//! JSON that is all ASCII.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use http_body_util::BodyExt as _;
use model::apig::authorizer::{Authorizer, Location};
use model::apig::{ApiRef, event};
use model::function::Version;
use model::invoke::{self, Invocation, Source};
use model::snapshot::Route;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::decisions::Decision;
use super::{Admitted, Refusal, body};
use crate::caller::Caller;
use crate::failure::Failure;
use crate::forward;
use crate::request::Asked;

const CONTEXT: HeaderName = HeaderName::from_static("x-apig-authorizer-context");
/// Bytes of an answer (the vendor's limit).
const ANSWER: usize = 1024 * 1024;
/// Bytes of a context: it becomes a header.
const CONTEXT_BYTES: usize = 8 * 1024;
/// How long a decision may take, a cold start included.
const PATIENCE: Duration = Duration::from_secs(30);

/// What one decision is about.
struct Question<'a> {
    asked: &'a Asked,
    route: &'a Route,
    authorizer: &'a Authorizer,
    version: Arc<Version>,
    id: &'a Arc<str>,
}

pub(super) async fn check(
    asked: &Asked,
    (route, authorizer): (&Route, &str),
    (region, id): (&str, &Arc<str>),
    request: Request<invoke::Body>,
) -> Result<Admitted, Refusal> {
    let (authorizer, version) = find(asked, &route.api, (authorizer, region), request.headers())?;
    let authorizer = &*authorizer;
    let identities = identities(authorizer, &request)?;
    let (parts, stream) = request.into_parts();
    let (stream, bytes) = match authorizer.settings.need_body && !asked.websocket {
        false => (stream, Bytes::new()),
        true => body::hold(asked, stream).await.map_err(Refusal::body)?,
    };
    let question = Question { asked, route, authorizer, version, id };
    let decision = match authorizer.settings.ttl {
        0 => question.decide(&parts, &bytes).await,
        ttl => {
            let kept = Duration::from_secs(u64::from(ttl));
            let decisions = &asked.peer.shared.decisions;
            decisions.get(question.key(&identities), kept, Box::pin(question.decide(&parts, &bytes))).await
        }
    };
    let request = Request::from_parts(parts, stream);
    match decision {
        Decision::Allowed(context) => {
            let proven = context.map(|context| (CONTEXT, context)).into_iter().collect();
            Ok(Admitted { request, caller: Caller::default(), proven })
        }
        Decision::Denied => {
            let reason = format!("authorizer {} denied it", authorizer.name);
            Err(Refusal::new(Failure::denied("the authorizer of the API denied the request"), reason))
        }
        Decision::Failed(why) => {
            Err(Refusal::new(Failure::undecided(), format!("authorizer {}: {why}", authorizer.name)))
        }
    }
}

/// The authorizer and what runs it, now.
fn find(
    asked: &Asked,
    api: &ApiRef,
    (id, region): (&str, &str),
    headers: &HeaderMap,
) -> Result<(Arc<Authorizer>, Arc<Version>), Refusal> {
    let snapshot = asked.peer.snapshots.load();
    let found = snapshot.callers().authorizer(id).filter(|own| own.project == api.project);
    let authorizer = found.ok_or_else(|| broken(format!("its authorizer {id} does not exist")))?;
    let function = snapshot.function(&authorizer.function(region));
    let choice = function.and_then(|function| function.choice(&authorizer.qualifier()));
    let choice = choice.ok_or_else(|| broken(format!("the function of its authorizer {} is gone", authorizer.name)))?;
    Ok((Arc::clone(authorizer), Arc::clone(choice.pick(headers, rand::random))))
}

fn broken(reason: String) -> Refusal {
    Refusal::new(Failure::no_authorizer(), reason)
}

/// The values of the identities, all of which must be there.
fn identities(authorizer: &Authorizer, request: &Request<invoke::Body>) -> Result<Vec<Vec<u8>>, Refusal> {
    let query = event::query(request.uri().query().unwrap_or_default());
    let value = |name: &str, location| match location {
        // All values of what is repeated: who adds a second one must not profit from what was decided about the first.
        Location::Header => joined(request.headers().get_all(name).iter().map(HeaderValue::as_bytes)),
        Location::Query => joined(query.get(name)?.all().iter().map(String::as_bytes)),
    };
    let mut values = Vec::new();
    for identity in &authorizer.settings.identities {
        let value = value(&identity.name, identity.location);
        let Some(value) = value else {
            let text = format!("the request lacks {}, by which the API knows who calls", identity.name);
            return Err(Refusal::new(Failure::unidentified(&text), text.clone()));
        };
        values.push(value);
    }
    Ok(values)
}

/// Values as one, whatever is in them; none where nothing is said.
fn joined<'a>(values: impl Iterator<Item = &'a [u8]>) -> Option<Vec<u8>> {
    let (mut all, mut said) = (Vec::new(), false);
    for value in values {
        said |= !value.is_empty();
        all.extend_from_slice(&(value.len() as u64).to_be_bytes());
        all.extend_from_slice(value);
    }
    said.then_some(all)
}

impl Question<'_> {
    /// What the decision is kept by: a change of the authorizer voids it, and no API has it from another.
    fn key(&self, identities: &[Vec<u8>]) -> [u8; 32] {
        let changed = self.authorizer.modified.as_microsecond().to_be_bytes();
        let api = &self.route.api;
        let named = [self.authorizer.id.as_bytes(), api.api_id.as_bytes(), api.env_id.as_bytes(), &changed];
        let mut hash = Sha256::new();
        for part in named.into_iter().chain(identities.iter().map(Vec::as_slice)) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }

    async fn decide(&self, parts: &http::request::Parts, bytes: &Bytes) -> Decision {
        let event = match self.event(parts, bytes) {
            Ok(event) => event,
            Err(error) => return Decision::Failed(format!("its event cannot be written: {error}")),
        };
        let invocation = Invocation {
            request_id: Arc::clone(self.id),
            version: Arc::clone(&self.version),
            request: self.request(parts, event),
            upgrade: false,
            http2: false,
            hints: None,
            timeout: PATIENCE,
            source: Source::Gateway,
            held: Duration::ZERO,
        };
        let response = match self.asked.peer.shared.invoke.invoke(invocation).await {
            Ok(response) => response,
            Err(error) => return Decision::Failed(format!("its function failed: {}", error.message)),
        };
        let status = response.status();
        if status != http::StatusCode::OK {
            return Decision::Failed(format!("its function answered {status}, not 200"));
        }
        match collect(response.into_body()).await {
            Some(answer) => read(&answer).unwrap_or_else(|why| Decision::Failed(why.to_owned())),
            None => Decision::Failed(format!("its function's answer is broken or larger than {ANSWER} bytes")),
        }
    }

    fn request(&self, parts: &http::request::Parts, event: Bytes) -> Request<invoke::Body> {
        let mut request = Request::new(invoke::full(event));
        *request.method_mut() = http::Method::POST;
        let headers = request.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let host = parts.headers.get(HOST).unwrap_or(&self.asked.peer.client.host);
        headers.insert(HOST, host.clone());
        request
    }

    /// The request with the headers that the function behind the API would get: what only the gateway may say is not the client's.
    fn event(&self, parts: &http::request::Parts, bytes: &Bytes) -> Result<Bytes, model::Error> {
        let Route { api, path, match_mode, .. } = self.route;
        let client = &self.asked.peer.client;
        let stamp = HeaderValue::from_str(self.id).unwrap_or_else(|_| HeaderValue::from_static(""));
        let parts = &forward::request(parts.clone(), client, &stamp, false);
        let context = event::Context {
            api_id: api.api_id.clone(),
            request_id: self.id.to_string(),
            stage: api.env_name.clone(),
            source_ip: client.address.to_string(),
            path_parameters: event::path_parameters(path, *match_mode, parts.uri.path()),
            user_data: Some(self.authorizer.user_data.expose().to_owned()),
        };
        event::of_request(parts, bytes, &context, event::Encoding::Base64)
    }
}

/// An answer that is whole and not too large.
async fn collect(mut body: invoke::Body) -> Option<Vec<u8>> {
    let mut answer = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        if answer.len() + data.len() > ANSWER {
            return None;
        }
        answer.extend_from_slice(&data);
    }
    Some(answer)
}

/// What the function's answer says, in either form.
fn read(body: &[u8]) -> Result<Decision, &'static str> {
    const SHAPE: &str = "its function's answer is not {\"status\": \"allow\" or \"deny\", \"context\": {...}}";
    let mut answer: Value = serde_json::from_slice(body).map_err(|_| SHAPE)?;
    if let Some(inside) = answer.get("body").and_then(Value::as_str) {
        let plain = if answer.get("isBase64Encoded") == Some(&Value::Bool(true)) {
            STANDARD.decode(inside).map_err(|_| SHAPE)?
        } else {
            inside.as_bytes().to_vec()
        };
        if answer.get("statusCode").and_then(Value::as_i64) != Some(200) {
            return Err("its function's answer has another statusCode than 200");
        }
        answer = serde_json::from_slice(&plain).map_err(|_| SHAPE)?;
    }
    match answer.get("status").and_then(Value::as_str) {
        Some("deny") => Ok(Decision::Denied),
        Some("allow") => context(answer.get("context")).map(Decision::Allowed),
        _ => Err(SHAPE),
    }
}

/// The context as a header; none where there is nothing in it.
fn context(given: Option<&Value>) -> Result<Option<HeaderValue>, &'static str> {
    let fields = match given {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Object(fields)) if fields.is_empty() => return Ok(None),
        Some(Value::Object(fields)) => fields,
        Some(_) => return Err("the context in its function's answer is no object"),
    };
    if fields.values().any(|value| value.is_object() || value.is_array()) {
        return Err("a value of the context in its function's answer is an object or a list");
    }
    let mut text = String::new();
    for c in Value::Object(fields.clone()).to_string().chars() {
        match c.is_ascii() {
            true => text.push(c),
            false => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}"))),
        }
    }
    if text.len() > CONTEXT_BYTES {
        return Err("the context in its function's answer is larger than 8192 bytes");
    }
    HeaderValue::from_str(&text).map(Some).map_err(|_| "the context in its function's answer cannot be a header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(answer: &str, expect: Result<Option<&str>, &str>) {
        let got = match read(answer.as_bytes()) {
            Ok(Decision::Allowed(context)) => Ok(context.map(|value| value.to_str().unwrap().to_owned())),
            Ok(Decision::Denied) => Err("denied".to_owned()),
            Ok(Decision::Failed(why)) => Err(why),
            Err(why) => Err(why.to_owned()),
        };
        match expect {
            Ok(context) => assert_eq!(got, Ok(context.map(str::to_owned)), "{answer}"),
            Err(part) => assert!(got.clone().unwrap_err().contains(part), "{answer}: {got:?}"),
        }
    }

    #[test]
    fn an_answer_says_allow_or_deny_in_either_form() {
        check(r#"{"status":"allow"}"#, Ok(None));
        check(r#"{"status":"allow","context":{"user":"ann"}}"#, Ok(Some(r#"{"user":"ann"}"#)));
        check(r#"{"statusCode":200,"body":"{\"status\":\"allow\",\"context\":{\"n\":1}}"}"#, Ok(Some(r#"{"n":1}"#)));
        let base64 = r#"{"statusCode":200,"isBase64Encoded":true,"body":"eyJzdGF0dXMiOiJkZW55In0="}"#;
        check(base64, Err("denied"));
        check(r#"{"status":"deny"}"#, Err("denied"));
        check(r#"{"status":"allow","context":{"name":"é😀"}}"#, Ok(Some(r#"{"name":"\u00e9\ud83d\ude00"}"#)));
    }

    #[test]
    fn any_other_answer_lets_nobody_in() {
        for answer in
            ["", "x", "[]", "{}", r#"{"status":"ALLOW"}"#, r#"{"status":true}"#, r#"{"statusCode":200,"body":"x"}"#]
        {
            check(answer, Err("is not {"));
        }
        check(r#"{"statusCode":500,"body":"{\"status\":\"allow\"}"}"#, Err("statusCode"));
        check(r#"{"status":"allow","context":{"a":{}}}"#, Err("object or a list"));
        check(r#"{"status":"allow","context":"x"}"#, Err("no object"));
        let long = format!(r#"{{"status":"allow","context":{{"a":"{}"}}}}"#, "x".repeat(8192));
        check(&long, Err("larger than 8192"));
    }
}
