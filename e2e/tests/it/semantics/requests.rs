//! `e2e/semantics/requests.toml`, sent through a real gateway to a function that keeps the bytes it gets.

use std::collections::BTreeMap;

use libtest_mimic::{Failed, Trial};
use serde::Deserialize;

use super::wire::{Head, Response, Wire};
use super::world::{Front, InFuncd};
use crate::harness::root;

/// What a client that smuggles hopes to see answered.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
const LAST: &str = "GET /last HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

/// Rows that do not hold yet. One of these that holds is a failure, so that the list cannot outlive its reason.
const PENDING: &[&str] = &[];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    request: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    raw: Option<String>,
    refused: Option<u16>,
    own: Option<u16>,
    #[serde(default)]
    head: u8,
    seen: Option<Vec<String>>,
    #[serde(default)]
    bodies: Vec<String>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
    then: Option<u16>,
}

#[derive(Deserialize)]
struct Known {
    name: String,
    raw_latin1: Option<String>,
}

pub(crate) fn trial() -> Trial {
    Trial::test("semantics::every ambiguous request is refused or made harmless", all)
}

/// One after the other, because the function's record belongs to all.
fn all() -> Result<(), Failed> {
    let text = std::fs::read_to_string(root().join("e2e/semantics/requests.toml")).unwrap();
    let table: Table = toml::from_str(&text).map_err(|error| error.to_string())?;
    let known = known();
    let covered = known.keys().filter(|name| table.request.iter().any(|case| case.name == **name)).count();
    assert_eq!((known.len(), covered), (50, 50), "each of the fifty has a row");
    let world = InFuncd::start("");
    let mut failures = Vec::new();
    for case in &table.request {
        let raw = case.raw.as_ref().unwrap_or_else(|| &known[&case.name]);
        let checked = case.check(&world.front, &bytes(raw));
        let record = world.front.wire().get("/record").unwrap().text().to_ascii_lowercase();
        match checked.and_then(|()| case.check_record(raw, &record)) {
            Ok(()) if PENDING.contains(&case.name.as_str()) => {
                failures.push(format!("{}: holds now: take it off PENDING", case.name));
            }
            Err(why) if !PENDING.contains(&case.name.as_str()) => {
                failures.push(format!("{}: {why}\n  {}", case.name, record.replace('\n', "\n  ")));
            }
            _ => {}
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(format!("{} of {}:\n{}", failures.len(), table.request.len(), failures.join("\n")).into())
}

fn known() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(root().join("spec/ambiguous-requests.json")).unwrap();
    let cases: Vec<Known> = serde_json::from_str(&text).unwrap();
    let large = || format!("GET / HTTP/1.1\r\nHost: a\r\nX: {}\r\n\r\n", "x".repeat(300 * 1024));
    cases.into_iter().map(|case| (case.name, case.raw_latin1.unwrap_or_else(large))).collect()
}

/// One byte a character; `{x*N}` is N times x.
pub(crate) fn bytes(raw: &str) -> Vec<u8> {
    let mut text = String::new();
    let mut rest = raw;
    while let Some((before, after)) = rest.split_once('{') {
        let (repeated, behind) = after.split_once('}').unwrap();
        let (what, times) = repeated.rsplit_once('*').unwrap();
        text.push_str(before);
        text.push_str(&what.repeat(times.parse().unwrap()));
        rest = behind;
    }
    text.push_str(rest);
    text.chars().map(|char| u8::try_from(u32::from(char)).unwrap()).collect()
}

impl Case {
    fn check(&self, front: &Front, raw: &[u8]) -> Result<(), String> {
        let mut wire = front.wire();
        match (self.refused, self.own, &self.seen) {
            (Some(status), None, None) => {
                // The gateway may close before all is sent.
                let _ = wire.send([raw, SMUGGLED.as_bytes()].concat());
                refused(&mut wire, status)
            }
            (None, Some(status), None) => {
                wire.send(raw)?;
                self.own(&mut wire, status)
            }
            (None, None, Some(seen)) => {
                wire.send(raw)?;
                self.harmless(&mut wire, seen)
            }
            _ => Err("the row must say one of refused, own and seen".to_owned()),
        }
    }

    fn own(&self, wire: &mut Wire, status: u16) -> Result<(), String> {
        let head: Head = if self.head == 1 { wire.head()? } else { wire.response()?.head };
        equal("status", &head.status, &status)?;
        if head.closes() {
            return closed(wire);
        }
        last(wire)
    }

    fn harmless(&self, wire: &mut Wire, seen: &[String]) -> Result<(), String> {
        let mut closes = false;
        for (at, line) in seen.iter().enumerate() {
            let response = wire.response().map_err(|error| format!("answer {at}: {error}"))?;
            equal("status", &response.head.status, &200)?;
            closes = response.head.closes() || response.head.text.starts_with("HTTP/1.0") && !keeps(&response.head);
            self.saw(&response, line, self.bodies.get(at))?;
        }
        match self.then {
            Some(status) => refused(wire, status),
            None if closes => closed(wire),
            None => last(wire),
        }
    }

    /// Whether the function saw the request as it should have.
    fn saw(&self, response: &Response, line: &str, body: Option<&String>) -> Result<(), String> {
        let text = response.text();
        let (head, came) = text.split_once("\r\n\r\n").ok_or("the function did not answer what it saw")?;
        equal("request line", &head.lines().next().unwrap_or_default(), &line)?;
        if let Some(body) = body {
            equal("body", &came, &body.as_str())?;
        }
        let head = format!("{}\r\n", head.to_ascii_lowercase());
        equal("request ids", &head.matches("\r\nx-cff-request-id: ").count(), &1)?;
        equal("hosts", &head.matches("\r\nhost: ").count(), &1)?;
        let framing = head.matches("\r\ncontent-length: ").count() + head.matches("\r\ntransfer-encoding: ").count();
        if framing > 1 {
            return Err(format!("the function got two framings: {head}"));
        }
        if let Some(missing) = self.has.iter().find(|part| !head.contains(part.as_str())) {
            return Err(format!("the function should see {missing:?}: {head}"));
        }
        match self.lacks.iter().find(|part| text.to_ascii_lowercase().contains(part.as_str())) {
            Some(leak) => Err(format!("the function should not see {leak:?}: {text}")),
            None => Ok(()),
        }
    }

    /// What reached the function's sockets, whatever was answered.
    fn check_record(&self, raw: &str, record: &str) -> Result<(), String> {
        let heads = record.matches("x-cff-request-id: ").count();
        let Some(seen) = &self.seen else {
            let may_begin = raw.to_ascii_lowercase().contains("transfer-encoding: chunked\r\n\r\n");
            let own = usize::from(self.own.is_some() && record.contains("get /last "));
            let whole = record.lines().any(|line| line.ends_with("\\r\\n0\\r\\n\\r\\n"));
            if record.contains("smuggled") || whole || heads > own + usize::from(may_begin && self.refused.is_some()) {
                return Err("something reached the function that must not".to_owned());
            }
            return Ok(());
        };
        let more = usize::from(record.contains("get /last "));
        equal("requests at the function", &heads, &(seen.len() + more))
    }
}

/// The next answer is this refusal, and nothing comes behind it.
fn refused(wire: &mut Wire, status: u16) -> Result<(), String> {
    if status == 0 {
        let rest = wire.rest()?;
        let answers = rest.windows(17).filter(|have| have == b"\r\ncontent-length:").count();
        let good = rest.windows(12).any(|have| have == b"HTTP/1.1 200");
        return if answers <= 1 && !good { Ok(()) } else { Err(format!("answered {}", rest.escape_ascii())) };
    }
    let response = wire.response()?;
    equal("status", &response.head.status, &status)?;
    if !response.head.closes() {
        return Err(format!("it does not say that the connection is closed: {}", response.head.text));
    }
    closed(wire)
}

fn closed(wire: &mut Wire) -> Result<(), String> {
    let rest = wire.rest()?;
    if rest.is_empty() { Ok(()) } else { Err(format!("more was answered: {}", rest.escape_ascii())) }
}

/// The connection serves one more request as it should, and nothing else.
fn last(wire: &mut Wire) -> Result<(), String> {
    wire.send(LAST)?;
    let response = wire.response().map_err(|error| format!("the last answer: {error}"))?;
    if !response.text().starts_with("GET /last ") {
        return Err(format!("another answer before the last: {}", response.text()));
    }
    closed(wire)
}

fn keeps(head: &Head) -> bool {
    head.all("connection").iter().any(|value| value.eq_ignore_ascii_case("keep-alive"))
}

pub(crate) fn equal<T: PartialEq + std::fmt::Debug>(what: &str, have: &T, want: &T) -> Result<(), String> {
    if have == want { Ok(()) } else { Err(format!("{what} {have:?} instead of {want:?}")) }
}
