//! `funcd group`.

use anyhow::Result;
use serde_json::json;
use wire::apig::groups::{self as shape, Group, GroupRequest};

use super::gateway::Gateway;
use super::{Context, delete};
use crate::client::Call;
use crate::output::{Table, escape};

/// Options of `funcd group`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// List the API groups and the hosts they answer at.
    #[command(after_help = "Examples:\n  funcd group list\n  funcd group list --json | jq -r '.[].sl_domain'")]
    List,
    /// Make a group: a host of its own for APIs.
    #[command(
        after_help = "APIs of the group DEFAULT answer at the gateway's bare address, those of another at a host below it.\n
Examples:
  funcd group create shop
  funcd group create shop --description 'orders and payments' --json | jq -r .sl_domain"
    )]
    Create {
        /// Name of the group: 3 to 255 characters, the first a letter or a digit.
        #[arg(value_name = "GROUP")]
        name: String,
        /// What to remember about it, at most 1000 characters.
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
    },
    /// Show a group: its hosts and its APIs.
    #[command(after_help = "Examples:\n  funcd group show shop")]
    Show {
        /// Name or id of the group.
        #[arg(value_name = "GROUP")]
        group: String,
    },
    /// Delete a group that has no APIs any more, with its domains, variables and responses.
    #[command(after_help = "Examples:\n  funcd group delete shop --yes")]
    Delete {
        /// Name or id of the group.
        #[arg(value_name = "GROUP")]
        group: String,
        /// Delete without asking.
        #[arg(short, long)]
        yes: bool,
    },
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let gateway = Gateway::ask(context)?;
    match &arguments.command {
        Command::List => list(context, &gateway.groups()?),
        Command::Create { name, description } => {
            let request =
                GroupRequest { name: Some(name.clone()), remark: description.clone(), ..GroupRequest::default() };
            let made: Group = gateway.client.call(shape::CREATE, Call::of(&[&gateway.id]).body(&request)?)?;
            context
                .output
                .data(&made, || format!("group {} answers at {}", escape(&made.name), escape(&made.sl_domain)))
        }
        Command::Show { group } => show(context, &gateway, &gateway.group(group)?),
        Command::Delete { group, yes } => {
            let group = gateway.group(group)?;
            if !yes {
                delete::confirm(&group.name, "its domains and variables", context.output.interactive)?;
            }
            gateway.client.perform(shape::DELETE, Call::of(&[&gateway.id, &group.id]))?;
            let deleted = json!({ "id": group.id, "name": group.name, "deleted": true });
            context.output.data(&deleted, || format!("deleted group {}", escape(&group.name)))
        }
    }
}

fn list(context: &Context<'_>, groups: &[Group]) -> Result<()> {
    context.output.data(&groups, || {
        let mut table = Table::new(&["GROUP", "ID", "HOST", "DOMAINS", "DESCRIPTION"]);
        for group in groups {
            table.row([group.name.as_str(), &group.id, &group.sl_domain, &domains(group), &group.remark]);
        }
        table.text()
    })
}

fn domains(group: &Group) -> String {
    let names: Vec<&str> = group.url_domains.iter().map(|domain| domain.domain.as_str()).collect();
    if names.is_empty() { "-".to_owned() } else { names.join(", ") }
}

fn show(context: &Context<'_>, gateway: &Gateway, group: &Group) -> Result<()> {
    let mut apis = gateway.apis()?;
    apis.retain(|api| api.group_id.as_deref() == Some(&group.id));
    let mut shown = serde_json::to_value(group)?;
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("apis".to_owned(), serde_json::to_value(&apis)?);
    }
    context.output.data(&shown, || {
        let [name, id, host, about] = [&group.name, &group.id, &group.sl_domain, &group.remark].map(|text| escape(text));
        let closed = if group.sl_domain_access_enabled { "" } else { " (closed)" };
        let domains = domains(group);
        let head = format!(
            "group        {name}\nid           {id}\nhost         {host}{closed}\ndomains      {}\ndescription  {about}",
            escape(&domains)
        );
        if apis.is_empty() { head } else { format!("{head}\n\n{}", super::api::table(&apis)) }
    })
}
