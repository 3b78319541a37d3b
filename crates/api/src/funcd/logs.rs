//! Logs of a function: what is kept, then, if wanted, what comes.

use std::sync::Arc;
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::stream::{self, Stream, StreamExt as _};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use telemetry::{Line, Stream as Origin};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio_util::sync::CancellationToken;
use wire::funcd::logs as shape;

use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::serve::Serving;
use crate::state::State;
use crate::target::Target;

/// An empty line at least this often shows that the connection lives.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// Least, usual and most lines of an answer.
pub(super) const LIMIT: (i64, i64, i64) = (1, 100, 10_000);

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list);
}

async fn list(
    Extract(state): Extract<State>,
    target: Target,
    query: Query,
    serving: Option<Extension<Serving>>,
) -> Result<Response, Error> {
    let function = logged(&state, &target)?;
    let (wanted, follow) = wanted(&query)?;
    // Before the kept lines are read, so that none is lost between them and the live ones.
    let live = follow.then(|| state.telemetry.follow(&function));
    let (telemetry, filter) = (state.telemetry.clone(), wanted.clone());
    let kept = tokio::task::spawn_blocking(move || telemetry.lines(&function, &filter)).await??;
    let past = stream::iter(kept.iter().map(ndjson).collect::<Vec<_>>());
    let body = match live {
        None => Body::from_stream(past.map(Ok::<_, std::convert::Infallible>)),
        Some(live) => {
            let stopping = serving.map(|Extension(serving)| serving.stopping).unwrap_or_default();
            Body::from_stream(
                past.chain(follow_on(Following { live, kept, wanted, stopping }))
                    .map(Ok::<_, std::convert::Infallible>),
            )
        }
    };
    Ok(([(CONTENT_TYPE, "application/x-ndjson"), (CACHE_CONTROL, "no-store")], body).into_response())
}

/// Whose log it is: a function, or the stream that `ShowLtsLogDetails` named.
fn logged(state: &State, target: &Target) -> Result<String, Error> {
    let id = &target.urn.function;
    if state.store.function(id).is_none() {
        let functions = state.store.functions(&id.project);
        if let Some(function) = functions.iter().find(|function| function.func_id == id.name) {
            return Ok(function.id.to_string());
        }
    }
    Ok(target.function(state)?.id.to_string())
}

/// What of logs or records is wanted; shared with [`super::requests`].
pub(super) fn filter(query: &Query, problems: &mut Problems) -> telemetry::Query {
    telemetry::Query {
        since: query.time("since", problems),
        limit: query.bounded("limit", LIMIT, problems),
        instance: query.text("instance").map(str::to_owned),
        request_id: query.text("request_id").map(str::to_owned),
    }
}

fn wanted(query: &Query) -> Result<(telemetry::Query, bool), Error> {
    let mut problems = Problems::default();
    let wanted = filter(query, &mut problems);
    let follow = query.flag("follow", &mut problems);
    problems.finish()?;
    Ok((wanted, follow))
}

/// The live part of an answer.
struct Following {
    live: Receiver<Arc<Line>>,
    /// Lines already sent: those that came while the kept ones were read are in both.
    kept: Vec<Line>,
    wanted: telemetry::Query,
    stopping: CancellationToken,
}

fn follow_on(following: Following) -> impl Stream<Item = Bytes> + Send {
    stream::unfold(following, |mut following| async move {
        let bytes = following.next().await?;
        Some((bytes, following))
    })
}

impl Following {
    /// The next line, an empty one after a while without, nothing once the server stops.
    async fn next(&mut self) -> Option<Bytes> {
        let beat = tokio::time::Instant::now() + HEARTBEAT;
        loop {
            let line = tokio::select! {
                biased;
                () = self.stopping.cancelled() => return None,
                line = self.live.recv() => line,
                () = tokio::time::sleep_until(beat) => return Some(Bytes::from_static(b"\n")),
            };
            match line {
                Ok(line) if self.is_new(&line) => return Some(ndjson(&line)),
                Ok(_) => {}
                Err(RecvError::Lagged(lines)) => return Some(skipped(lines)),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    fn is_new(&self, line: &Line) -> bool {
        let telemetry::Query { since, instance, request_id, .. } = &self.wanted;
        since.is_none_or(|since| line.at >= since)
            && instance.as_ref().is_none_or(|instance| *instance == line.instance)
            && request_id.as_ref().is_none_or(|id| line.request_id.as_ref() == Some(id))
            && !self.kept.iter().rev().take_while(|kept| kept.at >= line.at).any(|kept| same(kept, line))
    }
}

fn same(kept: &Line, line: &Line) -> bool {
    (kept.at, &kept.instance, kept.stream, &kept.text) == (line.at, &line.instance, line.stream, &line.text)
}

fn skipped(lines: u64) -> Bytes {
    encode(&shape::Line {
        at: model::time::now().to_string(),
        stream: origin(Origin::System).to_owned(),
        text: format!("{lines} lines skipped: they came faster than they could be sent"),
        ..shape::Line::default()
    })
}

fn ndjson(line: &Line) -> Bytes {
    encode(&shape::Line {
        at: line.at.to_string(),
        version: line.version.clone(),
        instance: line.instance.clone(),
        stream: origin(line.stream).to_owned(),
        request_id: line.request_id.clone(),
        tags: line.tags.as_deref().cloned().unwrap_or_default(),
        text: line.text.clone(),
    })
}

fn encode(line: &shape::Line) -> Bytes {
    let mut json = serde_json::to_vec(line).unwrap_or_default();
    json.push(b'\n');
    json.into()
}

fn origin(stream: Origin) -> &'static str {
    match stream {
        Origin::Stdout => "stdout",
        Origin::Stderr => "stderr",
        Origin::System => "system",
    }
}
