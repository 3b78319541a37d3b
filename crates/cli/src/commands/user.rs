//! `funcd user`.

use std::io::{self, BufRead as _};

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use wire::iam::groups;
use wire::iam::users::{self, NewUser, User, UserRequest, UserResponse};

use super::{Context, delete, identity};
use crate::client::{Call, Client};
use crate::output::{Table, escape};

/// Options of `funcd user`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Make a user for a person or a program, with the rights of its groups and policies.
    Create(Create),
    /// List the users and whether they may act.
    #[command(after_help = "Examples:\n  funcd user list\n  funcd user list --json | jq -r '.[].name'")]
    List,
    /// Switch a user off: its keys and tokens are refused at once.
    #[command(after_help = "Examples:\n  funcd user disable ann")]
    Disable {
        /// Name or id of the user.
        #[arg(value_name = "USER")]
        user: String,
    },
    /// Switch a user on again; tokens of before stay void.
    #[command(after_help = "Examples:\n  funcd user enable ann")]
    Enable {
        /// Name or id of the user.
        #[arg(value_name = "USER")]
        user: String,
    },
    /// Delete a user with all its access keys.
    #[command(after_help = "Examples:\n  funcd user delete ann\n  funcd user delete ann --yes")]
    Delete {
        /// Name or id of the user.
        #[arg(value_name = "USER")]
        user: String,
        /// Delete without asking.
        #[arg(short, long)]
        yes: bool,
    },
}

/// Options of `funcd user create`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "Without --policy or --group a user may do nothing but manage its own keys. Policies of the system:
  FullAccess, ReadOnlyAccess, CommonOperations (look and call), Security Administrator (identities only),
  FunctionGraph FullAccess, FunctionGraph ReadOnlyAccess, FunctionGraph CommonOperations

Examples:
  funcd user create ci --policy 'FunctionGraph FullAccess'
  funcd key create ci                                        keys for it, shown once
  funcd user create ann --policy ReadOnlyAccess --in shop    nothing outside the project shop
  funcd user create ann --group admin --password-stdin < password.txt"
)]
struct Create {
    /// Name of the user: 1 to 64 characters.
    #[arg(value_name = "USER")]
    user: String,
    /// Name or id of a policy the user gets; repeatable. It is put in a group that has the policy, made if there is none.
    #[arg(long = "policy", value_name = "POLICY")]
    policies: Vec<String>,
    /// Give the policies in this project only.
    #[arg(long = "in", value_name = "PROJECT", requires = "policies")]
    within: Option<String>,
    /// Name or id of a group the user is put in; repeatable.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// Read a password for tokens from the first line of standard input; without one the user has keys only.
    #[arg(long)]
    password_stdin: bool,
    /// What to remember about it, at most 255 characters.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    match &arguments.command {
        Command::Create(wanted) => create(context, &client, wanted),
        Command::List => list(context, &client),
        Command::Disable { user } => switch(context, &client, user, false),
        Command::Enable { user } => switch(context, &client, user, true),
        Command::Delete { user, yes } => remove(context, &client, user, *yes),
    }
}

/// Everything that is named is looked up before the user is made: what is misspelt leaves nothing behind.
fn create(context: &Context<'_>, client: &Client, wanted: &Create) -> Result<()> {
    let within = wanted.within.as_deref().map(|project| identity::project(client, project)).transpose()?;
    let named = wanted.groups.iter().map(|group| identity::group(client, group));
    let mut groups = named.collect::<Result<Vec<_>>>()?;
    for policy in &wanted.policies {
        groups.push(identity::group_with(client, policy, within.as_ref())?);
    }
    let password = if wanted.password_stdin { Some(password()?) } else { None };
    let (name, description) = (Some(wanted.user.clone()), wanted.description.clone());
    let new = UserRequest { user: NewUser { name, password, description, ..NewUser::default() } };
    let made: UserResponse = client.call(users::CREATE_FULL, Call::of(&[]).body(&new)?)?;
    let user = made.user;
    for group in &groups {
        let added = client.perform(groups::ADD, Call::of(&[&group.id, &user.id]));
        added.with_context(|| format!("the user was made, but is not in the group '{}'", escape(&group.name)))?;
    }
    let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
    let mut shown = serde_json::to_value(&user)?;
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("groups".to_owned(), json!(names));
    }
    context.output.data(&shown, || {
        let within = if names.is_empty() { "in no group".to_owned() } else { escape(&names.join(", ")) };
        format!("user {} ({}): {within}", escape(&user.name), escape(&user.id))
    })?;
    if !context.output.json {
        context
            .output
            .note(&format!("`funcd key create {}` makes the keys it signs requests with", escape(&user.name)));
    }
    Ok(())
}

/// The first line of standard input.
fn password() -> Result<String> {
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("the password cannot be read from standard input")?;
    let password = line.trim_end_matches(['\r', '\n']);
    ensure!(!password.is_empty(), "--password-stdin: standard input has no password in its first line");
    Ok(password.to_owned())
}

fn list(context: &Context<'_>, client: &Client) -> Result<()> {
    let users = identity::users(client)?;
    context.output.data(&users, || {
        let mut table = Table::new(&["NAME", "ID", "STATE", "MADE (UTC)", "DESCRIPTION"]);
        for user in &users {
            let state = if user.enabled { "enabled" } else { "disabled" };
            table.row([user.name.as_str(), &user.id, state, &user.create_time, &user.description]);
        }
        table.text()
    })
}

fn switch(context: &Context<'_>, client: &Client, typed: &str, enabled: bool) -> Result<()> {
    let User { id, .. } = identity::user(client, typed)?;
    let change = UserRequest { user: NewUser { enabled: Some(enabled), ..NewUser::default() } };
    let UserResponse { user } = client.call(users::UPDATE, Call::of(&[&id]).body(&change)?)?;
    let state = if user.enabled { "enabled" } else { "disabled" };
    context.output.data(&user, || format!("user {} is {state}", escape(&user.name)))
}

fn remove(context: &Context<'_>, client: &Client, typed: &str, yes: bool) -> Result<()> {
    let user = identity::user(client, typed)?;
    if !yes {
        delete::confirm(&format!("user {}", user.name), "all its access keys", context.output.interactive)?;
    }
    client.perform(users::DELETE, Call::of(&[&user.id]))?;
    let deleted = json!({ "id": user.id, "name": user.name, "deleted": true });
    context.output.data(&deleted, || format!("deleted user {}", escape(&user.name)))
}
