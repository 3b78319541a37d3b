//! The body of a request: received within its limits, hashed on the way, then read into a struct with every problem reported.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::FromRequestParts;
use bytes::{Bytes, BytesMut};
use http::HeaderMap;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use http_body_util::BodyExt as _;
use model::limits;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use wire::codes::{self, Code};

use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::signature::Policy;

/// SHA-256 of no bytes.
pub(crate) const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// Larger bodies need room in the common budget.
const LARGE: usize = 1024 * 1024;
/// How long a client may pause, and how long the whole body may take: besides, a second for so many bytes that it announced. A package of
/// 50 MB by 1 Mbit/s is there before its signature is 15 minutes old.
const PAUSE: Duration = Duration::from_secs(20);
const WHOLE: Duration = Duration::from_secs(300);
const BYTES_A_SECOND: usize = 128 * 1024;

/// A body that is all there.
#[derive(Debug)]
pub(crate) struct Received {
    /// Its bytes.
    pub(crate) payload: Payload,
    /// Lower-case hex of their SHA-256.
    pub(crate) sha256: String,
    /// Its place in the common budget, until the request is done.
    pub(crate) room: Option<OwnedSemaphorePermit>,
}

/// The bytes of a body whose signature was right.
#[derive(Clone, Debug)]
pub(crate) struct Payload(pub(crate) Bytes);

impl<S: Sync> FromRequestParts<S> for Payload {
    type Rejection = Error;

    /// Takes it out, so that nobody else holds a large body.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        parts.extensions.remove::<Self>().ok_or_else(|| Error::internal("the body was not received"))
    }
}

/// Receives a body within the limit of its operation.
pub(crate) async fn receive(
    stream: Body,
    headers: &HeaderMap,
    policy: Policy,
    budget: &Arc<Semaphore>,
) -> Result<Received, Error> {
    let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|bytes| bytes > policy.bytes) {
        return Err(too_large(policy));
    }
    let whole = WHOLE + Duration::from_secs((announced.unwrap_or(0) / BYTES_A_SECOND) as u64);
    let late = |_| Error::new(codes::BODY_TIMED_OUT, format!("the body did not arrive within {} s", whole.as_secs()));
    let work = async {
        let room = room(announced, http_body::Body::is_end_stream(&stream), policy, budget).await?;
        let (bytes, sha256) = collect(stream, announced, policy).await?;
        Ok(Received { payload: Payload(bytes), sha256, room })
    };
    timeout(whole, work).await.map_err(late)?
}

/// Waits for a place in the budget, if the body is large or may become so.
async fn room(
    announced: Option<usize>,
    empty: bool,
    policy: Policy,
    budget: &Arc<Semaphore>,
) -> Result<Option<OwnedSemaphorePermit>, Error> {
    let bytes = announced.unwrap_or(if empty { 0 } else { policy.bytes });
    if bytes <= LARGE {
        return Ok(None);
    }
    let kib = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
    match timeout(PAUSE, Arc::clone(budget).acquire_many_owned(kib)).await {
        Ok(Ok(room)) => Ok(Some(room)),
        _ => {
            let text = "too many large uploads at the same time, please retry later";
            Err(Error::new(codes::UNAVAILABLE, text).retry_after(Duration::from_secs(5)))
        }
    }
}

async fn collect(mut stream: Body, announced: Option<usize>, policy: Policy) -> Result<(Bytes, String), Error> {
    // Reserved, not touched: a body of unknown length that may be large is not copied as it grows.
    let room = if policy.bytes > LARGE { policy.bytes } else { 0 };
    let mut bytes = BytesMut::with_capacity(announced.unwrap_or(room));
    let mut hash = Sha256::new();
    loop {
        let frame = timeout(PAUSE, stream.frame()).await.map_err(|_| {
            Error::new(codes::BODY_TIMED_OUT, format!("no byte of the body arrived for {} s", PAUSE.as_secs()))
        })?;
        let Some(frame) = frame else { break };
        let frame = frame.map_err(|_| Error::new(codes::BAD_REQUEST, "the body ended before it was complete"))?;
        let Ok(part) = frame.into_data() else { continue };
        if bytes.len() + part.len() > policy.bytes {
            return Err(too_large(policy));
        }
        hash.update(&part);
        bytes.extend_from_slice(&part);
    }
    Ok((bytes.freeze(), hex::encode(hash.finalize())))
}

fn too_large(policy: Policy) -> Error {
    let Policy { bytes, too_large, .. } = policy;
    let text = match too_large == codes::PACKAGE_TOO_LARGE {
        true => format!(
            "the package must be at most {} bytes; as base64 the request body has at most {bytes}",
            if bytes == Policy::dependency().bytes { limits::DEPENDENCY_BYTES } else { limits::PACKAGE_BYTES }
        ),
        false => format!("the request body must be at most {bytes} bytes"),
    };
    Error::new(too_large, text)
}

/// Runs work on so many bytes: here if they are few, else where it keeps nobody waiting.
pub(crate) async fn work_on<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    const FEW: usize = 64 * 1024;
    if bytes <= FEW { Ok(work()) } else { Ok(tokio::task::spawn_blocking(work).await?) }
}

/// How the fields of an object are named, coded and taken.
#[derive(Clone, Copy)]
pub(crate) struct Rules {
    /// The field the object stands in; empty for the body itself.
    pub(crate) inside: &'static str,
    /// The code for what is wrong with a field.
    pub(crate) code_of: fn(&str) -> Code,
    /// Known fields whose behaviour is not there.
    pub(crate) not_there: &'static [&'static str],
}

impl Rules {
    /// Every known field is there.
    pub(crate) fn new(inside: &'static str, code_of: fn(&str) -> Code) -> Self {
        Self { inside, code_of, not_there: &[] }
    }

    fn name(&self, field: &str) -> String {
        if self.inside.is_empty() { field.to_owned() } else { format!("{}.{field}", self.inside) }
    }
}

/// The fields of an object before anybody read their values.
type Fields<'a> = BTreeMap<Cow<'a, str>, &'a RawValue>;

/// Reads a JSON object into `T`, noting every field that is unknown, not there, or of a wrong type; the others are read all the
/// same, so that their values can be checked too.
///
/// A field that is unknown or not there is let pass when it is blank: an empty setting changes nothing.
pub(crate) fn read<T: DeserializeOwned + Default>(json: &[u8], rules: Rules, problems: &mut Problems) -> T {
    let fields: Fields<'_> = match serde_json::from_slice(json) {
        Ok(fields) => fields,
        Err(error) => {
            let what = if rules.inside.is_empty() { "the body" } else { rules.inside };
            problems.unread(
                rules.inside,
                (rules.code_of)(rules.inside),
                format!("{what} is not a JSON object: {error}"),
            );
            return T::default();
        }
    };
    refuse(&fields, wire::fields::<T>(), rules, problems);
    serde_json::from_slice(json).unwrap_or_else(|error| {
        diagnose::<T>(&fields, rules, problems).unwrap_or_else(|| {
            problems.unread(rules.inside, (rules.code_of)(rules.inside), error.to_string());
            T::default()
        })
    })
}

/// Notes the fields that say something nobody would do.
fn refuse(fields: &Fields<'_>, known: &[&str], rules: Rules, problems: &mut Problems) {
    for (field, value) in fields {
        let unknown = !known.contains(&field.as_ref());
        if !unknown && !rules.not_there.contains(&field.as_ref()) {
            continue;
        }
        let blank = serde_json::from_str(value.get()).is_ok_and(|value| is_blank(&value));
        problems.unless(blank, (rules.code_of)(field), || match unknown {
            true => format!("{} is not a field that funcd knows", quoted(&rules.name(field))),
            false => format!("{} is not supported yet, leave it out", rules.name(field)),
        });
    }
}

/// Reads each field alone, to find all that are wrong; gives what the others make, or nothing when each alone is right.
fn diagnose<T: DeserializeOwned>(fields: &Fields<'_>, rules: Rules, problems: &mut Problems) -> Option<T> {
    let object = |fields: &BTreeMap<&str, &RawValue>| serde_json::to_vec(fields).unwrap_or_default();
    let mut good = BTreeMap::new();
    for (field, value) in fields {
        match serde_json::from_slice::<T>(&object(&BTreeMap::from([(field.as_ref(), *value)]))) {
            Ok(_) => {
                good.insert(field.as_ref(), *value);
            }
            Err(error) => {
                let name = rules.name(field);
                problems.unread(&name, (rules.code_of)(field), format!("{name}: {}", plain(&error)));
            }
        }
    }
    if good.len() == fields.len() {
        return None;
    }
    serde_json::from_slice(&object(&good)).ok()
}

/// An error of the JSON reader without its position in a text that nobody sees, in words for people.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
    text.replace("expected i64", "expected a whole number").replace("expected struct ", "expected an object ")
}

/// Whether a setting says nothing: null, false, 0, empty, or made of such.
pub(crate) fn is_blank(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(flag) => !flag,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => matches!(text.trim(), "" | "[]" | "{}"),
        Value::Array(items) => items.iter().all(is_blank),
        Value::Object(fields) => fields.values().all(is_blank),
    }
}

#[cfg(test)]
mod tests;
