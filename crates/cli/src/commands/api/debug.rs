//! `funcd api debug`.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::json;
use wire::apig::apis::{self as shape, DebugRequest, DebugResponse};

use super::Named;
use crate::client::Call;
use crate::commands::Context;
use crate::commands::gateway::Gateway;
use crate::output::escape;

pub(super) const HELP: &str =
    "Without --env the API is called as it is edited, as if it were published in RELEASE now; with --env as it is published there.
Whatever the gateway or the function answers is printed, errors too.

Examples:
  funcd api debug orders
  funcd api debug orders --path /orders/7 --query 'full=yes' --header 'Accept: application/json'
  funcd api debug orders --method POST --data '{\"count\": 1}'
  funcd api debug orders --env RELEASE --json | jq -r .log";

/// How long a test may take: the service gives up before.
const PATIENCE: Duration = Duration::from_secs(120);

/// Options of `funcd api debug`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    api: Named,
    /// Path of the request; the API's own if it is not given.
    #[arg(long, value_name = "PATH")]
    path: Option<String>,
    /// Method of the request; the API's own, or GET.
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// A header; repeatable.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// A query parameter; repeatable.
    #[arg(long = "query", value_name = "NAME=VALUE")]
    query: Vec<String>,
    /// The body.
    #[arg(long, value_name = "TEXT")]
    data: Option<String>,
    /// Name of an environment where it is published.
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
    /// As a client that comes by https.
    #[arg(long)]
    https: bool,
}

pub(super) fn run(context: &Context<'_>, gateway: &Gateway, wanted: &Arguments) -> Result<()> {
    let api = gateway.api(&wanted.api.api)?;
    let own = api.req_method.clone().filter(|method| method != "ANY");
    let method = wanted.method.as_ref().map(|method| method.to_ascii_uppercase()).or(own);
    let request = DebugRequest {
        mode: Some(if wanted.env.is_some() { "CONSUMER" } else { "DEVELOPER" }.to_owned()),
        scheme: Some(if wanted.https { "HTTPS" } else { "HTTP" }.to_owned()),
        method: Some(method.unwrap_or_else(|| "GET".to_owned())),
        path: wanted.path.clone().or_else(|| api.req_uri.clone()),
        query: Some(json!(pairs("--query", "=", &wanted.query)?)),
        header: Some(json!(pairs("--header", ":", &wanted.headers)?)),
        body: wanted.data.clone(),
        stage: wanted.env.as_deref().map(|env| gateway.environment(env).map(|found| found.name)).transpose()?,
        ..DebugRequest::default()
    };
    let place = [gateway.id.as_str(), &api.id];
    let call = Call { patience: PATIENCE, ..Call::of(&place).body(&request)? };
    let answer: DebugResponse = gateway.client.call(shape::DEBUG, call)?;
    context.output.data(&answer, || {
        let lines =
            |text: &str| text.trim_end().lines().map(|line| escape(line).clone()).collect::<Vec<_>>().join("\n");
        [&answer.request, &answer.response, &answer.log].map(|text| lines(text)).join("\n\n")
    })
}

/// `NAME=VALUE` or `NAME: VALUE`, several of one name together.
pub(in crate::commands) fn pairs(
    option: &str,
    between: &str,
    given: &[String],
) -> Result<BTreeMap<String, Vec<String>>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for text in given {
        let pair = text.split_once(between);
        let (name, value) = pair.with_context(|| format!("{option} '{text}' must be NAME{between}VALUE"))?;
        found.entry(name.trim().to_owned()).or_default().push(value.trim().to_owned());
    }
    Ok(found)
}
