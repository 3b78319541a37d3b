//! The closed-loop load generator, and what it says.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// One run of `wrk`.
#[derive(Clone, Debug)]
pub(crate) struct Load<'a> {
    pub(crate) address: SocketAddr,
    pub(crate) host: &'a str,
    pub(crate) path: &'a str,
    pub(crate) connections: usize,
    pub(crate) time: Duration,
    /// Cores it may use, as `taskset` writes them.
    pub(crate) cores: Option<&'a str>,
    /// Headers beside `Host`, by name and value.
    pub(crate) headers: &'a [(String, String)],
    pub(crate) answers: Answers,
}

/// What the answers of a run must be for its figures to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answers {
    /// All of success.
    Good,
    /// All refused.
    Refused,
    /// Either, as long as there is an answer to each.
    Any,
}

/// What it found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) requests: u64,
    pub(crate) per_second: f64,
    /// Milliseconds.
    pub(crate) p50: f64,
    /// Milliseconds.
    pub(crate) p99: f64,
}

impl Load<'_> {
    /// Runs it; an answer that is not as it must be is an error.
    pub(crate) fn run(&self) -> Result<Found> {
        let mut command = match self.cores {
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", cores, "wrk"]);
                command
            }
            None => Command::new("wrk"),
        };
        // wrk counts whole seconds, or parts of minutes and hours only: a length is rounded up.
        let seconds = self.time.as_secs_f64().ceil().max(1.0);
        command.args(["--threads", "1", "--latency", "--duration", &format!("{seconds}s")]);
        command.args(["--connections", &self.connections.to_string(), "--header", &format!("Host: {}", self.host)]);
        for (name, value) in self.headers {
            command.args(["--header", &format!("{name}: {value}")]);
        }
        let output = command.arg(format!("http://{}{}", self.address, self.path)).output().context("cannot run wrk")?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("wrk failed: {text}{}", String::from_utf8_lossy(&output.stderr));
        }
        parse(&text, self.answers)
    }
}

/// Reads what wrk prints; requests that failed, or did not, are an error, because then the figures are not what they look like.
pub(crate) fn parse(text: &str, answers: Answers) -> Result<Found> {
    let line = |what: &str| text.lines().map(str::trim).find(|line| line.starts_with(what));
    let refusals = line("Non-2xx").filter(|_| answers == Answers::Good);
    if let Some(errors) = line("Socket errors:").or(refusals) {
        bail!("requests failed: {errors}");
    }
    let value = |what: &str| {
        line(what).and_then(|line| line.split_whitespace().last()).context(format!("no {what} in: {text}"))
    };
    let requests = text
        .lines()
        .find(|line| line.contains(" requests in "))
        .and_then(|line| line.split_whitespace().next()?.parse().ok());
    let requests: u64 = requests.with_context(|| format!("wrk counted nothing: {text}"))?;
    let refused = line("Non-2xx").and_then(|line| line.split_whitespace().last()?.parse().ok()).unwrap_or(0);
    if answers == Answers::Refused && refused != requests {
        bail!("only {refused} of {requests} requests were refused");
    }
    Ok(Found {
        requests,
        per_second: value("Requests/sec:")?.parse()?,
        p50: milliseconds(value("50%")?)?,
        p99: milliseconds(value("99%")?)?,
    })
}

fn milliseconds(text: &str) -> Result<f64> {
    let units = [("us", 1e-3), ("ms", 1.0), ("m", 60e3), ("s", 1e3)];
    let (number, factor) = units
        .iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))
        .with_context(|| format!("'{text}' is no time"))?;
    Ok(number.parse::<f64>()? * factor)
}

#[cfg(test)]
mod tests;
