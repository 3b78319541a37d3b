//! Floods of the gateway by clients of which some other server once fell: others are served meanwhile, and the daemon's memory stays
//! bounded. What they took is printed, and written to `SPECIFICATION.md` with `UPDATE_DOCS=1`; nothing is asserted about time.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use http::Method;
use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use crate::apig_tls::Secure;
use crate::client::{Connection, run};
use crate::harness::{binary, rewrite, root};

/// Bytes that the daemon may grow by, whatever comes.
const GROWTH: u64 = 256 << 20;
const NAME: &str = "a.example.com";

pub(crate) fn trials() -> Vec<Trial> {
    vec![Trial::test("floods::resets, CONTINUATION and handshakes take bounded memory, and others are served", floods)]
}

fn floods() -> Result<(), Failed> {
    let secure = Secure::start_with("handshake_seconds = 3\n");
    secure.add(NAME, &[]);
    let (plain, tls) = (secure.funcd.gateway.port().to_string(), secure.tls.port().to_string());
    let ca = secure.path("ca.pem");
    let echo = format!("echo.localhost:{plain}");
    let mut rows = Vec::new();
    for (kind, port, argument) in
        [("resets", &plain, &echo), ("continuation", &plain, &echo), ("half", &tls, &ca), ("full", &tls, &ca)]
    {
        let mut flood = Command::new("/usr/bin/python3");
        flood.arg(root().join("e2e/tls/flood.py")).args([kind, port, argument]).env("PYTHONDONTWRITEBYTECODE", "1");
        let (found, others) = beside(&secure, flood)?;
        eprintln!("flood {kind}: {found} {others}");
        assert_eq!(found["closed"], found["connections"], "{kind}: each connection ends: {found}");
        rows.push(format!("| {} | {} |", row(kind, &found), others.cells()));
    }
    let table = format!("{}\n{}", heading(), rows.join("\n"));
    eprintln!("{table}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        rewrite("SPECIFICATION.md", "floods", |_| table);
    }
    Ok(())
}

/// How it was measured, and the table's head.
fn heading() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let executable = binary();
    let build = executable.parent().and_then(|folder| folder.file_name()).unwrap_or_default().display().to_string();
    let commit = Command::new("git").args(["rev-parse", "--short=10", "HEAD"]).current_dir(root()).output();
    let commit = commit.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    format!(
        "\nTaken at commit `{commit}` on {cores} cores, with a {build} build.\n\n\
         | flood | what it got | the other client's slowest answer | the daemon grew by |\n|---|---|---|---|"
    )
}

/// The flood, and what it got.
fn row(kind: &str, found: &Value) -> String {
    let of = |name: &str| &found[name];
    let all = of("connections");
    match kind {
        "resets" => format!(
            "rapid resets: {all} connections of HTTP/2, up to 20,000 streams each, every one reset at once | all ended, after {} \
             streams in all had been sent",
            of("streams")
        ),
        "continuation" => format!(
            "CONTINUATION: {all} connections, one head each, up to 64 MiB and never complete | all ended, after {:.1} MB in all had \
             been sent (most of it in buffers of the kernel)",
            of("bytes").as_f64().unwrap() / 1e6
        ),
        "half" => format!(
            "half a handshake: {all} connections that send half of a ClientHello and wait | all ended after `handshake_seconds` (3 \
             there); a TLS client that came meanwhile had its answer after {} ms, {} ms without them",
            of("honest_ms")[1],
            of("honest_ms")[0]
        ),
        _ => format!(
            "whole handshakes: {all} by 4 threads without a pause | {} a second, p50 {} ms, p99 {} ms",
            of("handshakes_per_second"),
            of("p50_ms"),
            of("p99_ms")
        ),
    }
}

/// What a client that wants nothing but answers, and the daemon's memory, went through during a flood.
#[derive(Debug, Default)]
struct Others {
    answers: AtomicU64,
    slowest_us: AtomicU64,
    grown: AtomicU64,
}

impl Others {
    fn cells(&self) -> String {
        let (slowest, grown) = (self.slowest_us.load(Ordering::Relaxed), self.grown.load(Ordering::Relaxed));
        format!("{} ms | {:.1} MiB", slowest / 1000, grown as f64 / f64::from(1 << 20))
    }
}

impl std::fmt::Display for Others {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = |of: &AtomicU64| of.load(Ordering::Relaxed);
        let (answers, slowest, grown) = (value(&self.answers), value(&self.slowest_us), value(&self.grown));
        let (slowest, grown) = (slowest / 1000, grown >> 10);
        write!(f, "others: {answers} answers, the slowest after {slowest} ms; the daemon grew by {grown} KiB at most")
    }
}

fn beside(secure: &Secure, mut flood: Command) -> Result<(Value, Others), Failed> {
    let (others, ended, before) = (Others::default(), AtomicBool::new(false), resident(secure));
    let child = flood.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let output = std::thread::scope(|scope| {
        let client = scope.spawn(|| run(call(secure, &others, &ended, before)));
        let output = child.wait_with_output();
        ended.store(true, Ordering::Relaxed);
        client.join().unwrap();
        output
    })?;
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let grown = others.grown.load(Ordering::Relaxed);
    assert!(grown < GROWTH, "the daemon grew by {grown} bytes");
    assert!(others.answers.load(Ordering::Relaxed) > 0, "nobody else was served");
    Ok((serde_json::from_slice(&output.stdout)?, others))
}

/// One request after the other until the flood is over, on a connection of its own each.
async fn call(secure: &Secure, others: &Others, ended: &AtomicBool, before: u64) {
    while !ended.load(Ordering::Relaxed) {
        let began = std::time::Instant::now();
        let mut connection = Connection::open(secure.funcd.gateway, "echo.localhost").await;
        let answer = connection.send(Method::GET, "/", &[], Bytes::new()).await.expect("others are served");
        assert_eq!(answer.status, 200, "{answer:?}");
        let took = u64::try_from(began.elapsed().as_micros()).unwrap();
        others.slowest_us.fetch_max(took, Ordering::Relaxed);
        others.grown.fetch_max(resident(secure).saturating_sub(before), Ordering::Relaxed);
        others.answers.fetch_add(1, Ordering::Relaxed);
    }
}

/// Bytes of memory that the daemon has.
fn resident(secure: &Secure) -> u64 {
    let path = format!("/proc/{}/status", secure.funcd.pid().as_raw_pid());
    let text = std::fs::read_to_string(path).unwrap();
    let line = text.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
}
