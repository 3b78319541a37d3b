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
  funcd delete web --yes      without a question, for scripts")]
pub struct Arguments {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
    /// Delete without asking.
    #[arg(short, long)]
    yes: bool,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let urn = function::urn(&client, &info(&client)?.region, &arguments.function);
    if !arguments.yes {
        let Some(config) = function::find(&client, &urn)? else {
            return Err(function::absent(&arguments.function));
        };
        confirm(&config.func_name, context.output.interactive)?;
    }
    client
        .perform(functions::DELETE, Call::of(&[&urn]))
        .map_err(|error| function::or_absent(error, &arguments.function))?;
    context
        .output
        .data(&json!({ "function_urn": urn, "deleted": true }), || format!("deleted {}", escape(&arguments.function)))
}

/// Asks the person at the terminal; without one nothing is deleted unasked.
fn confirm(name: &str, interactive: bool) -> Result<()> {
    let name = escape(name);
    if !interactive {
        bail!("deleting {name} needs a yes: add --yes where nobody can be asked");
    }
    write!(io::stderr().lock(), "delete {name} with its code, triggers and logs? [y/N] ")?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => bail!("{name} was not deleted"),
    }
}
