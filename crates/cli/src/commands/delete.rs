//! `funcd delete`.

use std::io::{self, Write as _};

use anyhow::{Result, bail};
use serde_json::json;
use wire::fgs::functions;

use super::{Context, function, info};
use crate::client::Call;
use crate::output::escape;

/// Options of `funcd delete`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd delete web
  funcd delete web --yes      without a question, for scripts
  funcd delete web --version v2   one published version, with the alias that stands for it")]
pub struct Arguments {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
    /// Delete only this published version.
    #[arg(long, value_name = "VERSION")]
    version: Option<String>,
    /// Delete without asking.
    #[arg(short, long)]
    yes: bool,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let urn = function::urn(&client, &info(&client)?.region, &arguments.function);
    let what = arguments.version.as_ref().map(|version| format!("version {version} of {}", arguments.function));
    if !arguments.yes {
        let Some(config) = function::find(&client, &urn)? else {
            return Err(function::absent(&arguments.function));
        };
        match &what {
            Some(version) => confirm(version, "its alias and triggers", context.output.interactive)?,
            None => confirm(&config.func_name, "its code, triggers and logs", context.output.interactive)?,
        }
    }
    let (urn, deleted) = match &arguments.version {
        Some(version) => {
            let urn = format!("{urn}:{version}");
            let deleted = client.perform(functions::DELETE, Call::of(&[&urn])).map_err(anyhow::Error::from);
            (urn, deleted)
        }
        None => {
            let deleted = client.perform(functions::DELETE, Call::of(&[&urn]));
            (urn, deleted.map_err(|error| function::or_absent(error, &arguments.function)))
        }
    };
    deleted?;
    let name = what.unwrap_or_else(|| arguments.function.clone());
    context.output.data(&json!({ "function_urn": urn, "deleted": true }), || format!("deleted {}", escape(&name)))
}

/// Asks the person at the terminal; without one nothing is deleted unasked.
pub(super) fn confirm(name: &str, with: &str, interactive: bool) -> Result<()> {
    let name = escape(name);
    if !interactive {
        bail!("deleting {name} needs a yes: add --yes where nobody can be asked");
    }
    write!(io::stderr().lock(), "delete {name} with {with}? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => bail!("{name} was not deleted"),
    }
}
