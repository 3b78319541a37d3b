//! `funcd logs`.

use std::io::{BufRead, Read as _};

use anyhow::{Context as _, Result, bail};
use jiff::{SignedDuration, Timestamp};
use wire::funcd::logs::{self, Line};

use super::{Context, function, info};
use crate::client::{Call, Client};
use crate::output::{Output, escape};

/// Bytes of one line of the answer; a longer one is not from funcd.
const LONGEST: u64 = 4 * 1024 * 1024;

/// Seconds that one can look back: a hundred years.
const LONGEST_AGO: i64 = 36_500 * 86_400;

/// Options of `funcd logs`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd logs web                   the last 100 lines
  funcd logs web -f                and all that come, until Ctrl-C
  funcd logs web --since 5m        those of the last five minutes
  funcd logs web --request ID      those of one request (X-CFF-Request-Id)
  funcd logs web --json            one JSON object a line")]
pub struct Arguments {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
    /// Go on with new lines as they come.
    #[arg(short, long)]
    follow: bool,
    /// How many of the newest lines.
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    limit: u32,
    /// Only lines since this time (RFC 3339, such as 2026-01-02T03:04:05Z), or of the last 30s, 5m, 2h, 1d.
    #[arg(long, value_name = "TIME|AGO", value_parser = since)]
    since: Option<Since>,
    /// Only lines of this instance.
    #[arg(long, value_name = "ID")]
    instance: Option<String>,
    /// Only lines of this request.
    #[arg(long, value_name = "ID")]
    request: Option<String>,
}

/// A beginning: at a time, or this long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    At(Timestamp),
    Ago(SignedDuration),
}

fn since(text: &str) -> Result<Since, String> {
    if let Ok(time) = text.parse() {
        return Ok(Since::At(time));
    }
    let ago = text.char_indices().next_back().and_then(|(at, unit)| {
        let seconds = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            _ => return None,
        };
        let count: u32 = text.get(..at)?.parse().ok()?;
        Some(i64::from(count) * seconds).filter(|ago| *ago <= LONGEST_AGO)
    });
    ago.map(|seconds| Since::Ago(SignedDuration::from_secs(seconds))).ok_or_else(|| {
        "it must be a time such as 2026-01-02T03:04:05Z, or how long ago: a number with s, m, h or d, at most 36500d".to_owned()
    })
}

impl Since {
    /// The time that it is at `now`, the service's clock.
    fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(time) => time,
            Self::Ago(ago) => now.checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let urn = function::urn(&client, &info(&client)?.region, &arguments.function);
    let query = query(arguments, client.server_time().unwrap_or_else(Timestamp::now));
    let answer = client
        .lines(logs::LIST, Call { query: &query, ..Call::of(&[&urn]) })
        .map_err(|error| function::or_absent(error, &arguments.function))?;
    print(answer, &context.output)?;
    if arguments.follow {
        bail!("the service ended the log: it stopped, or the function was deleted");
    }
    Ok(())
}

fn query(arguments: &Arguments, now: Timestamp) -> Vec<(&'static str, String)> {
    let mut query = vec![("limit", arguments.limit.to_string())];
    query.extend(arguments.since.map(|since| ("since", since.at(now).to_string())));
    query.extend(arguments.instance.clone().map(|id| ("instance", id)));
    query.extend(arguments.request.clone().map(|id| ("request_id", id)));
    if arguments.follow {
        query.push(("follow", "true".to_owned()));
    }
    query
}

/// Prints lines as they come.
fn print(answer: impl BufRead, output: &Output) -> Result<()> {
    each(answer, |line| {
        if output.json { output.line(&serde_json::to_string(&line)?) } else { output.line(&text(&line, output.colour)) }
    })
}

/// The newest lines of a function since a time, for whoever explains a failure.
pub(super) fn tail(client: &Client, urn: &str, since: Option<Timestamp>, limit: u32) -> Result<Vec<Line>> {
    let mut query = vec![("limit", limit.to_string())];
    query.extend(since.map(|since| ("since", since.to_string())));
    let mut lines = Vec::new();
    let answer = client.lines(logs::LIST, Call { query: &query, ..Call::of(&[urn]) })?;
    each(answer, |line| {
        lines.push(line);
        Ok(())
    })?;
    Ok(lines)
}

/// Reads the answer: one line of JSON each, empty ones only show that the connection lives.
fn each(mut answer: impl BufRead, mut take: impl FnMut(Line) -> Result<()>) -> Result<()> {
    let mut text = Vec::new();
    loop {
        text.clear();
        let read = answer.by_ref().take(LONGEST).read_until(b'\n', &mut text).context("the log broke off")?;
        if read == 0 {
            return Ok(());
        }
        if !text.trim_ascii().is_empty() {
            take(serde_json::from_slice(&text).context("what the service sent is no log line")?)?;
        }
    }
}

/// What tells streams apart without colours.
const MARKS: [&str; 3] = ["funcd:", "stderr:", "stdout:"];

/// A line for people: time, instance (shortened), text; standard error and funcd's own words are told apart by colour,
/// or by a word where there are no colours.
pub(super) fn text(line: &Line, colour: bool) -> String {
    let (mark, start, end) = match (line.stream.as_str(), colour) {
        ("stderr", true) => ("", "\x1b[33m", "\x1b[0m"),
        ("system", true) => ("", "\x1b[36m", "\x1b[0m"),
        ("stderr", false) => ("stderr: ", "", ""),
        ("system", false) => ("funcd: ", "", ""),
        // What a function prints must not look like what somebody else said.
        ("stdout", false) if MARKS.iter().any(|mark| line.text.starts_with(mark)) => ("stdout: ", "", ""),
        _ => ("", "", ""),
    };
    let instance: String = line.instance.chars().take(8).collect();
    format!("{} {} {start}{mark}{}{end}", escape(&line.at), escape(&instance), escape(&line.text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(stream: &str, text: &str) -> Line {
        Line {
            at: "2026-01-02T03:04:05.678Z".into(),
            version: "latest".into(),
            instance: "0123456789abcdef".into(),
            stream: stream.into(),
            request_id: None,
            tags: std::collections::BTreeMap::new(),
            text: text.into(),
            ..Line::default()
        }
    }

    #[track_caller]
    fn check(line: &Line, colour: bool, expect: &str) {
        assert_eq!(text(line, colour), format!("2026-01-02T03:04:05.678Z 01234567 {expect}"));
    }

    #[track_caller]
    fn begins(text: &str, expect: Option<&str>) {
        let now: Timestamp = "2026-01-02T03:04:05Z".parse().unwrap();
        assert_eq!(since(text).ok().map(|since| since.at(now).to_string()).as_deref(), expect, "{text}");
    }

    #[test]
    fn a_beginning_is_a_time_or_how_long_ago() {
        begins("2026-01-01T00:00:00+01:00", Some("2025-12-31T23:00:00Z"));
        begins("5s", Some("2026-01-02T03:04:00Z"));
        begins("4m", Some("2026-01-02T03:00:05Z"));
        begins("2h", Some("2026-01-02T01:04:05Z"));
        begins("1d", Some("2026-01-01T03:04:05Z"));
        for bad in ["", "5", "m", "-5m", "5w", "1.5h", "99999999999d", "36501d", "4294967295d", "五m", "5分"] {
            begins(bad, None);
        }
    }

    #[test]
    fn streams_are_told_apart_with_and_without_colours() {
        check(&line("stdout", "hello"), true, "hello");
        check(&line("stderr", "oh"), false, "stderr: oh");
        check(&line("stderr", "oh"), true, "\x1b[33moh\x1b[0m");
        check(&line("system", "started"), false, "funcd: started");
    }

    #[test]
    fn a_function_cannot_speak_as_funcd() {
        check(&line("stdout", "funcd: instance ready"), false, "stdout: funcd: instance ready");
        check(&line("stdout", "stderr: oh"), false, "stdout: stderr: oh");
        check(&line("stderr", "funcd: ended"), false, "stderr: funcd: ended");
    }

    #[test]
    fn a_function_cannot_drive_the_terminal() {
        check(&line("stdout", "\x1b]0;title\x07"), true, "\\u{1b}]0;title\\u{7}");
    }

    #[test]
    fn signs_of_life_are_skipped_and_nonsense_is_named() {
        let mut texts = Vec::new();
        let answer = b"{\"text\":\"a\"}\n\n\r\n{\"text\":\"b\"}\n";
        each(&answer[..], |line| {
            texts.push(line.text);
            Ok(())
        })
        .unwrap();
        assert_eq!(texts, ["a", "b"]);
        assert!(each(&b"<html>\n"[..], |_| Ok(())).unwrap_err().to_string().contains("no log line"));
    }
}
