//! nghttp2's load generator, and what it says.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

/// One run of `h2load`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load<'a> {
    /// `http` or `https`.
    pub(crate) scheme: &'a str,
    pub(crate) address: SocketAddr,
    /// Name of the server, without port.
    pub(crate) host: &'a str,
    /// HTTP/1.1 instead of HTTP/2.
    pub(crate) http1: bool,
    pub(crate) connections: usize,
    /// Requests at the same time on each.
    pub(crate) streams: usize,
    pub(crate) time: Duration,
    /// Cores it may use, as `taskset` writes them.
    pub(crate) cores: Option<&'a str>,
}

/// What it found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Found {
    pub(crate) requests: u64,
    pub(crate) per_second: f64,
}

impl Load<'_> {
    /// Runs it; a request that fails, or is not answered well, is an error.
    pub(crate) fn run(&self) -> Result<Found> {
        let mut command = match self.cores {
            Some(cores) => {
                let mut command = Command::new("taskset");
                command.args(["--cpu-list", cores, "h2load"]);
                command
            }
            None => Command::new("h2load"),
        };
        if self.http1 {
            command.arg("--h1");
        }
        command.args(["--threads", "1", "--duration", &self.time.as_secs().max(1).to_string()]);
        command.args(["--clients", &self.connections.to_string()]);
        command.args(["--max-concurrent-streams", &self.streams.to_string()]);
        command.arg(format!("--connect-to={}", self.address));
        let url = format!("{}://{}:{}/", self.scheme, self.host, self.address.port());
        let output = command.arg(url).output().context("cannot run h2load")?;
        let text = String::from_utf8_lossy(&output.stdout);
        if !output.status.success() {
            bail!("h2load failed: {text}{}", String::from_utf8_lossy(&output.stderr));
        }
        parse(&text)
    }
}

/// Reads what h2load prints.
fn parse(text: &str) -> Result<Found> {
    let line =
        |what: &str| text.lines().find(|line| line.starts_with(what)).with_context(|| format!("no {what} in: {text}"));
    let counts = line("requests:")?;
    let count = |what: &str| {
        let before = counts.split(", ").find_map(|part| part.trim_start_matches("requests: ").strip_suffix(what));
        before.and_then(|number| number.trim().parse::<u64>().ok()).with_context(|| format!("no{what} in: {counts}"))
    };
    let (requests, failed) = (count(" succeeded")?, count(" failed")? + count(" errored")? + count(" timeout")?);
    if failed > 0 || requests == 0 {
        bail!("requests failed: {counts}");
    }
    let rate = line("finished in")?.split(", ").find_map(|part| part.strip_suffix(" req/s")?.parse().ok());
    Ok(Found { requests, per_second: rate.with_context(|| format!("no rate in: {text}"))? })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SAID: &str = "starting benchmark...\n\nfinished in 2.00s, 12345.50 req/s, 1.11MB/s\n\
         requests: 24691 total, 24755 started, 24691 done, 24691 succeeded, 0 failed, 0 errored, 0 timeout\n\
         status codes: 24691 2xx, 0 3xx, 0 4xx, 0 5xx\n";

    #[test]
    fn what_it_says_is_read() {
        assert_eq!(parse(SAID).unwrap(), Found { requests: 24_691, per_second: 12_345.5 });
    }

    #[test]
    fn a_request_that_fails_spoils_the_run() {
        for (from, to) in [("0 failed", "1 failed"), ("0 errored", "2 errored"), ("24691 succeeded", "0 succeeded")] {
            assert!(parse(&SAID.replace(from, to)).is_err(), "{to}");
        }
    }
}
