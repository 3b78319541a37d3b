//! The first answer of a function, or why there is none.
//!
//! The URL's host is put into the request and the connection goes to the gateway's address, so that no name server needs to
//! know `*.localhost`. A response that carries `X-Funcd-Error` is the gateway's own; any other is the function's.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow};
use jiff::Timestamp;
use ureq::http::{Response, Uri};
use ureq::{Agent, Body};
use wire::ErrorBody;
use wire::fgs::config::Function;
use wire::funcd::info::Info;
use wire::funcd::logs::Line;

use super::trigger::Published;
use crate::client::{self, Client};
use crate::commands::logs;
use crate::connection::{Connection, Endpoint};
use crate::output::escape;

/// Bytes of a refusal that are read.
const LARGEST_REFUSAL: u64 = 64 * 1024;
/// Log lines that explain a failure.
const LINES: u32 = 20;
/// How often they are asked for until there are some: a record may arrive a little after the response.
const TRIES: u32 = 5;

/// How it ended, if it did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The function answered with this status.
    Answered(u16),
    /// The gateway cannot be reached from here, and why.
    OutOfReach(String),
}

/// One answer of the gateway.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Answer {
    /// The function's own.
    Function(u16),
    /// The gateway's.
    Gateway(Refusal),
}

/// What the gateway answers in place of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Refusal {
    status: u16,
    /// `X-Func-Err-Code`: what happened to the invocation.
    inner_code: Option<u32>,
    /// `Retry-After`.
    retry_after: Option<Duration>,
    body: ErrorBody,
}

/// Calls the URL until the function answers, at most for `patience`.
///
/// # Errors
/// When it does not: the gateway's words, what to do, and the function's last log lines.
pub(super) fn until_it_answers(
    client: &Client,
    service: &Info,
    (function, published): (&Function, &Published),
    patience: Duration,
) -> Result<Outcome> {
    let gateway = match gateway(client.connection(), service)? {
        Ok(gateway) => gateway,
        Err(why) => return Ok(Outcome::OutOfReach(why)),
    };
    let agent = client::agent(&gateway, client.connection().ca_file.as_deref())?;
    let since = client.server_time();
    let started = Instant::now();
    loop {
        let left = patience.saturating_sub(started.elapsed());
        let failure = match get(&agent, &gateway, &published.url, left)? {
            Ok(Answer::Function(status)) => return Ok(Outcome::Answered(status)),
            Ok(Answer::Gateway(refusal)) => match pause(&refusal).filter(|pause| *pause < left) {
                Some(pause) => {
                    std::thread::park_timeout(pause);
                    continue;
                }
                None => explain(&refusal, function),
            },
            Err(failure) => unreachable_text(&failure, &gateway, patience),
        };
        let lines = last_lines(client, &function.func_urn, since);
        let name = escape(&function.func_name);
        return Err(anyhow!("{name} is deployed, but {} does not answer: {failure}{}", published.url, shown(&lines)));
    }
}

/// The gateway's address as seen from here; the inner error says why there is none.
fn gateway(connection: &Connection, service: &Info) -> Result<Result<Endpoint, String>> {
    let said = connection.gateway.as_deref().unwrap_or(&service.gateway_url);
    let gateway = Endpoint::parse(said).with_context(|| format!("the gateway's address '{}' is none", escape(said)))?;
    if gateway.is_unspecified() {
        return Ok(Ok(gateway.with_host(&connection.endpoint.host)));
    }
    if gateway.is_loopback() && !connection.endpoint.is_loopback() {
        return Ok(Err(format!(
            "not called: the gateway listens on {gateway} of the other machine only. Let it listen on more (`funcd up \
             --gateway ADDR`), or name the way there as `gateway` in the profile"
        )));
    }
    Ok(Ok(gateway))
}

/// One GET; the inner error is a transport failure.
fn get(agent: &Agent, gateway: &Endpoint, url: &str, patience: Duration) -> Result<Result<Answer, ureq::Error>> {
    let uri: Uri = url.parse().with_context(|| format!("the URL '{}' cannot be called", escape(url)))?;
    let host = uri.authority().map(|authority| authority.as_str().to_owned()).unwrap_or_default();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let answer = agent
        .get(format!("{gateway}{target}"))
        .header("host", host)
        .config()
        .timeout_recv_response(Some(patience.max(Duration::from_secs(1))))
        .build()
        .call();
    Ok(answer.map(read))
}

fn read(answer: Response<Body>) -> Answer {
    let status = answer.status().as_u16();
    let header = |name| answer.headers().get(name).and_then(|value| value.to_str().ok());
    if header("x-funcd-error").is_none() {
        return Answer::Function(status);
    }
    let inner_code = header("x-func-err-code").and_then(|text| text.parse().ok());
    let retry_after = header("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs);
    let text = answer.into_body().into_with_config().limit(LARGEST_REFUSAL).read_to_vec().unwrap_or_default();
    let body = serde_json::from_slice(&text).unwrap_or_default();
    Answer::Gateway(Refusal { status, inner_code, retry_after, body })
}

/// How long to wait before trying again, when that may help: the host or the function is busy, not broken.
fn pause(refusal: &Refusal) -> Option<Duration> {
    let crash_loop = refusal.inner_code == Some(4011);
    let busy = matches!(refusal.status, 429 | 503) && !crash_loop;
    busy.then(|| {
        refusal.retry_after.unwrap_or(Duration::from_secs(1)).clamp(Duration::from_millis(100), Duration::from_secs(5))
    })
}

/// The gateway's words, and what to do.
fn explain(refusal: &Refusal, function: &Function) -> String {
    let advice = match refusal.inner_code {
        Some(4201) => "Its start command in `bootstrap` ended: see why below, correct it and deploy again".to_owned(),
        Some(4211) => "It must listen on 127.0.0.1:8000; if it only needs longer, raise --start-timeout".to_owned(),
        Some(4014) => "Let it listen on 127.0.0.1:8000".to_owned(),
        Some(4011) => "It failed several times in a row: correct it and deploy again".to_owned(),
        Some(4205) => format!("It needs more than its {} MB: raise --memory", function.memory_size),
        Some(4010) => format!("It took longer than its {} s: raise --timeout", function.timeout),
        Some(4002) => "It ended while it served the request: see why below".to_owned(),
        Some(150_429) => "All its instances are busy: raise --concurrency or --max-instances".to_owned(),
        _ => String::new(),
    };
    let Refusal { status, body: ErrorBody { error_code, error_msg, request_id }, .. } = refusal;
    let request = if request_id.is_empty() { String::new() } else { format!(", request {}", escape(request_id)) };
    let stop = if advice.is_empty() { "" } else { ". " };
    format!("{} (status {status}, {}{request}){stop}{advice}", escape(error_msg), escape(error_code))
}

fn unreachable_text(error: &ureq::Error, gateway: &Endpoint, patience: Duration) -> String {
    match error {
        ureq::Error::Timeout(_) => {
            format!("nothing came within {} s (--wait). It may still be starting", patience.as_secs())
        }
        other => format!("the gateway at {gateway} cannot be reached ({other})"),
    }
}

/// The function's newest lines since the deploy began. That they cannot be had must not hide the failure itself.
fn last_lines(client: &Client, urn: &str, since: Option<Timestamp>) -> Vec<Line> {
    for attempt in 0..TRIES {
        match logs::tail(client, urn, since, LINES) {
            Ok(lines) if lines.is_empty() => std::thread::park_timeout(Duration::from_millis(50 << attempt)),
            Ok(lines) => return lines,
            Err(_) => break,
        }
    }
    Vec::new()
}

fn shown(lines: &[Line]) -> String {
    if lines.is_empty() {
        return "\nIt wrote no log line.".to_owned();
    }
    let lines: Vec<String> = lines.iter().map(|line| format!("  {}", logs::text(line, false))).collect();
    format!("\nIts last log lines:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(status: u16, inner_code: u32) -> Refusal {
        let body = ErrorBody { error_code: "FSS.0502".into(), error_msg: "it ended".into(), request_id: "r1".into() };
        Refusal { status, inner_code: Some(inner_code), retry_after: None, body }
    }

    #[track_caller]
    fn reach(endpoint: &str, profile: Option<&str>, said: &str, expect: Result<&str, &str>) {
        let connection = Connection {
            endpoint: Endpoint::parse(endpoint).unwrap(),
            access_key: String::new(),
            secret_key: "".parse().unwrap(),
            project_id: String::new(),
            region: None,
            gateway: profile.map(str::to_owned),
            ca_file: None,
        };
        let service = Info { gateway_url: said.into(), ..Info::default() };
        match (gateway(&connection, &service).unwrap(), expect) {
            (Ok(gateway), Ok(expect)) => assert_eq!(gateway.to_string(), expect),
            (Err(why), Err(expect)) => assert!(why.contains(expect), "{why}"),
            (got, expect) => panic!("{got:?}, not {expect:?}"),
        }
    }

    #[test]
    fn the_gateway_is_reached_as_it_can_be_from_here() {
        reach("http://127.0.0.1:8081", None, "http://127.0.0.1:8080", Ok("http://127.0.0.1:8080"));
        reach("http://build:8081", None, "http://0.0.0.0:8080", Ok("http://build:8080"));
        reach("http://build:8081", None, "http://10.0.0.5:8080", Ok("http://10.0.0.5:8080"));
        reach("http://build:8081", None, "http://127.0.0.1:8080", Err("of the other machine only"));
        reach("http://build:8081", Some("http://build:80"), "http://127.0.0.1:8080", Ok("http://build"));
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        assert_eq!(pause(&refusal(502, 4201)), None);
        assert_eq!(pause(&refusal(503, 4011)), None, "a crash loop does not pass by itself");
        assert_eq!(pause(&refusal(503, 150_430)), Some(Duration::from_secs(1)));
        let later = Refusal { retry_after: Some(Duration::from_secs(90)), ..refusal(429, 150_429) };
        assert_eq!(pause(&later), Some(Duration::from_secs(5)));
    }

    #[test]
    fn a_failure_says_what_to_do() {
        let function = Function { memory_size: 128, timeout: 3, ..Function::default() };
        let text = explain(&refusal(500, 4205), &function);
        assert_eq!(text, "it ended (status 500, FSS.0502, request r1). It needs more than its 128 MB: raise --memory");
    }
}
