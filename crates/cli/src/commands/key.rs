//! `funcd key`.

use anyhow::Result;
use serde_json::json;
use wire::iam::credentials::{
    self, Credential, CredentialRequest, CredentialResponse, ListCredentialsResponse, NewCredential,
};

use super::{Context, delete, identity};
use crate::client::{Call, Client};
use crate::output::{Table, escape};

/// Options of `funcd key`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Make an access key; its secret key is shown now and never again.
    #[command(after_help = "Examples:
  funcd key create                       another one of one's own
  funcd key create ci                    one for the user ci
  funcd key create ci --json > key.json  for programs: access, secret

To use it: FUNCD_ACCESS_KEY and FUNCD_SECRET_KEY, or a profile in ~/.config/funcd/config.toml.")]
    Create {
        /// Name or id of the user; one's own without it.
        #[arg(value_name = "USER")]
        user: Option<String>,
        /// What to remember about it, at most 255 characters.
        #[arg(long, value_name = "TEXT")]
        description: Option<String>,
    },
    /// List the access keys of a user, and when each was last used.
    #[command(after_help = "Examples:\n  funcd key list\n  funcd key list ci --json | jq -r '.[].access'")]
    List {
        /// Name or id of the user; one's own without it.
        #[arg(value_name = "USER")]
        user: Option<String>,
    },
    /// Switch an access key off: what it signs is refused at once.
    #[command(after_help = "Examples:\n  funcd key disable AK7GDZHGNXHHLZ0FGEX1")]
    Disable {
        /// The access key.
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Switch an access key on again.
    #[command(after_help = "Examples:\n  funcd key enable AK7GDZHGNXHHLZ0FGEX1")]
    Enable {
        /// The access key.
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Delete an access key: nothing brings it back.
    #[command(after_help = "Examples:\n  funcd key delete AK7GDZHGNXHHLZ0FGEX1 --yes")]
    Delete {
        /// The access key.
        #[arg(value_name = "KEY")]
        key: String,
        /// Delete without asking.
        #[arg(short, long)]
        yes: bool,
    },
    /// Make a new access key for the user of an old one, and switch the old one off.
    #[command(
        after_help = "The old key is disabled, not deleted: `funcd key enable` brings it back for what was forgotten.
With --keep, and for the key this command itself signs with, it stays enabled until you disable it.

Examples:
  funcd key rotate AK7GDZHGNXHHLZ0FGEX1
  funcd key rotate AK7GDZHGNXHHLZ0FGEX1 --keep    both are good until the old one is disabled"
    )]
    Rotate {
        /// The old access key.
        #[arg(value_name = "KEY")]
        key: String,
        /// Leave the old key enabled.
        #[arg(long)]
        keep: bool,
    },
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    match &arguments.command {
        Command::Create { user, description } => {
            let user_id = user.as_deref().map(|user| identity::user(&client, user)).transpose()?.map(|user| user.id);
            let made = create(&client, NewCredential { user_id, description: description.clone(), status: None })?;
            shown_once(context, &made, serde_json::to_value(&made)?)
        }
        Command::List { user } => list(context, &client, user.as_deref()),
        Command::Disable { key } => {
            let key = switch(&client, key, "inactive")?;
            context.output.data(&key, || format!("access key {} is disabled", escape(&key.access)))
        }
        Command::Enable { key } => {
            let key = switch(&client, key, "active")?;
            context.output.data(&key, || format!("access key {} is enabled", escape(&key.access)))
        }
        Command::Delete { key, yes } => {
            if !yes {
                delete::confirm(&format!("access key {key}"), "all it gives", context.output.interactive)?;
            }
            client.perform(credentials::DELETE, Call::of(&[key]))?;
            let deleted = json!({ "access": key, "deleted": true });
            context.output.data(&deleted, || format!("deleted access key {}", escape(key)))
        }
        Command::Rotate { key, keep } => rotate(context, &client, key, *keep),
    }
}

fn create(client: &Client, credential: NewCredential) -> Result<Credential> {
    let request = CredentialRequest { credential };
    let made: CredentialResponse = client.call(credentials::CREATE, Call::of(&[]).body(&request)?)?;
    Ok(made.credential)
}

fn shown_once(context: &Context<'_>, key: &Credential, shown: serde_json::Value) -> Result<()> {
    let secret = key.secret.as_deref().unwrap_or_default();
    let text = || format!("access key  {}\nsecret key  {}", escape(&key.access), escape(secret));
    context.output.data(&shown, text)?;
    if !context.output.json {
        context.output.note("the secret key is not shown again: keep it now");
    }
    Ok(())
}

fn show(client: &Client, key: &str) -> Result<Credential> {
    Ok(client.call::<CredentialResponse>(credentials::SHOW, Call::of(&[key]))?.credential)
}

fn list(context: &Context<'_>, client: &Client, user: Option<&str>) -> Result<()> {
    let user = user.map(|user| identity::user(client, user)).transpose()?;
    let query: Vec<(&str, String)> = user.map(|user| ("user_id", user.id)).into_iter().collect();
    let call = Call { query: &query, ..Call::of(&[]) };
    let listed: ListCredentialsResponse = client.call(credentials::LIST, call)?;
    // Only a key by itself says when it was last used.
    let keys = listed.credentials.iter().map(|key| show(client, &key.access)).collect::<Result<Vec<_>>>()?;
    if keys.is_empty() && !context.output.json {
        context.output.note("no access keys: `funcd key create USER` makes one");
        return Ok(());
    }
    context.output.data(&keys, || {
        let mut table = Table::new(&["ACCESS KEY", "STATE", "MADE (UTC)", "LAST USED (UTC)", "DESCRIPTION"]);
        for key in &keys {
            let state = if key.status == "active" { "enabled" } else { "disabled" };
            let used = key.last_use_time.as_deref().filter(|used| !used.is_empty()).unwrap_or("never");
            table.row([key.access.as_str(), state, &key.create_time, used, &key.description]);
        }
        table.text()
    })
}

fn switch(client: &Client, key: &str, status: &str) -> Result<Credential> {
    let change = NewCredential { status: Some(status.to_owned()), ..NewCredential::default() };
    let change = CredentialRequest { credential: change };
    Ok(client.call::<CredentialResponse>(credentials::UPDATE, Call::of(&[key]).body(&change)?)?.credential)
}

fn rotate(context: &Context<'_>, client: &Client, old: &str, keep: bool) -> Result<()> {
    let Credential { user_id, description, .. } = show(client, old)?;
    let made = create(
        client,
        NewCredential { user_id: Some(user_id), description: Some(description), ..NewCredential::default() },
    )?;
    let own = client.connection().access_key == old;
    // The new one is shown whatever becomes of the old one: nobody can ask for it again.
    let disabled = if keep || own { Ok(false) } else { switch(client, old, "inactive").map(|_| true) };
    let mut shown = serde_json::to_value(&made)?;
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("replaces".to_owned(), json!(old));
        fields.insert("old_disabled".to_owned(), json!(matches!(disabled, Ok(true))));
    }
    shown_once(context, &made, shown)?;
    if !disabled? && !context.output.json {
        let why = if own { ", as this command signs with it" } else { "" };
        let old = escape(old);
        context.output.note(&format!("{old} is still enabled{why}: `funcd key disable {old}` once nothing needs it"));
    }
    Ok(())
}
