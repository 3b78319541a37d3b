//! An API called for a test, as it is edited or as it is published. What the gateway or the function answers is the answer of the test,
//! whatever it is; refused is only what cannot be called at all.

use std::fmt::Write as _;
use std::time::Duration;

use axum::Json;
use axum::extract::State as Extract;
use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt as _;
use model::invoke;
use model::snapshot::Snapshot;
use model::time;
use model::trigger::{RELEASE_ENV, RELEASE_ENV_ID};
use sha2::{Digest as _, Sha256};
use store::apig::Stored;
use wire::apig::apis::DebugResponse;

use super::super::Instance;
use super::Named;
use super::asked::{self, Asked};
use crate::body::Payload;
use crate::error::Error;
use crate::state::{Debug, State};

/// Bytes of an answer's body that are shown.
const SHOWN: usize = 2_097_152;
const TRUNCATED: &str = "[TRUNCATED]";
/// How long a test may take: the longest a back end may, and a start of the function before it.
const WHOLE: Duration = Duration::from_secs(90);

pub(super) async fn debug(
    Extract(state): Extract<State>,
    instance: Instance,
    named: Named,
    payload: Payload,
) -> Result<Json<DebugResponse>, Error> {
    let asked = asked::read(&payload)?;
    let stored = super::find(&state, &instance.project, &named.0).await?;
    let call = state.debug.clone().ok_or_else(|| Error::internal("no gateway calls APIs for tests"))?;
    let snapshot = match &asked.stage {
        None => state.store.draft_of_api(&instance.project, &named.0, RELEASE_ENV_ID).await?,
        Some(stage) => state.store.published_api(&instance.project, &named.0, stage).await?,
    };
    let host = match &asked.domain {
        Some(domain) => domain.clone(),
        None => host_of(&state, &instance.project, &stored).await?,
    };
    let request = request(&asked, &host)?;
    let _turn = state.debugged.acquire().await.map_err(Error::internal)?;
    Ok(Json(run(&call, &asked, (snapshot, request), &stored).await))
}

/// The host of the API's group.
async fn host_of(state: &State, project: &str, stored: &Stored) -> Result<String, Error> {
    let groups = state.store.groups(project).await?;
    let group = groups.iter().find(|group| group.id == stored.api.definition.group_id);
    let group = group.ok_or_else(|| Error::internal("an API without a group"))?;
    Ok(super::super::groups::sl_domain(state, group))
}

/// The request that a client would send, signed if an app is to be proven.
fn request(asked: &Asked, host: &str) -> Result<Request<Bytes>, Error> {
    let mut headers = asked.headers.clone();
    headers.insert(http::header::HOST, HeaderValue::from_str(host).map_err(Error::internal)?);
    if let Some(stage) = &asked.stage {
        headers.insert("x-stage", HeaderValue::from_str(stage).map_err(Error::internal)?);
    }
    if let Some((key, secret)) = &asked.app {
        sign(asked, &mut headers, (key, secret))?;
    }
    let mut request = Request::builder().method(asked.method.clone()).uri(asked.target()).body(asked.body.clone());
    if let Ok(request) = &mut request {
        *request.headers_mut() = headers;
    }
    request.map_err(Error::internal)
}

fn sign(asked: &Asked, headers: &mut HeaderMap, (key, secret): (&str, &str)) -> Result<(), Error> {
    let sha256 = hex::encode(Sha256::digest(&asked.body));
    let signed: Vec<(&str, &[u8])> = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    let request = auth::signature::Request {
        method: asked.method.as_str(),
        path: &asked.path,
        query: &asked.query,
        headers: &signed,
        body_sha256: &sha256,
    };
    for (name, value) in auth::signature::sign(&request, key, secret, time::now()) {
        let name = http::HeaderName::try_from(name).map_err(Error::internal)?;
        headers.insert(name, HeaderValue::try_from(value).map_err(Error::internal)?);
    }
    Ok(())
}

async fn run(
    call: &Debug,
    asked: &Asked,
    (snapshot, request): (Snapshot, Request<Bytes>),
    stored: &Stored,
) -> DebugResponse {
    let mut log = Log::default();
    let (definition, host) = (&stored.api.definition, text_of(request.headers().get(http::header::HOST)));
    let what = match &asked.stage {
        None => format!("as it is edited, as if it were published in {RELEASE_ENV}"),
        Some(stage) => format!("as it is published in {stage}"),
    };
    log.say(&format!("API {} ({}) {what}", definition.name, stored.api.id));
    log.say(&format!("{} {}://{host}{}", request.method(), asked.scheme(), asked.target()));
    let sent = message(&format!("{} {} HTTP/1.1", request.method(), asked.target()), request.headers(), request.body());
    let begun = tokio::time::Instant::now();
    let answered = tokio::time::timeout(WHOLE, async {
        let (head, body) = call(snapshot, asked.secure, request).await.into_parts();
        let (bytes, whole) = read(body).await;
        (Response::from_parts(head, bytes), whole)
    });
    let answered = answered.await;
    let latency = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    let response = match answered {
        Ok((response, whole)) => {
            log.answered(&response, latency);
            let line = format!("HTTP/1.1 {}", response.status());
            let mut text = message(&line, response.headers(), response.body());
            if let Err(why) = whole {
                log.say(why);
                text.push_str(TRUNCATED);
            }
            text
        }
        Err(_) => {
            log.say(&format!("no answer was complete within {} s", WHOLE.as_secs()));
            String::new()
        }
    };
    DebugResponse { request: sent, response, latency, log: log.0 }
}

/// As much of a body as is shown, and why that is not all.
async fn read(mut body: invoke::Body) -> (Bytes, Result<(), &'static str>) {
    let mut bytes = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return (bytes.freeze(), Err("the answer broke off")) };
        let Some(data) = frame.data_ref() else { continue };
        let room = SHOWN - bytes.len();
        bytes.extend_from_slice(data.get(..room.min(data.len())).unwrap_or_default());
        if data.len() > room {
            return (bytes.freeze(), Err("the answer is longer than what is shown of it"));
        }
    }
    (bytes.freeze(), Ok(()))
}

/// A message as it would be on the wire; what is no UTF-8 is replaced.
fn message(line: &str, headers: &HeaderMap, body: &[u8]) -> String {
    let mut text = format!("{line}\r\n");
    for (name, value) in headers {
        // Writing to a text cannot fail.
        let _ = write!(text, "{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes()));
    }
    text.push_str("\r\n");
    text.push_str(&String::from_utf8_lossy(body));
    text
}

fn text_of(value: Option<&HeaderValue>) -> String {
    value.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).unwrap_or_default()
}

/// What happened, a line each with its time.
#[derive(Debug, Default)]
struct Log(String);

impl Log {
    fn say(&mut self, text: &str) {
        // Writing to a text cannot fail.
        let _ = writeln!(self.0, "{} {text}", super::super::time(time::now()));
    }

    fn answered(&mut self, response: &Response<Bytes>, latency: i64) {
        let headers = response.headers();
        let who = match headers.get("x-funcd-error") {
            Some(code) => format!("the gateway, with {}", text_of(Some(code))),
            None => "the function".to_owned(),
        };
        let (status, id) = (response.status(), text_of(headers.get("x-request-id")));
        self.say(&format!("{status} after {latency} ms from {who}; request {id}, {} bytes", response.body().len()));
    }
}
