//! `funcd request`: what no other command has words for.

use std::io::{BufRead as _, BufReader};

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;
use ureq::Body;
use ureq::http::Response;

use super::Context;
use super::invoke::read;
use crate::client::{Call, LONG_PATIENCE, Written};
use crate::output::escape;

/// Options of `funcd request`.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "The console shows such a line for every change that no other command makes.
The answer goes to standard output as it comes; a stream (`follow=true`) until it ends or Ctrl-C.

Examples:
  funcd request GET \"/v2/$PROJECT/fgs/quotas\"
  funcd request PUT \"/v2/$PROJECT/fgs/functions/default:web/config\" --data '{\"timeout\": 60}'
  funcd request POST /v3/groups --file group.json
  funcd request GET \"/v2/$PROJECT/funcd/requests?status=5xx&follow=true\"")]
pub struct Arguments {
    /// Method of the request.
    #[arg(value_name = "METHOD", value_enum, ignore_case = true)]
    method: Method,
    /// Path of the request as the API's document has it, with its query; begins with /.
    #[arg(value_name = "PATH")]
    path: String,
    /// The body, as JSON.
    #[arg(long, value_name = "JSON", conflicts_with = "file")]
    data: Option<String>,
    /// The body, as JSON from a file; - is standard input.
    #[arg(long, value_name = "FILE")]
    file: Option<String>,
}

/// What the API knows.
#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "UPPER")]
enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    check(&arguments.path)?;
    let body = match (&arguments.data, &arguments.file) {
        (Some(text), _) => Some(text.as_bytes().to_vec()),
        (None, Some(file)) => Some(read(file)?),
        (None, None) => None,
    };
    if let Some(body) = &body {
        serde_json::from_slice::<serde::de::IgnoredAny>(body).context("the body is not JSON")?;
    }
    let written = Written { method: arguments.method.name(), path: &arguments.path };
    let call = Call { body, patience: LONG_PATIENCE, ..Call::of(&[]) };
    print(context, context.client()?.written(&written, call)?)
}

/// That it can stand in the first line of a request, and is sent as it was written.
fn check(path: &str) -> Result<()> {
    if !path.starts_with('/') {
        bail!("PATH must begin with '/', not '{}'", escape(path));
    }
    if let Some(found) = path.chars().find(|one| !one.is_ascii_graphic() || *one == '#') {
        let shown = found.to_string();
        bail!("PATH has '{}', which no request can: percent-encode it", escape(&shown));
    }
    Ok(())
}

/// Line by line where it is text, so that what is followed is seen as it comes.
fn print(context: &Context<'_>, answer: Response<Body>) -> Result<()> {
    let mut body = BufReader::new(answer.into_body().into_reader());
    let mut line = Vec::new();
    while body.read_until(b'\n', &mut line).context("the answer broke off")? > 0 {
        if std::str::from_utf8(&line).is_err() {
            std::io::Read::read_to_end(&mut body, &mut line).context("the answer broke off")?;
        }
        context.output.bytes(&line)?;
        line.clear();
    }
    Ok(())
}
