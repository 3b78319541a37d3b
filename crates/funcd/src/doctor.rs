//! `funcd doctor`: what this host can and cannot guarantee, one line a finding, with the remedy.

use std::io::Write as _;
use std::net::{SocketAddr, TcpListener};
use std::process::ExitCode;

use anyhow::Result;
use sandbox::probe::{Finding, Verdict};

/// Options of `funcd doctor`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 when instances can run (degraded findings included), 1 when something required is missing."
)]
pub(crate) struct Arguments {
    /// Address of the REST API to check for being free.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8081")]
    api: SocketAddr,
    /// Address of the gateway to check for being free.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080")]
    gateway: SocketAddr,
}

/// Prints the findings.
pub(crate) fn run(options: &cli::Options, arguments: &Arguments) -> Result<ExitCode> {
    let data_dir = cli::data_dir::resolve(options)?;
    let mut findings = sandbox::probe::run();
    findings.push(port("port of the API", arguments.api, "--api"));
    findings.push(port("port of the gateway", arguments.gateway, "--gateway"));
    findings.extend(runtimes(&data_dir));
    print(&findings, options.json)?;
    let broken = findings.iter().any(|finding| finding.required && finding.verdict == Verdict::Missing);
    Ok(if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn port(name: &str, address: SocketAddr, flag: &str) -> Finding {
    let (verdict, found, remedy) = match TcpListener::bind(address) {
        Ok(_) => (Verdict::Ok, format!("{address} is free"), String::new()),
        Err(error) => (
            Verdict::Degraded,
            format!("{address}: {error} (a running funcd, perhaps)"),
            format!("stop what listens there, or choose another address with `funcd up {flag} ADDR`"),
        ),
    };
    Finding { name: name.to_owned(), verdict, found, remedy, required: false }
}

fn runtimes(data_dir: &std::path::Path) -> Vec<Finding> {
    let list = match runtimes::Runtimes::open(data_dir) {
        Ok(runtimes) => runtimes.list(),
        Err(error) => {
            return vec![Finding {
                name: "runtimes".to_owned(),
                verdict: Verdict::Degraded,
                found: error.to_string(),
                remedy: "run as the owner of the data folder, or name it with --data-dir".to_owned(),
                required: false,
            }];
        }
    };
    list.into_iter().map(runtime).collect()
}

/// What is to be said of a runtime.
pub(crate) fn runtime(row: runtimes::Row) -> Finding {
    let name = format!("runtime {}", row.id);
    let version = row.version.unwrap_or_default();
    let source = row.source.unwrap_or_default();
    if row.installed {
        return Finding {
            name,
            verdict: Verdict::Ok,
            found: format!("{version} from {source}"),
            remedy: String::new(),
            required: false,
        };
    }
    let (found, remedy) = match row.installable {
        Some(how) if !how.contains("--from") => (
            format!("not installed; available from {how}"),
            format!("funcd runtime install {} (a deploy that names it does it too)", row.id),
        ),
        how => (
            format!("not installed; available from {}", how.as_deref().unwrap_or("--from PATH")),
            format!("funcd runtime install {} --from FOLDER", row.id),
        ),
    };
    Finding { name, verdict: Verdict::Missing, found, remedy, required: false }
}

fn print(findings: &[Finding], json: bool) -> Result<()> {
    let mut text = String::new();
    if json {
        text = serde_json::to_string_pretty(findings)?;
        text.push('\n');
    } else {
        let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or(0);
        for finding in findings {
            text.push_str(&lines(finding, width));
        }
    }
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        // Whoever reads has seen enough.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

fn lines(Finding { name, verdict, found, remedy, .. }: &Finding, width: usize) -> String {
    let verdict = match verdict {
        Verdict::Ok => "ok",
        Verdict::Degraded => "degraded",
        Verdict::Missing => "missing",
    };
    let remedy = if remedy.is_empty() { String::new() } else { format!("{:width$}  {:8}  -> {remedy}\n", "", "") };
    format!("{name:width$}  {verdict:8}  {found}\n{remedy}")
}
