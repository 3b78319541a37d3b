//! `funcd audit`.

use anyhow::{Result, bail};
use jiff::Timestamp;
use wire::cts::traces::{self, Chain, ListTracesResponse, Trace};

use super::Context;
use crate::client::{Call, Client};
use crate::output::Table;

/// Events of one page of the API.
const PAGE: usize = 200;

/// Options of `funcd audit`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd audit
  funcd audit --resource web --limit 5
  funcd audit --refused --json | jq -r '.[].message'
  funcd audit --verify")]
pub struct Arguments {
    /// How many events, the newest.
    #[arg(long, default_value_t = 50, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    limit: u32,
    /// Only events of this name, such as `createFunction`.
    #[arg(long, value_name = "NAME")]
    event: Option<String>,
    /// Only what this user did.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Only what was done to the resource of this name.
    #[arg(long, value_name = "NAME")]
    resource: Option<String>,
    /// Only what was refused.
    #[arg(long)]
    refused: bool,
    /// Compute every hash of the trail again, and say whether an event was changed, removed or inserted.
    #[arg(long, conflicts_with_all = ["limit", "event", "user", "resource", "refused"])]
    verify: bool,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    if arguments.verify {
        return verify(context, &client);
    }
    let events = events(&client, arguments)?;
    if events.is_empty() && !context.output.json {
        context.output.note("no such events");
        return Ok(());
    }
    context.output.data(&events, || table(&events).text())
}

/// Page by page, newest first.
fn events(client: &Client, arguments: &Arguments) -> Result<Vec<Trace>> {
    let wanted = usize::try_from(arguments.limit).unwrap_or(usize::MAX);
    let mut filter = Vec::new();
    for (name, value) in
        [("trace_name", &arguments.event), ("user", &arguments.user), ("resource_name", &arguments.resource)]
    {
        filter.extend(value.clone().map(|value| (name, value)));
    }
    if arguments.refused {
        filter.push(("trace_rating", "warning".to_owned()));
    }
    let (mut events, mut next) = (Vec::new(), None::<String>);
    while events.len() < wanted {
        let mut query = filter.clone();
        query.push(("limit", (wanted - events.len()).min(PAGE).to_string()));
        query.extend(next.map(|marker| ("next", marker)));
        let call = Call { query: &query, ..Call::of(&[]) };
        let page: ListTracesResponse = client.call(traces::LIST, call)?;
        events.extend(page.traces);
        next = page.meta_data.marker;
        if next.is_none() {
            break;
        }
    }
    Ok(events)
}

fn table(events: &[Trace]) -> Table {
    let mut table = Table::new(&["TIME", "EVENT", "RESULT", "RESOURCE", "USER", "FROM"]);
    for event in events {
        let time = Timestamp::from_millisecond(event.time).map(|time| time.to_string()).unwrap_or_default();
        let resource = format!("{} {}", event.resource_type, event.resource_name);
        table.row([time.as_str(), &event.trace_name, &event.code, &resource, who(event), event.source_ip.as_str()]);
    }
    table
}

fn who(event: &Trace) -> &str {
    if event.user.name.is_empty() { &event.user.access_key_id } else { &event.user.name }
}

fn verify(context: &Context<'_>, client: &Client) -> Result<()> {
    let chain: Chain = client.call(traces::CHAIN, Call::of(&[]))?;
    context
        .output
        .data(&chain, || format!("{} events, each follows from those before it\n{}\n", chain.events, chain.head))?;
    match chain.broken_at {
        None => Ok(()),
        Some(number) => bail!(
            "event {number} does not follow from those before it: the trail was changed outside of funcd; compare with a backup \
             of meta.db"
        ),
    }
}
