//! `e2e/semantics/responses.toml`: what functions send in doubtful ways, seen by the client and by the clients after it.

use libtest_mimic::{Failed, Trial};
use serde::Deserialize;

use super::requests::{bytes, equal};
use super::wire::{CLOSED, Head, Wire};
use super::world::{Front, InFuncd, Play};
use crate::harness::root;

/// Rows that do not hold yet. One of these that holds is a failure, so that the list cannot outlive its reason.
const PENDING: &[&str] = &[];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    response: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    raw: String,
    #[serde(default = "get")]
    method: String,
    end: Option<String>,
    refused: Option<u16>,
    #[serde(default)]
    cut: bool,
    status: Option<u16>,
    body: Option<String>,
    #[serde(default)]
    has: Vec<String>,
    #[serde(default)]
    lacks: Vec<String>,
}

fn get() -> String {
    "GET".to_owned()
}

pub(crate) fn trial() -> Trial {
    Trial::test("semantics::every doubtful response is refused, cut or made harmless", all)
}

fn all() -> Result<(), Failed> {
    let text = std::fs::read_to_string(root().join("e2e/semantics/responses.toml")).unwrap();
    let table: Table = toml::from_str(&text).map_err(|error| error.to_string())?;
    let world = InFuncd::start("");
    let mut failures = Vec::new();
    for case in &table.response {
        match (case.check(&world.front), PENDING.contains(&case.name.as_str())) {
            (Ok(()), true) => failures.push(format!("{}: holds now: take it off PENDING", case.name)),
            (Err(why), false) => failures.push(format!("{}: {why}", case.name)),
            _ => {}
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    Err(format!("{} of {}:\n{}", failures.len(), table.response.len(), failures.join("\n")).into())
}

impl Case {
    fn check(&self, front: &Front) -> Result<(), String> {
        let mut wire = front.wire();
        let path = self.play().path();
        wire.send(format!("{} {path} HTTP/1.1\r\nHost: a\r\nTE: trailers\r\nConnection: TE\r\n\r\n", self.method))?;
        let answered = self.answer(&mut wire);
        // The clients after it, whatever became of this one.
        for _ in 0..3 {
            let next = front.wire().get("/next").map_err(|error| format!("the next client: {error}"))?;
            if next.head.status != 200 || !next.text().starts_with("GET /next ") {
                return Err(format!("the next client gets {} {}", next.head.text, next.text()));
            }
        }
        let record = front.wire().get("/record")?.text().to_ascii_lowercase();
        answered.and_then(|()| self.check_record(&record))
    }

    /// In one piece, so that what is behind an answer is there when the answer is.
    fn play(&self) -> Play {
        let mut play = Play::new();
        let mut rest = self.raw.as_str();
        while let Some((before, after)) = rest.split_once('{') {
            let (repeated, behind) = after.split_once('}').unwrap();
            let (what, times) = repeated.rsplit_once('*').unwrap();
            play = play.send(bytes(before)).repeat(times.parse().unwrap(), bytes(what));
            rest = behind;
        }
        play = play.send(bytes(rest));
        if self.end.is_some() { play.close() } else { play }
    }

    fn answer(&self, wire: &mut Wire) -> Result<(), String> {
        let mut informed = String::new();
        let head = match final_head(wire, &mut informed) {
            // The doubt came with the head, before any of it was sent.
            Err(error) if self.cut && error == CLOSED => return Ok(()),
            head => head?,
        };
        let text = format!("{informed}{}", head.text).to_ascii_lowercase();
        if text.contains("forged") {
            return Err(format!("forged: {text}"));
        }
        if let Some(status) = self.refused {
            equal("status", &head.status, &status)?;
            let body = String::from_utf8_lossy(&wire.body(&head)?.0).into_owned();
            let ours = !head.all("x-funcd-error").is_empty() && body.contains("error_msg") && !body.contains("forged");
            return if ours { Ok(()) } else { Err(format!("not an answer of the gateway's: {} {body}", head.text)) };
        }
        if self.cut {
            // Where nothing was passed on yet, the gateway may still answer itself.
            return match (head.status, wire.body(&head)) {
                (502, Ok(_)) if !head.all("x-funcd-error").is_empty() => Ok(()),
                (_, Ok((body, _))) => Err(format!("looks complete: {} {}", head.text, body.escape_ascii())),
                (_, Err(error)) if error == CLOSED => Ok(()),
                (_, Err(error)) => Err(error),
            };
        }
        self.exactly(wire, &head, &text)
    }

    fn exactly(&self, wire: &mut Wire, head: &Head, text: &str) -> Result<(), String> {
        equal("status", &head.status, &self.status.unwrap_or_default())?;
        equal("request ids", &head.all("x-cff-request-id").len(), &1)?;
        if let Some(missing) = self.has.iter().find(|part| !text.contains(part.as_str())) {
            return Err(format!("the client should see {missing:?}: {text}"));
        }
        if let Some(leak) = self.lacks.iter().find(|part| text.contains(part.as_str())) {
            return Err(format!("the client should not see {leak:?}: {text}"));
        }
        if self.method != "HEAD" {
            let (body, trailers) = wire.body(head)?;
            equal("body", &body, &bytes(self.body.as_deref().unwrap_or_default()))?;
            if trailers.to_ascii_lowercase().contains("forged") || trailers.to_ascii_lowercase().contains("length") {
                return Err(format!("forbidden trailers: {trailers}"));
            }
        }
        if head.closes() {
            let rest = wire.rest()?;
            return equal("bytes behind the answer", &rest.len(), &0);
        }
        // Whatever came behind the answer would come before this one's.
        let next = wire.get("/same").map_err(|error| format!("the same client again: {error}"))?;
        if next.text().starts_with("GET /same ") { Ok(()) } else { Err(format!("then gets {}", next.text())) }
    }

    /// A connection that was in doubt carries no other request.
    fn check_record(&self, record: &str) -> Result<(), String> {
        let doubtful = self.refused.is_some() || self.cut || self.raw.contains("forged");
        let line = record.lines().find(|line| line.contains(" /play/")).ok_or("the function was not asked")?;
        let since = line.split_once(" /play/").map_or("", |(_, since)| since);
        let requests = since.matches("x-cff-request-id: ").count();
        let named = self.name == "identity" || self.name.contains("fields") || self.name.contains("trailers");
        if doubtful && !named && !self.name.starts_with("103") && requests > 1 {
            return Err("the connection to the function is used again".to_owned());
        }
        Ok(())
    }
}

/// The head of the answer; those of informational responses go to `informed`.
fn final_head(wire: &mut Wire, informed: &mut String) -> Result<Head, String> {
    loop {
        let head = wire.head()?;
        if !(100..200).contains(&head.status) || head.status == 101 {
            return Ok(head);
        }
        informed.push_str(&head.text);
    }
}
