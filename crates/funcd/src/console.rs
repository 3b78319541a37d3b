//! The web console: the files that were built into this binary, and `funcd console`, which prints a link that signs its reader in.

use std::io::Write as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::up::control::{self, Answer, Request};

mod files {
    include!(concat!(env!("OUT_DIR"), "/console.rs"));
}

/// How long the running service may take to make a link.
const PATIENCE: Duration = Duration::from_secs(10);

/// Options of `funcd console`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "The link signs in the first user, once, within 15 minutes; whoever has it until then has their rights. Others sign in
with their name and password at the same address. Only the owner of the data folder, and root, can have a link made.

Examples:
  funcd console                    http://127.0.0.1:8081/console/#link=...
  xdg-open \"$(funcd console)\"      the same, in the browser"
)]
pub(crate) struct Arguments {}

/// The console of this binary, with these links.
pub(crate) fn built_in(links: api::Links) -> api::Console {
    api::Console { page: files::PAGE, files: files::FILES, links }
}

/// Whether this binary has it.
pub(crate) fn is_there() -> bool {
    files::PAGE.is_some()
}

/// A link that signs in, at this address of the API.
pub(crate) fn address(api: &str, links: &api::Links) -> String {
    format!("{api}/console/#link={}", links.make(model::time::now()))
}

/// Asks the running service for a link and prints it.
pub(crate) fn run(options: &cli::Options) -> Result<ExitCode> {
    let url = match control::ask(options, &Request::Console, PATIENCE)? {
        Answer::Console { url } => url,
        Answer::Refused { why } => bail!("no link was made: {why}"),
        Answer::Upgraded { .. } => bail!("the running funcd speaks another language"),
    };
    let text = if options.json { serde_json::json!({ "url": url }).to_string() } else { url };
    // Nobody has to read it.
    writeln!(std::io::stdout().lock(), "{text}").unwrap_or_default();
    Ok(ExitCode::SUCCESS)
}
