//! `funcd export`.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde_json::json;
use wire::fgs::transfer;

use super::{Context, function, info};
use crate::client::{Call, LONG_PATIENCE};
use crate::output::escape;

/// Options of `funcd export`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd export web                       web.zip: settings and code, for `funcd import`
  funcd export web --only code -o a.zip  the package as it was deployed

Values of encrypted variables do not leave the service: `funcd import` makes them empty.")]
pub struct Arguments {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
    /// Leave the other part out.
    #[arg(long, value_enum, value_name = "PART")]
    only: Option<Part>,
    /// Where to write; a file that exists is not replaced [default: NAME.zip].
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A part of a function.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Part {
    Code,
    Config,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let urn = function::urn(&client, &info(&client)?.region, &arguments.function);
    let (code, config) = match arguments.only {
        None => (true, true),
        Some(Part::Code) => (true, false),
        Some(Part::Config) => (false, true),
    };
    let query = [("code", code.to_string()), ("config", config.to_string())];
    let path = [urn.as_str()];
    let call = Call { query: &query, patience: LONG_PATIENCE, ..Call::of(&path) };
    let bytes =
        client.bytes(transfer::EXPORT, call).map_err(|error| function::or_absent(error, &arguments.function))?;
    let name = arguments.function.rsplit(':').next().unwrap_or_default().to_owned();
    let path = arguments.output.clone().unwrap_or_else(|| PathBuf::from(format!("{name}.zip")));
    let shown = path.display().to_string();
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&path)
        .with_context(|| format!("cannot write {shown}; -o FILE names another"))?;
    file.write_all(&bytes).with_context(|| format!("cannot write {shown}"))?;
    context.output.data(&json!({ "function_urn": urn, "file": shown, "bytes": bytes.len() }), || {
        format!("wrote {}", escape(&shown))
    })
}
