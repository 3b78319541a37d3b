//! `funcd pin`.

use anyhow::Result;
use serde_json::json;
use wire::fgs::functions;

use super::{Context, function, info};
use crate::client::Call;
use crate::output::escape;

/// Options of `funcd pin`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd pin web          first in lists
  funcd pin web --off    back in its place")]
pub struct Arguments {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
    /// Put it back in its place.
    #[arg(long)]
    off: bool,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let urn = function::urn(&client, &info(&client)?.region, &arguments.function);
    let pinned = !arguments.off;
    client
        .perform(functions::COLLECT, Call::of(&[&urn, &pinned.to_string()]))
        .map_err(|error| function::or_absent(error, &arguments.function))?;
    let name = escape(&arguments.function);
    let said = if pinned { format!("{name} comes first in lists") } else { format!("{name} is in its place again") };
    context.output.data(&json!({ "function_urn": urn, "pinned": pinned }), || said)
}
