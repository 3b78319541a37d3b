//! `funcd upgrade`: another program, or the same one anew, takes the place of the running service.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::up::control::{self, Answer, Request};

/// An upgrade waits for changes under way (30 s), twice for the new program (60 s each), and for nothing else.
const PATIENCE: Duration = Duration::from_secs(240);

/// Options of `funcd upgrade`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The new program starts with the command line of the running one and reads its configuration anew, checks both
and the host, and takes over ports and clients: no request fails, none is refused. Requests in flight are
finished by the old program; its instances end with it. If the new program cannot start, the old one goes on
serving and the reason is told here. Other addresses need a stop and a start.

Examples:
  install -m 755 funcd-new /usr/local/bin/funcd && funcd upgrade
  funcd upgrade --binary ./target/release/funcd
  funcd upgrade                    the same program, with what changed in funcd.toml"
)]
pub(crate) struct Arguments {
    /// The new program [default: the one this command is run from].
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
}

/// Asks the running service to let the new program take over, and tells how it went.
pub(crate) fn run(options: &cli::Options, arguments: &Arguments) -> Result<ExitCode> {
    let binary = match &arguments.binary {
        Some(path) => path.canonicalize().with_context(|| format!("there is no program {}", path.display()))?,
        None => std::env::current_exe().context("cannot tell which program this is: name it with --binary")?,
    };
    match control::ask(options, &Request::Upgrade { binary: binary.clone() }, PATIENCE)? {
        Answer::Upgraded { pid } => {
            let text = match options.json {
                true => serde_json::json!({ "pid": pid, "binary": binary }).to_string(),
                false => format!("{} serves now, as process {pid}", binary.display()),
            };
            // Nobody has to read it.
            writeln!(std::io::stdout().lock(), "{text}").unwrap_or_default();
            Ok(ExitCode::SUCCESS)
        }
        Answer::Refused { why } => bail!("{} did not take over, funcd serves as before: {why}", binary.display()),
        Answer::Console { .. } => bail!("the running funcd speaks another language"),
    }
}
