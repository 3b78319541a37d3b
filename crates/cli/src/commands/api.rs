//! `funcd api`: edited, published, switched between versions, taken offline, tried.

mod debug;
mod edit;
mod release;

use anyhow::{Result, bail};
use serde_json::json;
use wire::apig::apis::{self as shape, Api};
use wire::funcd::info::Info;

use super::gateway::Gateway;
use super::{Context, delete, info};
use crate::client::Call;
use crate::output::{Table, escape};

pub(super) use debug::pairs;

/// Options of `funcd api`.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum Command {
    /// List the APIs: what they ask for, where they are published.
    #[command(after_help = "Examples:\n  funcd api list\n  funcd api list --group shop --json | jq -r '.[].req_uri'")]
    List {
        /// Only those of this group, by name or id.
        #[arg(long, value_name = "GROUP")]
        group: Option<String>,
    },
    /// Show an API as it is edited, and as it answers.
    #[command(after_help = "Examples:\n  funcd api show orders\n  funcd api show shop/orders --json")]
    Show(Named),
    /// Make an API that calls a function; with --publish it answers at once.
    #[command(after_help = edit::CREATE_HELP)]
    Create(edit::Create),
    /// Change what is edited of an API; what is published answers as before, until you publish.
    #[command(after_help = edit::EDIT_HELP)]
    Edit(edit::Edit),
    /// Let an API answer as it is edited now.
    #[command(after_help = release::PUBLISH_HELP)]
    Publish(release::Publish),
    /// Take an API offline; its definition and its versions stay.
    #[command(after_help = "Examples:\n  funcd api offline orders\n  funcd api offline orders --env test")]
    Offline(release::Offline),
    /// List what was published of an API, and which of it answers.
    #[command(after_help = "Examples:\n  funcd api versions orders\n  funcd api versions orders --env test --json")]
    Versions(release::Versions),
    /// Let a version that was published before answer again.
    #[command(
        after_help = "Examples:\n  funcd api versions orders\n  funcd api switch orders 5ecf36fdc7354f43a80ca5ef3e2d4fd5"
    )]
    Switch(release::Switch),
    /// Delete an API; a trigger that it belongs to goes with it.
    #[command(after_help = "Examples:\n  funcd api offline orders && funcd api delete orders --yes")]
    Delete {
        #[command(flatten)]
        api: Named,
        /// Delete without asking.
        #[arg(short, long)]
        yes: bool,
    },
    /// Call an API for a test, published or not, and print request, answer and what happened.
    #[command(after_help = debug::HELP)]
    Debug(debug::Arguments),
}

/// An API.
#[derive(Clone, Debug, clap::Args)]
struct Named {
    /// Name of the API, `group/name`, or its id.
    #[arg(value_name = "API")]
    api: String,
}

pub(super) fn run(context: &Context<'_>, arguments: &Arguments) -> Result<()> {
    let gateway = Gateway::ask(context)?;
    match &arguments.command {
        Command::List { group } => list(context, &gateway, group.as_deref()),
        Command::Show(named) => show(context, &gateway, &named.api),
        Command::Create(wanted) => edit::create(context, &gateway, wanted),
        Command::Edit(wanted) => edit::edit(context, &gateway, wanted),
        Command::Publish(wanted) => release::publish(context, &gateway, wanted),
        Command::Offline(wanted) => release::offline(context, &gateway, wanted),
        Command::Versions(wanted) => release::versions(context, &gateway, wanted),
        Command::Switch(wanted) => release::switch(context, &gateway, wanted),
        Command::Delete { api, yes } => remove(context, &gateway, &api.api, *yes),
        Command::Debug(wanted) => debug::run(context, &gateway, wanted),
    }
}

fn list(context: &Context<'_>, gateway: &Gateway, group: Option<&str>) -> Result<()> {
    let mut apis = gateway.apis()?;
    if let Some(group) = group {
        let group = gateway.group(group)?;
        apis.retain(|api| api.group_id.as_deref() == Some(&group.id));
    }
    if apis.is_empty() && !context.output.json {
        context.output.note("no APIs yet: `funcd api create NAME --function FUNCTION --path /PATH` makes one");
        return Ok(());
    }
    context.output.data(&apis, || table(&apis))
}

pub(super) fn table(apis: &[Api]) -> String {
    let mut table = Table::new(&["API", "GROUP", "METHOD", "PATH", "AUTH", "PUBLISHED", "ID"]);
    for api in apis {
        let published = api.run_env_name.as_deref().map_or_else(|| "-".to_owned(), |names| names.replace('|', ", "));
        let [name, group, method, auth] = [&api.name, &api.group_name, &api.req_method, &api.auth_type]
            .map(|text| text.as_deref().unwrap_or_default());
        table.row([name, group, method, &path_of(api), auth, &published, &api.id]);
    }
    table.text()
}

/// The path; what follows it may be anything where a `*` stands.
fn path_of(api: &Api) -> String {
    let path = api.req_uri.as_deref().unwrap_or_default();
    let prefix = api.match_mode.as_deref() == Some("SWA");
    if prefix { format!("{}/*", path.trim_end_matches('/')) } else { path.to_owned() }
}

fn show(context: &Context<'_>, gateway: &Gateway, named: &str) -> Result<()> {
    let api = gateway.api(named)?;
    let published = running(gateway, &api)?;
    let mut shown = serde_json::to_value(&api)?;
    let mut lines = vec![format!("id         {}", escape(&api.id))];
    lines.push(format!("edited     {}", line(&api)));
    for one in &published {
        let stage = one.run_env_name.as_deref().unwrap_or_default();
        lines.push(format!("answers    {} in {}", line(one), escape(stage)));
    }
    if let Some(url) = url(gateway, &api, published.first())? {
        lines.push(format!("url        {}", escape(&url)));
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("url".to_owned(), json!(url));
        }
    }
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("published".to_owned(), serde_json::to_value(&published)?);
    }
    let name = api.name.as_deref().unwrap_or_default();
    context.output.data(&shown, || format!("api        {}\n{}", escape(name), lines.join("\n")))
}

/// Method, path, who may call, and what is called.
fn line(api: &Api) -> String {
    let method = api.req_method.as_deref().unwrap_or_default();
    let auth = api.auth_type.as_deref().unwrap_or_default();
    let function = api.func_info.as_ref().and_then(|info| info.function_urn.as_deref());
    let called = function.map(|urn| format!(" -> {}", escape(urn))).unwrap_or_default();
    format!("{} {} (auth {}){called}", escape(method), escape(&path_of(api)), escape(auth))
}

/// What answers in each environment, RELEASE first.
fn running(gateway: &Gateway, api: &Api) -> Result<Vec<Api>> {
    let ids = api.run_env_id.as_deref().unwrap_or_default();
    let one = |env: &str| -> Result<Api> {
        let query = [("env_id", env.to_owned())];
        let place = [gateway.id.as_str(), &api.id];
        Ok(gateway.client.call(shape::RUNTIME, Call { query: &query, ..Call::of(&place) })?)
    };
    ids.split('|').filter(|id| !id.is_empty()).map(one).collect()
}

/// Where it answers, if it does.
fn url(gateway: &Gateway, api: &Api, published: Option<&Api>) -> Result<Option<String>> {
    let Some(published) = published else { return Ok(None) };
    let info = info(&gateway.client)?;
    let path = published.req_uri.as_deref().unwrap_or_default();
    let bare = api.group_id.as_deref() == Some(&info.default_group_id);
    let host = published.sl_domain.as_deref().filter(|_| !bare);
    Ok(Some(format!("{}{path}", origin(&info, published.req_protocol.as_deref(), host))))
}

/// The gateway's address at a host, or at its bare one: by https where the API asks for it and the gateway has it.
fn origin(info: &Info, protocol: Option<&str>, host: Option<&str>) -> String {
    let secure = matches!(protocol, Some("HTTPS" | "GRPCS"));
    match (host, &info.gateway_tls_url, info.gateway_tls_port) {
        (Some(host), _, Some(port)) if secure => format!("https://{host}:{port}"),
        (Some(host), ..) => format!("http://{host}:{}", info.gateway_port),
        (None, Some(tls), _) if secure => tls.clone(),
        (None, ..) => info.gateway_url.clone(),
    }
}

fn remove(context: &Context<'_>, gateway: &Gateway, named: &str, yes: bool) -> Result<()> {
    let api = gateway.api(named)?;
    let name = api.name.as_deref().unwrap_or_default();
    if let Some(environments) = api.run_env_name.as_deref().filter(|names| !names.is_empty()) {
        let (name, environments) = (escape(name), environments.replace('|', ", "));
        bail!("API {name} is published in {}: take it offline first with `funcd api offline`", escape(&environments));
    }
    if !yes {
        delete::confirm(name, "its versions and the trigger it belongs to", context.output.interactive)?;
    }
    gateway.client.perform(shape::DELETE, Call::of(&[&gateway.id, &api.id]))?;
    let deleted = json!({ "id": api.id, "name": name, "deleted": true });
    context.output.data(&deleted, || format!("deleted API {}", escape(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(protocol: &str, host: Option<&str>, tls: Option<u16>, expect: &str) {
        let info = Info {
            gateway_url: "http://127.0.0.1:8080".into(),
            gateway_port: 8080,
            gateway_tls_url: tls.map(|port| format!("https://127.0.0.1:{port}")),
            gateway_tls_port: tls,
            ..Info::default()
        };
        assert_eq!(origin(&info, Some(protocol), host), expect);
    }

    #[test]
    fn an_api_for_https_only_is_shown_by_https_where_the_gateway_has_that() {
        check("HTTPS", None, Some(8443), "https://127.0.0.1:8443");
        check("GRPCS", Some("g.localhost"), Some(8443), "https://g.localhost:8443");
        check("HTTPS", Some("g.localhost"), None, "http://g.localhost:8080");
        check("BOTH", Some("g.localhost"), Some(8443), "http://g.localhost:8080");
        check("HTTP", None, Some(8443), "http://127.0.0.1:8080");
    }
}
