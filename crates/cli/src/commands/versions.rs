//! `funcd versions`.

use anyhow::Result;
use serde::Serialize;
use wire::fgs::aliases::{self, Alias};
use wire::fgs::versions::{self, ListVersionsResponse, Version};

use super::{Context, function, info};
use crate::client::Call;
use crate::output::Table;

/// Options of `funcd versions`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd versions web
  funcd versions web --json | jq -r '.[].version'")]
pub struct Arguments {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
}

/// A version with what stands for it.
#[derive(Clone, Debug, Serialize)]
struct Row {
    version: String,
    version_urn: String,
    aliases: Vec<String>,
    memory: u32,
    code_size: u64,
    digest: String,
    description: String,
    last_modified: String,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let urn = function::urn(&client, &info(&client)?.region, &arguments.function);
    let absent = |error| function::or_absent(error, &arguments.function);
    // There are at most 20: they fit one page.
    let listed: ListVersionsResponse = client.call(versions::LIST, Call::of(&[&urn])).map_err(absent)?;
    let aliases: Vec<Alias> = client.call(aliases::LIST, Call::of(&[&urn])).map_err(absent)?;
    let rows: Vec<Row> = listed.versions.into_iter().map(|version| row(version, &aliases)).collect();
    context.output.data(&rows, || table(&rows).text())
}

fn row(version: Version, aliases: &[Alias]) -> Row {
    let second = |alias: &&Alias| {
        let weights = alias.additional_version_weights.iter().flat_map(|weights| weights.keys());
        let rules = alias.additional_version_strategy.iter().flat_map(|rules| rules.keys());
        weights.chain(rules).any(|name| *name == version.version)
    };
    let main = aliases.iter().filter(|alias| alias.version == version.version);
    let names = main.chain(aliases.iter().filter(second)).map(|alias| alias.name.clone()).collect();
    Row {
        aliases: names,
        version: version.version,
        version_urn: version.func_urn,
        memory: version.memory_size,
        code_size: version.code_size,
        digest: version.digest,
        description: version.version_description.unwrap_or_default(),
        last_modified: version.last_modified,
    }
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(&["VERSION", "ALIASES", "MEMORY", "CODE", "MODIFIED (UTC)", "DESCRIPTION"]);
    for row in rows {
        let aliases = if row.aliases.is_empty() { "-".to_owned() } else { row.aliases.join(", ") };
        let (memory, code) = (format!("{} MB", row.memory), format!("{} bytes", row.code_size));
        table.row([row.version.as_str(), &aliases, &memory, &code, &row.last_modified, &row.description]);
    }
    table
}
