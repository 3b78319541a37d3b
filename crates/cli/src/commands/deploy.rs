//! `funcd deploy`: a folder or a zip becomes a function with a URL.
//!
//! 1. The package is made and looked at ([`crate::package`]); nothing was sent yet.
//! 2. The function is created, or its configuration and code are updated ([`plan`]), together with its trigger ([`trigger`]):
//!    all of that or nothing ([`put`]).
//! 3. Its URL is called until the function answers, or it is said why it does not ([`wait`]).
//!
//! Interrupted anywhere, the same command run again goes on: every step looks at what there is.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;
use wire::fgs::config::Function;
use wire::funcd::info::Info;

use self::trigger::Published;
use super::{Context, dependency, info};
use crate::client::Client;
use crate::name;
use crate::package;

mod plan;
mod put;
mod trigger;
mod wait;

/// Options of `funcd deploy`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "The folder needs a file named `bootstrap` with the command that starts a web server on 127.0.0.1:8000.
What .funcdignore names (rules as in .gitignore) is left out, and .git always.

On an update only the settings given here change. Its URLs stay, unless --path, --default-group
or --auth ask for one that the function does not have: that one then replaces the URL that an
earlier deploy made.

Examples:
  funcd deploy ./shop                                 http://shop.localhost:8080/
  funcd deploy app.zip --name shop --memory 1024 --env MODE=test --env LEVEL=2
  funcd deploy ./users --path /user/get --default-group      http://127.0.0.1:8080/user/get
  URL=$(funcd deploy ./shop)                          only the URL goes to standard output

Exit status: 0 when the URL answers, 1 when anything failed, 2 for wrong usage."
)]
pub struct Arguments {
    /// Folder with a `bootstrap` file, or a zip of one.
    #[arg(value_name = "DIR|ZIP")]
    source: PathBuf,
    /// Name of the function [default: made from the folder's or zip's name].
    #[arg(long)]
    name: Option<String>,
    /// Path of the URL; everything below it too. On an update it replaces the URL there was [default: /, or as it is].
    #[arg(long, value_name = "PATH", value_parser = path)]
    path: Option<String>,
    /// Answer at the gateway's bare address instead of a host of the function's own. On an update this replaces the URL there
    /// was.
    #[arg(long)]
    default_group: bool,
    /// Who may call the URL [default: none, or as it is].
    #[arg(long, value_enum)]
    auth: Option<Auth>,
    /// The function speaks gRPC (HTTP/2 without TLS on its port), and its URL takes gRPC.
    #[arg(long)]
    grpc: bool,
    /// Seconds to wait until the URL answers.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=3600))]
    wait: u64,
    /// Do not wait until the URL answers.
    #[arg(long, conflicts_with = "wait")]
    no_wait: bool,
    #[command(flatten)]
    settings: Settings,
}

/// Settings of the function; what is not given takes its default, on an update it stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Settings (an update changes only those given)")]
struct Settings {
    /// Memory of an instance in MB; CPU follows from it [default: 512].
    #[arg(long, value_name = "MB")]
    memory: Option<i64>,
    /// Seconds one request may take [default: 30].
    #[arg(long, value_name = "SECONDS")]
    timeout: Option<i64>,
    /// Requests that one instance serves at the same time [default: 20].
    #[arg(long, value_name = "N")]
    concurrency: Option<i64>,
    /// Instances at most; -1 for no limit, 0 disables the function [default: the service's].
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    max_instances: Option<i64>,
    /// Seconds an instance may take until it listens, 1 to 300 [default: the service's, 10].
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(1..=300))]
    start_timeout: Option<i64>,
    /// Environment variable; may be repeated. On an update the others stay.
    #[arg(long, value_name = "KEY=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// Environment variable to remove; may be repeated.
    #[arg(long, value_name = "KEY")]
    unset_env: Vec<String>,
    /// Networks that the function may reach [default: internet].
    #[arg(long, value_enum)]
    egress: Option<Egress>,
    /// Free text.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Dependency to complete the code with, its newest version or the one said; may be repeated. The code wins over every
    /// dependency, a later one over an earlier. On an update they replace all there were.
    #[arg(long, value_name = "NAME[:VERSION]")]
    dependency: Vec<String>,
    /// Take the dependencies away that the function has.
    #[arg(long, conflicts_with = "dependency")]
    no_dependencies: bool,
}

/// Who may call the URL: anyone, apps that were let in (`funcd app authorize`), or IAM users whose policies allow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Auth {
    None,
    App,
    Iam,
}

impl Auth {
    /// As the API spells it.
    fn code(self) -> &'static str {
        match self {
            Self::None => "NONE",
            Self::App => "APP",
            Self::Iam => "IAM",
        }
    }
}

/// Which networks a function may reach: public addresses, or nothing but its own loopback.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Egress {
    Internet,
    None,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err("it must be KEY=VALUE".to_owned()),
    }
}

fn path(text: &str) -> Result<String, String> {
    if text.starts_with('/') { Ok(text.to_owned()) } else { Err("it must start with '/'".to_owned()) }
}

/// What a deploy tells programs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Deployed {
    name: String,
    function_urn: String,
    version: String,
    url: String,
    /// HTTP status of the first answer; `null` when nobody waited for it.
    status: Option<u16>,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let started = Instant::now();
    if let Some(name) = &arguments.name {
        name::check(name)?;
    }
    let client = context.client()?;
    let package = package::read(&arguments.source, &context.output)?;
    let name = match &arguments.name {
        Some(name) => name.clone(),
        None => name::derive(&package.source_name)?,
    };
    let made_from = (arguments.name.is_none() && name != package.source_name).then(|| package.source_name.clone());
    let service = info(&client)?;
    let depend_on = match (&*arguments.settings.dependency, arguments.settings.no_dependencies) {
        ([], false) => None,
        (named, _) => Some(dependency::resolve(&client, named)?),
    };
    let wanted = put::Wanted {
        depend_on,
        name: &name,
        made_from: made_from.as_deref(),
        service: &service,
        settings: &arguments.settings,
        place: trigger::Place::of(&service, &name, arguments),
    };
    let (function, published) = put::put(context, &client, &wanted, package)?;
    let status = answer(context, &client, arguments, (&service, &function, &published))?;
    if let Some(failed) = status.filter(|status| *status >= 500) {
        context.output.note(&format!("the URL answers {failed}"));
    }
    let deployed =
        Deployed { name, function_urn: function.func_urn, version: function.version, url: published.url, status };
    context.output.note(&format!(
        "deployed {} in {:.1} s; next: funcd logs {} -f",
        deployed.name,
        started.elapsed().as_secs_f64(),
        deployed.name
    ));
    context.output.data(&deployed, || deployed.url.clone())
}

/// Waits for the first answer, where there can be one.
fn answer(
    context: &Context<'_>,
    client: &Client,
    arguments: &Arguments,
    (service, function, published): (&Info, &Function, &Published),
) -> Result<Option<u16>> {
    if arguments.no_wait {
        return Ok(None);
    }
    let skipped = if published.auth != "NONE" {
        Some(format!("not called, as it needs {} authentication", published.auth))
    } else if published.grpc {
        Some("not called, as it speaks gRPC".to_owned())
    } else if function.strategy_config.concurrency == Some(0) {
        Some("not called, as the function is disabled (max instances is 0)".to_owned())
    } else {
        None
    };
    if let Some(why) = skipped {
        context.output.note(&why);
        return Ok(None);
    }
    let spinner = context.output.spinner("starting");
    let waited = wait::until_it_answers(client, service, (function, published), Duration::from_secs(arguments.wait));
    spinner.finish_and_clear();
    match waited? {
        wait::Outcome::Answered(status) => Ok(Some(status)),
        wait::Outcome::OutOfReach(why) => {
            context.output.note(&why);
            Ok(None)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_needs_a_name() {
        assert_eq!(variable("A=b=c"), Ok(("A".into(), "b=c".into())));
        assert_eq!(variable("A="), Ok(("A".into(), String::new())));
        assert!(variable("A").is_err());
        assert!(variable("=b").is_err());
    }
}
