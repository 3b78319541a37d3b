//! `funcd headers`.

use anyhow::Result;
use serde_json::json;
use wire::funcd::headers::{self, Capture, Header, ListCapturesResponse, RequestHeaders, StartCaptureRequest};

use super::{Context, function, info};
use crate::client::{Call, Client};
use crate::output::{Table, escape};

/// Options of `funcd headers`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Keep headers of a function's requests through the gateway for a while, in memory only.
    #[command(
        after_help = "Of a value only its length is kept, unless its name is harmless (Content-Type, User-Agent and the
like) or given with --show. What proves who somebody is, such as Authorization and cookies, cannot
be shown. The newest 100 requests are there, until an hour after the end. One that runs is
prolonged; with other names it begins anew.

Examples:
  funcd headers start web                       for ten minutes
  funcd headers start web --for 1h --show X-Tenant --show X-Trace
  funcd headers show web ID                     those of one request (X-CFF-Request-Id)"
    )]
    Start {
        /// Name of the function, `package:name`, or its URN.
        #[arg(value_name = "NAME")]
        function: String,
        /// For how long: 1s to 1h.
        #[arg(long = "for", value_name = "TIME", default_value = "10m", value_parser = length)]
        length: i64,
        /// A header whose values are shown, too; repeatable.
        #[arg(long = "show", value_name = "HEADER")]
        names: Vec<String>,
    },
    /// Keep no more, and forget what was kept.
    #[command(after_help = "Examples:\n  funcd headers stop web")]
    Stop {
        /// Name of the function, `package:name`, or its URN.
        #[arg(value_name = "NAME")]
        function: String,
    },
    /// Print the headers of a request and its answer, or whether they are kept.
    #[command(after_help = "Examples:
  funcd headers show web                       whether they are kept, and until when
  funcd headers show web ID                    those of one request (X-CFF-Request-Id)
  funcd headers show web ID --json | jq -r '.answer.headers[] | select(.name == \"etag\").value'")]
    Show {
        /// Name of the function, `package:name`, or its URN.
        #[arg(value_name = "NAME")]
        function: String,
        /// The request.
        #[arg(value_name = "ID")]
        request: Option<String>,
    },
    /// List the functions whose headers are kept now.
    #[command(after_help = "Examples:\n  funcd headers list\n  funcd headers list --json | jq -r '.[].function'")]
    List,
}

/// `30s`, `10m`, `1h` in seconds.
fn length(text: &str) -> Result<i64, String> {
    let unit = |unit| text.strip_suffix(unit).and_then(|count| count.parse::<u32>().ok()).map(i64::from);
    let seconds =
        unit('s').or_else(|| unit('m').map(|count| count * 60)).or_else(|| unit('h').map(|count| count * 3600));
    seconds
        .filter(|seconds| (1..=3600).contains(seconds))
        .ok_or_else(|| "it must be a number with s, m or h, 1s to 1h".to_owned())
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let region = info(&client)?.region;
    let urn = |typed: &str| function::urn(&client, &region, typed);
    match &arguments.command {
        Command::Start { function, length, names } => {
            let request = StartCaptureRequest { seconds: Some(*length), names: Some(names.clone()) };
            let started: Capture = client
                .call(headers::START, Call::of(&[&urn(function)]).body(&request)?)
                .map_err(|error| function::or_absent(error, function))?;
            context.output.data(&started, || state(&started))
        }
        Command::Stop { function } => {
            let urn = urn(function);
            client.perform(headers::STOP, Call::of(&[&urn])).map_err(|error| function::or_absent(error, function))?;
            let stopped = json!({ "function": urn, "running": false });
            context.output.data(&stopped, || format!("no headers of {} are kept, and none are there", escape(function)))
        }
        Command::Show { function, request: None } => {
            let found: Capture = client
                .call(headers::SHOW, Call::of(&[&urn(function)]))
                .map_err(|error| function::or_absent(error, function))?;
            context.output.data(&found, || state(&found))
        }
        Command::Show { function, request: Some(request) } => {
            let found: RequestHeaders = client
                .call(headers::OF_REQUEST, Call::of(&[&urn(function), request]))
                .map_err(|error| function::or_absent(error, function))?;
            if found.request.is_none() {
                let start = format!("`funcd headers start {}` keeps those that come", escape(function));
                context.output.note(&format!("no headers of this request are there: {start}"));
            }
            if found.request.is_some() || context.output.json {
                context.output.data(&found, || text(&found))?;
            }
            Ok(())
        }
        Command::List => list(context, &client),
    }
}

fn list(context: &Context<'_>, client: &Client) -> Result<()> {
    let running = client.call::<ListCapturesResponse>(headers::LIST, Call::of(&[]))?.captures;
    if running.is_empty() && !context.output.json {
        context.output.note("no function's headers are kept: `funcd headers start NAME` keeps them for a while");
        return Ok(());
    }
    context.output.data(&running, || {
        let mut table = Table::new(&["FUNCTION", "UNTIL (UTC)", "REQUESTS", "SHOWN, TOO"]);
        for one in &running {
            let (requests, names) = (one.requests.to_string(), one.names.join(", "));
            table.row([name(&one.function), one.ends.as_deref().unwrap_or_default(), &requests, &names]);
        }
        table.text()
    })
}

/// `web` of its URN.
fn name(urn: &str) -> &str {
    urn.rsplit(':').next().unwrap_or(urn)
}

fn state(capture: &Capture) -> String {
    let function = escape(name(&capture.function));
    let (ends, there) = (escape(capture.ends.as_deref().unwrap_or_default()), capture.requests);
    if capture.running {
        let shown = match capture.names.as_slice() {
            [] => String::new(),
            names => format!(", with the values of {}", escape(&names.join(", "))),
        };
        return format!("headers of {function} are kept until {ends}{shown}\n{}", requests(there));
    }
    match &capture.ends {
        None => format!("headers of {function} are not kept"),
        Some(_) => format!("headers of {function} were kept until {ends}\n{}", requests(there)),
    }
}

fn requests(there: u64) -> String {
    match there {
        1 => "those of 1 request are there".to_owned(),
        _ => format!("those of {there} requests are there"),
    }
}

/// Both heads, one below the other.
fn text(found: &RequestHeaders) -> String {
    let Some(request) = &found.request else { return String::new() };
    let query = request.query_bytes.map(|bytes| format!("?({bytes} bytes hidden)")).unwrap_or_default();
    let mut text = format!("{} {}{query}\n", escape(&request.method), escape(&request.path));
    text.push_str(&fields(&request.headers, request.left_out));
    match &found.answer {
        None => text.push_str("\nno answer was sent"),
        Some(answer) => {
            text.push_str(&format!("\n{}\n{}", answer.status, fields(&answer.headers, answer.left_out)));
        }
    }
    text
}

fn fields(all: &[Header], left_out: u64) -> String {
    let mut text: String = all.iter().map(|one| format!("{}: {}\n", escape(&one.name), value(one))).collect();
    if left_out > 0 {
        text.push_str(&format!("({left_out} more fields had no room)\n"));
    }
    text
}

fn value(header: &Header) -> String {
    match &header.value {
        None => format!("({} bytes hidden)", header.bytes),
        Some(beginning) if header.cut => format!("{}... ({} bytes)", escape(beginning), header.bytes),
        Some(whole) => escape(whole),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_a_number_with_its_unit_within_an_hour() {
        for (text, expect) in [("1s", Some(1)), ("90s", Some(90)), ("10m", Some(600)), ("1h", Some(3600))] {
            assert_eq!(length(text).ok(), expect, "{text}");
        }
        for text in ["", "0s", "10", "m", "61m", "2h", "-1m", "1d", "3601s", "1.5m"] {
            assert!(length(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_state_is_said_in_words() {
        let capture = |running, names: &[&str], requests| Capture {
            function: "urn:fss:r:p:function:default:web".into(),
            running,
            ends: Some("T".into()),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            requests,
            ..Capture::default()
        };
        for (capture, expect) in [
            (capture(true, &[], 1), "headers of web are kept until T\nthose of 1 request are there"),
            (
                capture(true, &["a", "b"], 2),
                "headers of web are kept until T, with the values of a, b\nthose of 2 requests are there",
            ),
            (capture(false, &[], 0), "headers of web were kept until T\nthose of 0 requests are there"),
            (Capture { ends: None, ..capture(false, &[], 0) }, "headers of web are not kept"),
        ] {
            assert_eq!(state(&capture), expect);
        }
    }
}
