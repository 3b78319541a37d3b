//! Synchronous invocation of an HTTP function through the API: the event becomes a request, the response an envelope.

mod envelope;
mod event;
mod log;

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue};
use model::error::Fault;
use model::function::Version;
use model::invoke::{Body, Invocation, Outcome, Source};
use model::{Kind, limits};
use tokio::time::{Instant, timeout_at};
use wire::codes;
use wire::fgs::invocation::{self as shape, Wrapper};

use self::envelope::Collected;
use self::log::{Cost, Watch};
use crate::answer::RequestId;
use crate::body::{self, Payload};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::router::Routes;
use crate::signature::Policy;
use crate::state::State;
use crate::target::Target;

/// Inner code of a function that answered with anything but 2xx (`behaviour.md` 6.6: 4002).
const NOT_SUCCESS: u32 = 4002;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on_with(shape::INVOKE, Policy::event(), invoke);
}

async fn invoke(
    Extract(state): Extract<State>,
    target: Target,
    Extension(RequestId(id)): Extension<RequestId>,
    headers: HeaderMap,
    payload: Payload,
) -> Result<Response, Error> {
    let (function, _) = target.version(&state)?;
    let options = Options::read(&headers)?;
    let request = body::work_on(payload.0.len(), move || event::request(&payload.0)).await??;
    let watch = Watch::new(&state.telemetry, &function);
    // The rules of an alias look at what the function will see: the headers of the request that the event is.
    let choice = function.choice(&target.urn.qualifier);
    let choice = choice.ok_or_else(|| Error::internal("an alias without its versions"))?;
    let version = options.sized(choice.pick(request.headers(), rand::random))?;
    let call = Call { id, options, started: Instant::now(), version };
    match call.run(&state, request).await {
        Ok((collected, cost)) => call.answer(collected, cost, watch).await,
        Err(error) => Err(call.failure(error, watch).await),
    }
}

/// What the caller wants beside the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Options {
    /// Whether the result is wrapped (v1).
    wrapped: bool,
    /// Whether the end of the log is wanted.
    tail: bool,
    /// MB that an instance is to have, if not as the version says.
    memory: Option<u32>,
}

impl Options {
    fn read(headers: &HeaderMap) -> Result<Self, Error> {
        let mut problems = Problems::default();
        let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or("?").trim());
        let version = text(shape::REQUEST_VERSION).unwrap_or_default().to_ascii_lowercase();
        problems.unless(matches!(version.as_str(), "" | "v0" | "v1"), codes::INVALID, || {
            format!("X-Cff-Request-Version must be v0 or v1, not {}", quoted(&version))
        });
        let log = text(shape::LOG_TYPE).unwrap_or_default().to_ascii_lowercase();
        problems.unless(matches!(log.as_str(), "" | "none" | "tail"), codes::INVALID, || {
            format!("X-Cff-Log-Type must be tail or empty, not {}", quoted(&log))
        });
        let size = text(shape::INSTANCE_MEMORY).filter(|size| !size.is_empty());
        let memory = size.and_then(|size| size.parse().ok()).filter(|size| limits::MEMORY_MB.contains(size));
        problems.unless(memory.is_some() || size.is_none(), codes::NOT_ACCEPTABLE, || {
            let sizes = limits::MEMORY_MB.map(|size| size.to_string()).join(", ");
            format!("X-Cff-Instance-Memory must be one of {sizes} MB, not {}", quoted(size.unwrap_or_default()))
        });
        problems.finish()?;
        Ok(Self { wrapped: version == "v1", tail: log == "tail", memory })
    }

    /// The version with the memory that was asked for: the invoker keeps instances of another size apart.
    fn sized(&self, version: &Arc<Version>) -> Result<Arc<Version>, Error> {
        match self.memory {
            None => Ok(Arc::clone(version)),
            Some(_) if !version.config.dynamic_memory => {
                let text = "X-Cff-Instance-Memory needs a function with enable_dynamic_memory";
                Err(Error::new(codes::NOT_ACCEPTABLE, text))
            }
            Some(memory) if memory == version.config.memory_mb => Ok(Arc::clone(version)),
            Some(memory) => {
                let mut sized = Version::clone(version);
                sized.config.memory_mb = memory;
                Ok(Arc::new(sized))
            }
        }
    }
}

/// One invocation, from here until its answer.
struct Call {
    id: String,
    options: Options,
    started: Instant,
    version: Arc<Version>,
}

impl Call {
    async fn run(&self, state: &State, request: http::Request<Body>) -> Result<(Collected, Cost), model::Error> {
        let patience = Duration::from_secs(u64::from(limits::SYNC_REPLY_SECONDS));
        let invocation = Invocation {
            request_id: self.id.as_str().into(),
            version: Arc::clone(&self.version),
            request,
            upgrade: false,
            http2: false,
            hints: None,
            timeout: patience,
            source: Source::Api,
            held: self.started.elapsed(),
        };
        let work = async {
            let response = state.invoke.invoke(invocation).await?;
            envelope::collect(response).await
        };
        let collected = timeout_at(self.started + patience, work).await.unwrap_or_else(|_| Err(cut()))?;
        let cost = self.cost(&collected.outcome);
        Ok((collected, cost))
    }

    /// What it took so far.
    fn cost(&self, outcome: &Outcome) -> Cost {
        Cost::new(self.started.elapsed(), outcome, self.version.config.memory_mb)
    }

    async fn answer(self, collected: Collected, cost: Cost, watch: Watch) -> Result<Response, Error> {
        let log = match self.options.tail {
            true => watch.text(&self, Some(&collected.outcome.instance), &cost).await,
            false => String::new(),
        };
        let Self { id, options, .. } = self;
        let code = if (200..300).contains(&collected.status) { 0 } else { NOT_SUCCESS };
        let wrapper = Wrapper { request_id: id.clone(), result: String::new(), log: log.clone(), status: 200 };
        let wrapper = options.wrapped.then_some(wrapper);
        let body = body::work_on(collected.size(), move || text(collected, wrapper)).await?.map_err(Error::internal)?;
        let mut headers = report(&id, code, code != 0);
        let version = if options.wrapped { "v1" } else { "v0" };
        put(&mut headers, shape::RESPONSE_VERSION, version);
        put(&mut headers, shape::BILLING_DURATION, &cost.billed_ms().to_string());
        put(&mut headers, shape::SUMMARY, &serde_json::to_string(&cost.summary()).map_err(Error::internal)?);
        if options.tail {
            put(&mut headers, shape::FUNCTION_LOG, &STANDARD.encode(log::tail(&log)));
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok((headers, body).into_response())
    }

    async fn failure(self, error: model::Error, watch: Watch) -> Error {
        let kind = error.kind;
        let mut headers = report(&self.id, kind.inner_code(), kind.fault() == Fault::Function);
        if self.options.tail {
            let cost = self.cost(&Outcome::default());
            let log = watch.text(&self, None, &cost).await;
            put(&mut headers, shape::FUNCTION_LOG, &STANDARD.encode(log::tail(&log)));
        }
        Error::from(error).headers(headers)
    }
}

/// The function's result, in its wrapper if there is one.
fn text(collected: Collected, wrapper: Option<Wrapper>) -> serde_json::Result<String> {
    let result = serde_json::to_string(&collected.into_envelope())?;
    match wrapper {
        None => Ok(result),
        Some(wrapper) => serde_json::to_string(&Wrapper { result, ..wrapper }),
    }
}

/// No answer within the time a synchronous caller has.
fn cut() -> model::Error {
    let text = format!(
        "no answer within {} s, the most a synchronous call may take; the call was cancelled",
        limits::SYNC_REPLY_SECONDS
    );
    model::Error::new(Kind::TimedOut).message(text)
}

/// The headers of every answer about an invocation.
fn report(id: &str, code: u32, functions_fault: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    put(&mut headers, shape::REQUEST_ID, id);
    put(&mut headers, shape::ERROR_CODE, &code.to_string());
    put(&mut headers, shape::IS_FUNCTION_ERROR, if functions_fault { "true" } else { "false" });
    headers
}

fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
