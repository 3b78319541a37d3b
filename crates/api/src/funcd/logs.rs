//! Logs of a function or of all of a project: what is kept, then, if wanted, what comes.

mod filter;
mod level;

use axum::Extension;
use axum::extract::State as Extract;
use axum::response::Response;
use bytes::Bytes;
use telemetry::{Found, Line, Stream as Origin};
use wire::funcd::logs as shape;

use self::filter::Filter;
use super::follow::{self, Live, New, encode};
use super::scope::Scope;
use super::search;
use crate::caller::Caller;
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::serve::Serving;
use crate::state::State;
use crate::target::Target;

/// Least, usual and most lines of an answer.
pub(super) const LIMIT: (i64, i64, i64) = (1, 100, 10_000);

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list).on(shape::LIST_ALL, list_all);
}

async fn list(
    Extract(state): Extract<State>,
    target: Target,
    query: Query,
    serving: Option<Extension<Serving>>,
) -> Result<Response, Error> {
    let function = logged(&state, &target)?;
    answer(&state, &query, Source::Function(function), serving).await
}

async fn list_all(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
    serving: Option<Extension<Serving>>,
) -> Result<Response, Error> {
    let source = match Scope::read(&query, &caller, &state)? {
        Scope::Function(id) => Source::Function(id.to_string()),
        Scope::Project(name) => Source::Project { name, functions: names(&state, &caller) },
    };
    answer(&state, &query, source, serving).await
}

/// The functions that a project has now.
pub(super) fn names(state: &State, caller: &Caller) -> Vec<String> {
    state.store.functions(&caller.project).iter().map(|function| function.id.to_string()).collect()
}

/// Whose log it is: a function, or the stream that `ShowLtsLogDetails` named. One that owners gave several functions is no
/// function's.
fn logged(state: &State, target: &Target) -> Result<String, Error> {
    let id = &target.urn.function;
    if state.store.function(id).is_none() {
        let functions = state.store.functions(&id.project);
        let of = |stream: &String| *stream == id.name;
        let mut found = functions.iter().filter(|one| of(&one.func_id) || of(&one.latest.config.log.stream_id));
        if let (Some(function), None) = (found.next(), found.next()) {
            return Ok(function.id.to_string());
        }
    }
    Ok(target.function(state)?.id.to_string())
}

/// What of logs or records is wanted; shared with [`super::requests`].
pub(super) fn filter(query: &Query, problems: &mut Problems) -> telemetry::Query {
    telemetry::Query {
        since: query.time("since", problems),
        until: query.time("until", problems),
        limit: query.bounded("limit", LIMIT, problems),
        instance: query.text("instance").map(str::to_owned),
        request_id: query.text("request_id").map(str::to_owned),
        ..telemetry::Query::default()
    }
}

/// Whose lines are wanted.
enum Source {
    Function(String),
    Project { name: String, functions: Vec<String> },
}

async fn answer(
    state: &State,
    query: &Query,
    source: Source,
    serving: Option<Extension<Serving>>,
) -> Result<Response, Error> {
    let mut problems = Problems::default();
    let kept = filter(query, &mut problems);
    let wanted = Filter::read(query, &mut problems);
    let follow = query.flag("follow", &mut problems);
    problems.finish()?;
    // Before the kept lines are read, so that none is lost between them and the live ones.
    let (live, project, functions) = match source {
        Source::Function(name) => (follow.then(|| state.telemetry.follow(&name)), None, vec![name]),
        Source::Project { name, functions } => (follow.then(|| state.telemetry.follow_all()), Some(name), functions),
    };
    let (telemetry, filter, asked) = (state.telemetry.clone(), wanted.clone(), kept.clone());
    let read = move || {
        let find =
            |name: &str, asked: &telemetry::Query| telemetry.search_lines(name, asked, |line| filter.wants(line));
        search::newest(&functions, &asked, |line: &Line| line.at, find)
    };
    let Found { entries, cut } = tokio::task::spawn_blocking(read).await??;
    let past = entries.iter().map(ndjson).collect();
    let live = live.map(|live| Live {
        live,
        line: new_lines(entries, kept, wanted, project),
        skipped,
        stopping: follow::stopping(serving),
    });
    Ok(follow::answer(past, cut, live))
}

/// Those that came while the kept ones were read are in both.
fn new_lines(entries: Vec<Line>, kept: telemetry::Query, wanted: Filter, project: Option<String>) -> New<Line> {
    Box::new(move |line| {
        let telemetry::Query { since, until, instance, request_id, .. } = &kept;
        let is_wanted = since.is_none_or(|since| line.at >= since)
            && until.is_none_or(|until| line.at <= until)
            && instance.as_ref().is_none_or(|instance| *instance == line.instance)
            && request_id.as_ref().is_none_or(|id| line.request_id.as_ref() == Some(id))
            && project.as_deref().is_none_or(|project| model::statistics::project_of(&line.function) == Some(project))
            && wanted.wants(line);
        let was_sent = || entries.iter().rev().take_while(|kept| kept.at >= line.at).any(|kept| same(kept, line));
        (is_wanted && !was_sent()).then(|| ndjson(line))
    })
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
        function: line.function.clone(),
        version: line.version.clone(),
        instance: line.instance.clone(),
        stream: origin(line.stream).to_owned(),
        request_id: line.request_id.clone(),
        level: level::of(&line.text).map(|level| level.name().to_owned()),
        tags: line.tags.as_deref().cloned().unwrap_or_default(),
        text: line.text.clone(),
    })
}

fn origin(stream: Origin) -> &'static str {
    match stream {
        Origin::Stdout => "stdout",
        Origin::Stderr => "stderr",
        Origin::System => "system",
    }
}
