//! `funcd alias`.

use anyhow::{Result, bail, ensure};
use serde_json::json;
use wire::fgs::aliases::{self, Alias, CreateAliasRequest, UpdateAliasRequest, VersionStrategy, VersionStrategyRule};
use wire::fgs::triggers;

use super::{Context, function, info};
use crate::client::{Call, Client};
use crate::output::{Table, escape};

/// Options of `funcd alias`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// Let an alias stand for a version, or for two of which each request goes to one.
    Set(Set),
    /// List the aliases of a function and the versions they stand for.
    #[command(after_help = "Examples:\n  funcd alias list web\n  funcd alias list web --json | jq -r '.[].alias_urn'")]
    List {
        /// Name of the function, `package:name`, or its URN.
        #[arg(value_name = "NAME")]
        function: String,
    },
    /// Delete an alias; its versions stay.
    #[command(after_help = "Examples:\n  funcd alias delete web prod")]
    Delete {
        /// Name of the function, `package:name`, or its URN.
        #[arg(value_name = "NAME")]
        function: String,
        /// Name of the alias.
        #[arg(value_name = "ALIAS")]
        alias: String,
    },
}

/// Options of `funcd alias set`.
#[derive(Clone, Debug, clap::Args)]
#[command(
    after_help = "An alias that exists is changed as a whole and at once: no request fails, none sees a third version.
A value with commas means any of them: --cookie tier=gold,silver.

Examples:
  funcd alias set web prod v1 --domain prod.localhost      the alias has a URL of its own
  funcd alias set web prod v1 --additional v2 --weight 20  20 % of the requests go to v2
  funcd alias set web prod v1 --additional v2 --header X-Beta=yes
  funcd alias set web prod v2                              all go to v2 from now on"
)]
struct Set {
    /// Name of the function, `package:name`, or its URN.
    #[arg(value_name = "NAME")]
    function: String,
    /// Name of the alias: 1 to 63 letters, digits, '-' and '_'.
    #[arg(value_name = "ALIAS")]
    alias: String,
    /// The version requests go to, `latest` or a published one.
    #[arg(value_name = "VERSION")]
    version: String,
    /// Another published version, which some requests go to: --weight, --header and --cookie say which.
    #[arg(long, value_name = "VERSION")]
    additional: Option<String>,
    /// Of a hundred requests, how many go to the additional version.
    #[arg(long, value_name = "0-100", requires = "additional", conflicts_with_all = ["headers", "cookies"])]
    weight: Option<u8>,
    /// Requests with this header go to the additional version; repeatable, all must fit unless --any.
    #[arg(long = "header", value_name = "NAME=VALUE", requires = "additional")]
    headers: Vec<String>,
    /// Requests with this cookie go to the additional version; repeatable, as --header.
    #[arg(long = "cookie", value_name = "NAME=VALUE", requires = "additional")]
    cookies: Vec<String>,
    /// One header or cookie that fits is enough.
    #[arg(long, requires = "additional")]
    any: bool,
    /// What to remember about it, at most 512 characters.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Give the alias a URL of its own at this host, unless it has it already.
    #[arg(long, value_name = "HOST")]
    domain: Option<String>,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let client = context.client()?;
    let region = info(&client)?.region;
    let urn = |typed: &str| function::urn(&client, &region, typed);
    match &arguments.command {
        Command::Set(wanted) => set(context, &client, &urn(&wanted.function), wanted),
        Command::List { function } => list(context, &client, &urn(function)),
        Command::Delete { function, alias } => {
            client.perform(aliases::DELETE, Call::of(&[&urn(function), alias]))?;
            let deleted = json!({ "function_urn": urn(function), "alias": alias, "deleted": true });
            context.output.data(&deleted, || format!("deleted alias {}", escape(alias)))
        }
    }
}

fn set(context: &Context<'_>, client: &Client, urn: &str, wanted: &Set) -> Result<()> {
    let request = wanted.request()?;
    let place = [urn, wanted.alias.as_str()];
    let alias: Alias = match client.call::<Alias>(aliases::SHOW, Call::of(&place)) {
        Ok(_) => client.call(aliases::UPDATE, Call::of(&place).body(&request)?)?,
        Err(error) if error.status() == Some(404) => {
            let UpdateAliasRequest { version, description, additional_version_weights, additional_version_strategy } =
                request;
            let name = Some(wanted.alias.clone());
            let request = CreateAliasRequest {
                name,
                version,
                description,
                additional_version_weights,
                additional_version_strategy,
            };
            client.call(aliases::CREATE, Call::of(&[urn]).body(&request)?)?
        }
        Err(error) => return Err(error.into()),
    };
    if let Some(domain) = &wanted.domain {
        give_url(client, &alias, domain)?;
    }
    let urls = function::urls(&function::triggers(client, &alias.alias_urn)?);
    let mut shown = serde_json::to_value(&alias)?;
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("urls".to_owned(), json!(urls));
    }
    context.output.data(&shown, || {
        let urls: String = urls.iter().map(|url| format!("\n{}", escape(url))).collect();
        format!("{} stands for {}{urls}", escape(&alias.name), escape(&stands_for(&alias)))
    })
}

impl Set {
    fn request(&self) -> Result<UpdateAliasRequest> {
        let (version, description) = (Some(self.version.clone()), self.description.clone());
        let mut request = UpdateAliasRequest { version, description, ..UpdateAliasRequest::default() };
        let Some(additional) = self.additional.clone() else { return Ok(request) };
        let mut rules = Vec::new();
        for (rule_type, given) in [("header", &self.headers), ("cookie", &self.cookies)] {
            for text in given {
                rules.push(rule(rule_type, text)?);
            }
        }
        match self.weight {
            Some(weight) => request.additional_version_weights = Some([(additional, i64::from(weight))].into()),
            None if rules.is_empty() => {
                bail!("--additional {additional} needs --weight, --header or --cookie: which requests go there")
            }
            None => {
                let combine_type = Some(if self.any { "or" } else { "and" }.to_owned());
                request.additional_version_strategy =
                    Some([(additional, VersionStrategy { rules, combine_type })].into());
            }
        }
        Ok(request)
    }
}

fn rule(rule_type: &str, text: &str) -> Result<VersionStrategyRule> {
    let (param, value) = text.split_once('=').unwrap_or((text, ""));
    ensure!(!param.is_empty() && !value.is_empty(), "--{rule_type} '{text}' must be NAME=VALUE");
    let op = if value.contains(',') { "in" } else { "=" };
    let [rule_type, param, op, value] = [rule_type, param, op, value].map(str::to_owned);
    Ok(VersionStrategyRule { rule_type, param, op, value })
}

/// A trigger that answers everything at a host, unless the alias has it.
fn give_url(client: &Client, alias: &Alias, domain: &str) -> Result<()> {
    let domain = domain.to_ascii_lowercase();
    let there = function::triggers(client, &alias.alias_urn)?;
    if there.iter().any(|trigger| trigger.event_data.sl_domain.as_deref() == Some(&domain)) {
        return Ok(());
    }
    let body = json!({
        "trigger_type_code": "DEDICATEDGATEWAY",
        "event_data": {
            "name": alias.name, "path": "/", "auth": "NONE", "sl_domain": domain, "func_info": { "timeout": 60_000 },
        },
    });
    Ok(client.perform(triggers::CREATE, Call::of(&[&alias.alias_urn]).body(&body)?)?)
}

fn list(context: &Context<'_>, client: &Client, urn: &str) -> Result<()> {
    let aliases: Vec<Alias> = client.call(aliases::LIST, Call::of(&[urn]))?;
    if aliases.is_empty() && !context.output.json {
        context.output.note("no aliases yet: `funcd alias set NAME ALIAS VERSION` makes one");
        return Ok(());
    }
    context.output.data(&aliases, || {
        let mut table = Table::new(&["ALIAS", "STANDS FOR", "MODIFIED (UTC)", "DESCRIPTION"]);
        for alias in &aliases {
            table.row([alias.name.as_str(), &stands_for(alias), &alias.last_modified, &alias.description]);
        }
        table.text()
    })
}

/// `v1, v2 for 20 %`, or `v1, v2 where header X-Beta = yes`.
fn stands_for(alias: &Alias) -> String {
    let weights = alias.additional_version_weights.iter().flatten();
    let weights = weights.map(|(version, weight)| format!(", {version} for {weight} %"));
    let rules = alias.additional_version_strategy.iter().flatten().map(|(version, strategy)| {
        let join = format!(" {} ", strategy.combine_type.as_deref().unwrap_or("and"));
        let rule = |rule: &VersionStrategyRule| format!("{} {} {} {}", rule.rule_type, rule.param, rule.op, rule.value);
        format!(", {version} where {}", strategy.rules.iter().map(rule).collect::<Vec<_>>().join(&join))
    });
    format!("{}{}", alias.version, weights.chain(rules).collect::<String>())
}
