//! `funcd project`.

use anyhow::Result;
use wire::iam::projects::{self, NewProject, Project, ProjectRequest, ProjectResponse, Status, StatusRequest};

use super::{Context, identity, info};
use crate::client::{Call, Client};
use crate::output::{Table, escape};

/// Options of `funcd project`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Make a project; it sees nothing of the others.
    #[command(after_help = "A project stays for good: it can be disabled, not deleted, as in the cloud.

Examples:
  funcd project create shop                        becomes REGION_shop
  funcd deploy ./web --project \"$(funcd project list --json | jq -r '.[] | select(.name | endswith(\"_shop\")).id')\"")]
    Create {
        /// Name of the project; the region in front of it may be left out.
        #[arg(value_name = "NAME")]
        name: String,
        /// What to remember about it, at most 255 characters.
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
    },
    /// List the projects that you may act in.
    #[command(after_help = "Examples:\n  funcd project list\n  funcd project list --json | jq -r '.[].id'")]
    List,
    /// Suspend a project: nobody can change or look at anything in it.
    #[command(after_help = "Examples:\n  funcd project disable shop")]
    Disable {
        /// Name or id of the project.
        #[arg(value_name = "PROJECT")]
        name: String,
    },
    /// Let a suspended project be used again.
    #[command(after_help = "Examples:\n  funcd project enable shop")]
    Enable {
        /// Name or id of the project.
        #[arg(value_name = "PROJECT")]
        name: String,
    },
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    match &arguments.command {
        Command::Create { name, description } => create(context, &client, name, description.clone()),
        Command::List => list(context, &client),
        Command::Disable { name } => switch(context, &client, name, "suspended"),
        Command::Enable { name } => switch(context, &client, name, "normal"),
    }
}

fn create(context: &Context<'_>, client: &Client, name: &str, description: Option<String>) -> Result<()> {
    let prefix = format!("{}_", info(client)?.region);
    let name = if name.starts_with(&prefix) { name.to_owned() } else { format!("{prefix}{name}") };
    let new = ProjectRequest { project: NewProject { name: Some(name), description, ..NewProject::default() } };
    let ProjectResponse { project } = client.call(projects::CREATE, Call::of(&[]).body(&new)?)?;
    context.output.data(&project, || format!("project {} ({})", escape(&project.name), escape(&project.id)))
}

fn list(context: &Context<'_>, client: &Client) -> Result<()> {
    let projects = identity::projects(client)?;
    context.output.data(&projects, || {
        let mut table = Table::new(&["NAME", "ID", "STATE", "DESCRIPTION"]);
        for project in &projects {
            let state = if project.enabled { "enabled" } else { "disabled" };
            table.row([project.name.as_str(), &project.id, state, &project.description]);
        }
        table.text()
    })
}

fn switch(context: &Context<'_>, client: &Client, typed: &str, status: &str) -> Result<()> {
    let Project { id, .. } = identity::project(client, typed)?;
    let change = StatusRequest { project: Status { status: Some(status.to_owned()) } };
    client.perform(projects::SET_STATUS, Call::of(&[&id]).body(&change)?)?;
    let ProjectResponse { project } = client.call(projects::STATUS, Call::of(&[&id]))?;
    let state = if project.enabled { "enabled" } else { "disabled" };
    context.output.data(&project, || format!("project {} is {state}", escape(&project.name)))
}
