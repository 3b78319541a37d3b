//! `funcd dependency`.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use serde_json::json;
use wire::Base64;
use wire::fgs::dependencies::{
    self as wire_dependencies, CreateDependencyRequest, Dependency, DependencyVersion, ListDependenciesResponse,
    ListDependencyVersionsResponse,
};

use super::{Context, delete};
use crate::client::{Call, Client, LONG_PATIENCE};
use crate::output::{Table, escape};
use crate::package::{self, Purpose};

/// Options of `funcd dependency`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Keep a folder or a zip as the next version of a dependency.
    #[command(after_help = "What is in the folder stands beside the code of each function that is deployed with it:
`node_modules` for Node.js, the content of `site-packages` for Python.

Examples:
  funcd dependency add ./layer --name web-modules --runtime Node.js18.15
  funcd deploy ./shop --dependency web-modules")]
    Add {
        /// Folder or zip.
        #[arg(value_name = "DIR|ZIP")]
        source: PathBuf,
        /// Name of the dependency [default: the folder's or zip's name].
        #[arg(long)]
        name: Option<String>,
        /// Language it is for, such as Node.js18.15 or Python3.9: a label.
        #[arg(long, default_value = "http")]
        runtime: String,
        /// Free text.
        #[arg(long, value_name = "TEXT", default_value = "")]
        description: String,
    },
    /// List the dependencies with their newest versions, or the versions of one.
    #[command(after_help = "Examples:\n  funcd dependency list\n  funcd dependency list web-modules --json")]
    List {
        /// Name of a dependency.
        #[arg(value_name = "NAME")]
        name: Option<String>,
    },
    /// Delete a dependency that no function uses, or one version of it.
    #[command(
        after_help = "Examples:\n  funcd dependency delete web-modules:1\n  funcd dependency delete web-modules --yes"
    )]
    Delete {
        /// Name of the dependency, and the version if not all.
        #[arg(value_name = "NAME[:VERSION]")]
        dependency: String,
        /// Delete without asking.
        #[arg(short, long)]
        yes: bool,
    },
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    match &arguments.command {
        Command::Add { source, name, runtime, description } => {
            let name = name.as_deref();
            add(context, source, |own| CreateDependencyRequest {
                name: Some(name.unwrap_or(own).to_owned()),
                runtime: Some(runtime.clone()),
                description: Some(description.clone()),
                ..CreateDependencyRequest::default()
            })
        }
        Command::List { name: None } => list(context),
        Command::List { name: Some(name) } => list_versions(context, name),
        Command::Delete { dependency, yes } => remove(context, dependency, *yes),
    }
}

/// Ids of the versions that `NAME` or `NAME:VERSION` mean.
pub(super) fn resolve(client: &Client, named: &[String]) -> Result<Vec<String>> {
    let all = if named.is_empty() { Vec::new() } else { all(client)? };
    named
        .iter()
        .map(|typed| {
            let (name, number) = split(typed)?;
            let versions = versions(client, &find(&all, name)?.id)?;
            let found = versions.iter().find(|version| number.is_none_or(|number| version.version == number));
            let found = found.with_context(|| format!("the dependency {} has no such version", escape(typed)))?;
            Ok(found.id.clone())
        })
        .collect()
}

fn split(typed: &str) -> Result<(&str, Option<u64>)> {
    let Some((name, number)) = typed.split_once(':') else { return Ok((typed, None)) };
    let number = number.parse().with_context(|| format!("'{}' must be NAME or NAME:VERSION", escape(typed)))?;
    Ok((name, Some(number)))
}

fn find<'a>(all: &'a [Dependency], name: &str) -> Result<&'a Dependency> {
    all.iter().find(|dependency| dependency.name == name).with_context(|| {
        format!("there is no dependency '{}': `funcd dependency list` shows those there are", escape(name))
    })
}

/// Every page.
fn all(client: &Client) -> Result<Vec<Dependency>> {
    let mut all = Vec::new();
    loop {
        let query = [("marker", all.len().to_string())];
        let call = Call { query: &query, ..Call::of(&[]) };
        let page: ListDependenciesResponse = client.call(wire_dependencies::LIST, call)?;
        let ended = page.dependencies.is_empty() || page.next_marker == 0;
        all.extend(page.dependencies);
        if ended {
            return Ok(all);
        }
    }
}

/// Every page, the newest first.
fn versions(client: &Client, id: &str) -> Result<Vec<DependencyVersion>> {
    let mut all = Vec::new();
    loop {
        let query = [("marker", all.len().to_string())];
        let place = [id];
        let call = Call { query: &query, ..Call::of(&place) };
        let page: ListDependencyVersionsResponse = client.call(wire_dependencies::LIST_VERSIONS, call)?;
        let ended = page.dependencies.is_empty() || page.next_marker == 0;
        all.extend(page.dependencies);
        if ended {
            return Ok(all);
        }
    }
}

fn add(
    context: &Context<'_>,
    source: &std::path::Path,
    request: impl FnOnce(&str) -> CreateDependencyRequest,
) -> Result<()> {
    let client = context.client()?;
    let package = package::read_for(Purpose::Dependency, source, &context.output)?;
    let request = CreateDependencyRequest {
        depend_type: Some("zip".to_owned()),
        depend_file: Some(Base64(package.bytes)),
        ..request(&package.source_name)
    };
    let call = Call::of(&[]).body(&request)?;
    let progress = context.output.progress("uploading", call.body.as_ref().map_or(0, Vec::len) as u64);
    let call = Call { patience: LONG_PATIENCE, progress: progress.clone(), ..call };
    let made = client.call(wire_dependencies::CREATE_VERSION, call);
    progress.finish_and_clear();
    let made: DependencyVersion = made?;
    context.output.data(&made, || format!("{}:{}", escape(&made.name), made.version))
}

fn list(context: &Context<'_>) -> Result<()> {
    let all = all(&context.client()?)?;
    if all.is_empty() && !context.output.json {
        context.output.note("no dependencies yet: `funcd dependency add DIR` makes one");
        return Ok(());
    }
    let mut table = Table::new(&["NAME", "VERSION", "RUNTIME", "SIZE", "DESCRIPTION"]);
    for dependency in &all {
        let (version, size) = (dependency.version.to_string(), dependency.size.to_string());
        table.row([dependency.name.as_str(), &version, &dependency.runtime, &size, &dependency.description]);
    }
    context.output.data(&all, || table.text())
}

fn list_versions(context: &Context<'_>, name: &str) -> Result<()> {
    let client = context.client()?;
    let versions = versions(&client, &find(&all(&client)?, name)?.id)?;
    let mut table = Table::new(&["VERSION", "ID", "RUNTIME", "SIZE", "DESCRIPTION"]);
    for version in &versions {
        let (number, size) = (version.version.to_string(), version.size.to_string());
        table.row([number.as_str(), &version.id, &version.runtime, &size, &version.description]);
    }
    context.output.data(&versions, || table.text())
}

fn remove(context: &Context<'_>, typed: &str, yes: bool) -> Result<()> {
    let client = context.client()?;
    let (name, number) = split(typed)?;
    let id = find(&all(&client)?, name)?.id.clone();
    let known = versions(&client, &id)?;
    if number.is_some_and(|number| known.iter().all(|version| version.version != number)) {
        bail!("the dependency {} has no such version", escape(typed));
    }
    if !yes {
        let with = if number.is_some() { "its package" } else { "all its versions" };
        delete::confirm(typed, with, context.output.interactive)?;
    }
    match number {
        Some(number) => client.perform(wire_dependencies::DELETE_VERSION, Call::of(&[&id, &number.to_string()]))?,
        None => client.perform(wire_dependencies::DELETE, Call::of(&[&id]))?,
    }
    context.output.data(&json!({ "dependency": typed, "deleted": true }), || format!("deleted {}", escape(typed)))
}
