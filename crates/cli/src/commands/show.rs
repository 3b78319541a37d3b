//! `funcd show`.

use anyhow::Result;
use serde::Serialize;
use wire::fgs::config::Function;
use wire::fgs::triggers::Trigger;
use wire::funcd::requests::{self, ListRequestsResponse, Record};

use super::{Context, function, info};
use crate::client::{Call, Client, Error};
use crate::output::{Table, escape};

/// How many of the last requests are shown.
const REQUESTS: u32 = 10;

/// Options of `funcd show`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:
  funcd show web
  funcd show web --json | jq -r '.urls[0]'")]
pub struct Arguments {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
}

/// Everything about a function.
#[derive(Clone, Debug, Serialize)]
struct Shown {
    name: String,
    function_urn: String,
    urls: Vec<String>,
    config: Function,
    triggers: Vec<Trigger>,
    requests: Vec<Record>,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let urn = function::urn(&client, &info(&client)?.region, &arguments.function);
    let Some(config) = function::find(&client, &urn)? else {
        return Err(function::absent(&arguments.function));
    };
    let triggers = function::triggers(&client, &urn)?;
    let shown = Shown {
        name: config.func_name.clone(),
        function_urn: config.func_urn.clone(),
        urls: function::urls(&triggers),
        requests: last_requests(&client, &urn)?,
        config,
        triggers,
    };
    context.output.data(&shown, || text(&shown))
}

fn last_requests(client: &Client, urn: &str) -> Result<Vec<Record>, Error> {
    let query = [("limit", REQUESTS.to_string())];
    let response: ListRequestsResponse = client.call(requests::LIST, Call { query: &query, ..Call::of(&[urn]) })?;
    Ok(response.requests)
}

fn text(shown: &Shown) -> String {
    let Shown { config, triggers, requests, .. } = shown;
    let mut text = settings(config);
    text.push('\n');
    if triggers.is_empty() {
        text.push_str("no triggers: the function has no URL (`funcd deploy` adds one)\n");
    } else {
        text.push_str(&trigger_table(triggers).text());
    }
    if !requests.is_empty() {
        text.push('\n');
        text.push_str(&request_table(requests).text());
    }
    text
}

fn settings(config: &Function) -> String {
    let count = |number: Option<i64>| match number {
        None => "default".to_owned(),
        Some(-1) => "no limit".to_owned(),
        Some(0) => "0 (disabled)".to_owned(),
        Some(number) => number.to_string(),
    };
    let egress = if config.is_offline() { "none" } else { "internet" };
    let names = function::variables(&config.user_data).map(|variables| variables.keys().cloned().collect::<Vec<_>>());
    let variables = names.ok().filter(|names| !names.is_empty()).map_or("-".to_owned(), |names| names.join(", "));
    let rows = [
        ("name", config.func_name.clone()),
        ("urn", config.func_urn.clone()),
        ("description", config.description.clone()),
        ("runtime", config.runtime.clone()),
        ("memory", format!("{} MB", config.memory_size)),
        ("cpu", format!("{} millicores", config.cpu)),
        ("timeout", format!("{} s", config.timeout)),
        ("concurrency", format!("{} per instance", count(config.strategy_config.concurrent_num))),
        ("max instances", count(config.strategy_config.concurrency)),
        ("egress", egress.to_owned()),
        ("variables", variables),
        ("code", format!("{} bytes", config.code_size)),
        ("modified", format!("{} UTC", config.last_modified)),
    ];
    let shown = rows.iter().filter(|(_, value)| !value.is_empty());
    shown.map(|(name, value)| format!("{name:<15}{}\n", escape(value))).collect()
}

fn trigger_table(triggers: &[Trigger]) -> Table {
    let mut table = Table::new(&["TRIGGER", "METHOD", "URL", "AUTH", "STATUS"]);
    for trigger in triggers {
        let event = &trigger.event_data;
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        table.row([
            trigger.trigger_type_code.as_str(),
            &or_none(&event.req_method),
            &or_none(&event.invoke_url),
            &or_none(&event.auth),
            &trigger.trigger_status,
        ]);
    }
    table
}

fn request_table(requests: &[Record]) -> Table {
    let mut table =
        Table::new(&["STARTED", "VERSION", "STATUS", "TOTAL", "QUEUE", "METHOD", "PATH", "ERROR", "REQUEST"]);
    for record in requests {
        table.row([
            record.started.as_str(),
            &record.version,
            &record.status.to_string(),
            &milliseconds(record.timings.gateway_us.saturating_add(record.timings.total_us)),
            &milliseconds(record.timings.queue_us),
            &record.method,
            &record.path,
            record.error.as_deref().unwrap_or("-"),
            &record.request_id,
        ]);
    }
    table
}

fn milliseconds(microseconds: u64) -> String {
    format!("{}.{} ms", microseconds / 1000, microseconds % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::fgs::config::{NetworkController, StrategyConfig};
    use wire::fgs::triggers::ApigEventData;
    use wire::funcd::requests::Timings;

    #[test]
    fn a_function_is_shown_with_triggers_and_requests() {
        let config = Function {
            func_name: "web".into(),
            func_urn: "urn:fss:local-1:p0:function:default:web:latest".into(),
            runtime: "http".into(),
            memory_size: 512,
            cpu: 600,
            timeout: 30,
            user_data: r#"{"MODE":"secret\u001b","LEVEL":"1"}"#.into(),
            code_size: 1234,
            last_modified: "2026-01-02 03:04:05".into(),
            strategy_config: StrategyConfig { concurrency: Some(0), concurrent_num: Some(20) },
            network_controller: Some(NetworkController {
                disable_public_network: Some(true),
                ..NetworkController::default()
            }),
            ..Function::default()
        };
        let event_data = ApigEventData {
            req_method: Some("ANY".into()),
            invoke_url: Some("http://web.localhost:8080/".into()),
            auth: Some("NONE".into()),
            ..ApigEventData::default()
        };
        let trigger = Trigger {
            trigger_type_code: "DEDICATEDGATEWAY".into(),
            trigger_status: "ACTIVE".into(),
            event_data,
            ..Trigger::default()
        };
        let record = Record {
            started: "2026-01-02T03:04:06.1Z".into(),
            version: "v1".into(),
            status: 504,
            method: "GET".into(),
            path: "/\u{1b}[2J".into(),
            error: Some("timed_out".into()),
            request_id: "r1".into(),
            timings: Timings { gateway_us: 2_345, total_us: 30_010_000, queue_us: 980, ..Timings::default() },
            ..Record::default()
        };
        let shown = Shown {
            name: "web".into(),
            function_urn: config.func_urn.clone(),
            urls: vec![],
            config,
            triggers: vec![trigger],
            requests: vec![record],
        };
        insta::assert_snapshot!(text(&shown));
    }
}
