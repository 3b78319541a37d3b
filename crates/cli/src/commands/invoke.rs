//! `funcd invoke`.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde_json::{Value, json};
use wire::fgs::invocation::{self as shape, Envelope, Summary, Wrapper};

use super::api::pairs;
use super::{Context, function, info};
use crate::client::{Call, Client, LONG_PATIENCE};
use crate::output::escape;

/// How it ends when the function answers with a status of 400 or more.
const FAILED: u8 = 3;

/// Options of `funcd invoke`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "It is the API's synchronous invocation, past the gateway: no URL, no trigger and no API is needed.
The body goes to standard output; status, headers and what it took to standard error.
Exit code 3: the function answered with a status of 400 or more. 1: it did not answer, or funcd refused.

Examples:
  funcd invoke web
  funcd invoke web --path '/orders?full=yes' --header 'Accept: application/json'
  funcd invoke web:v2 --data '{\"count\": 1}'         version v2; a POST, as there is a body
  funcd invoke 'web:!prod' --file photo.jpg > small.jpg
  funcd invoke web --event event.json --log         an event as a trigger sends it
  funcd invoke web --json | jq .summary"
)]
pub struct Arguments {
    /// Name of the function, `package:name`, or its URN; `:VERSION` or `:!ALIAS` behind it calls that one.
    #[arg(value_name = "NAME")]
    function: String,
    /// Method of the request [default: GET, or POST with a body].
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// Path of the request, with its query.
    #[arg(long, value_name = "PATH", default_value = "/")]
    path: String,
    /// A header of the request; repeatable.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// The body.
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    data: Option<String>,
    /// The body from a file; - is standard input.
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
    /// An event as JSON from a file, in place of a request; - is standard input.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["method", "path", "headers", "data", "file"])]
    event: Option<String>,
    /// Print the end of what the function wrote meanwhile, too.
    #[arg(long)]
    log: bool,
}

/// What came back, as `--json` prints it.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    request_id: &'a str,
    status: u16,
    headers: &'a BTreeMap<String, Vec<String>>,
    /// As text, or base64 of what is none.
    body: String,
    is_base64_encoded: bool,
    summary: Summary,
    #[serde(skip_serializing_if = "str::is_empty")]
    log: &'a str,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<ExitCode> {
    let event = match &arguments.event {
        Some(file) => given(file)?,
        None => serde_json::to_vec(&event(arguments)?)?,
    };
    let client = context.client()?;
    let urn = called(&client, &arguments.function)?;
    let mut headers = vec![(shape::REQUEST_VERSION, "v1")];
    headers.extend(arguments.log.then_some((shape::LOG_TYPE, "tail")));
    let place = [urn.as_str()];
    let call = Call { headers: &headers, body: Some(event), patience: LONG_PATIENCE, ..Call::of(&place) };
    let (head, wrapper): (_, Wrapper) = client.call_with_head(shape::INVOKE, call)?;
    let envelope: Envelope = serde_json::from_str(&wrapper.result).context("the answer's result cannot be read")?;
    let summary = head.get(shape::SUMMARY).and_then(|text| serde_json::from_slice(text.as_bytes()).ok());
    print(context, &wrapper, &envelope, summary.unwrap_or_default())?;
    Ok(if envelope.status_code < 400 { ExitCode::SUCCESS } else { ExitCode::from(FAILED) })
}

/// The request as an event of the gateway.
fn event(arguments: &Arguments) -> Result<Value> {
    if !arguments.path.starts_with('/') {
        bail!("--path must begin with '/', not '{}'", escape(&arguments.path));
    }
    let body = match (&arguments.data, &arguments.file) {
        (Some(text), _) => Some(text.as_bytes().to_vec()),
        (None, Some(file)) => Some(read(file)?),
        (None, None) => None,
    };
    let usual = if body.is_some() { "POST" } else { "GET" };
    let (body, encoded) = text(body.unwrap_or_default());
    Ok(json!({
        "httpMethod": arguments.method.as_deref().unwrap_or(usual).to_ascii_uppercase(),
        "path": arguments.path,
        "headers": pairs("--header", ":", &arguments.headers)?,
        "body": body,
        "isBase64Encoded": encoded,
    }))
}

/// An event from a file, which must be an object: what is in it is for the service to read.
fn given(file: &str) -> Result<Vec<u8>> {
    let bytes = read(file)?;
    let read: serde_json::Result<serde_json::Map<String, Value>> = serde_json::from_slice(&bytes);
    read.with_context(|| format!("{} is no event: it must be a JSON object", escape(file)))?;
    Ok(bytes)
}

pub(super) fn read(file: &str) -> Result<Vec<u8>> {
    if file != "-" {
        return std::fs::read(Path::new(file)).with_context(|| format!("cannot read {}", escape(file)));
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).context("cannot read standard input")?;
    Ok(bytes)
}

/// As text where it is text, else as base64.
fn text(bytes: Vec<u8>) -> (String, bool) {
    match String::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => (STANDARD.encode(error.as_bytes()), true),
    }
}

/// The URN that is called. `a:b` is function `b` of package `a`, if there is one, else version `b` of `a`.
fn called(client: &Client, typed: &str) -> Result<String> {
    if typed.starts_with("urn:") {
        return Ok(typed.to_owned());
    }
    let region = info(client)?.region;
    let urn = |name: &str| function::urn(client, &region, name);
    Ok(match typed.split(':').collect::<Vec<_>>().as_slice() {
        [name] => urn(name),
        [name, alias] if alias.starts_with('!') => format!("{}:{alias}", urn(name)),
        [package, name, qualifier] => format!("{}:{qualifier}", urn(&format!("{package}:{name}"))),
        [_, _] if function::find(client, &urn(typed))?.is_some() => urn(typed),
        [name, version] => format!("{}:{version}", urn(name)),
        _ => bail!(
            "'{}' names no function: it must be NAME, PACKAGE:NAME, either with :VERSION or :!ALIAS, or a URN",
            escape(typed)
        ),
    })
}

fn print(context: &Context<'_>, wrapper: &Wrapper, envelope: &Envelope, summary: Summary) -> Result<()> {
    let output = &context.output;
    if output.json {
        let (body, is_base64_encoded) = text(envelope.body.0.clone());
        let answer = Answer {
            request_id: &wrapper.request_id,
            status: envelope.status_code,
            headers: &envelope.headers,
            body,
            is_base64_encoded,
            summary,
            log: &wrapper.log,
        };
        return output.data(&answer, String::new);
    }
    output.note(&format!("HTTP {}", envelope.status_code));
    for (name, value) in envelope.headers.iter().flat_map(|(name, all)| all.iter().map(move |value| (name, value))) {
        output.note(&format!("{}: {}", escape(name), escape(value)));
    }
    for line in wrapper.log.lines() {
        output.note(&format!("| {}", escape(line)));
    }
    let Summary { duration, billing_duration, memory_size, memory_used } = summary;
    output.note(&format!(
        "{duration:.1} ms, billed {billing_duration} ms, {memory_used:.1} of {memory_size} MB, request {}",
        escape(&wrapper.request_id)
    ));
    output.bytes(&envelope.body.0)
}
