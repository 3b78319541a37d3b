//! What makes APIs answer: publish, take offline, versions, switch.

use anyhow::{Context as _, Result};
use wire::apig::apis::{self as shape, ActionRequest, Api, ListVersionsResponse, Publication, SwitchRequest, Version};

use super::Named;
use crate::client::Call;
use crate::commands::Context;
use crate::commands::gateway::Gateway;
use crate::output::{Table, escape};

const RELEASE: &str = "RELEASE";

pub(super) const PUBLISH_HELP: &str = "Each time makes a version; the last ten of an environment are kept.

Examples:
  funcd api publish orders
  funcd api publish orders --env test --description 'with discounts'
  curl -H 'X-Stage: test' http://127.0.0.1:8080/orders";

/// An environment.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Place {
    /// Name or id of the environment; requests choose it with X-Stage.
    #[arg(long, value_name = "ENV", default_value = RELEASE)]
    env: String,
    /// What to remember about it, at most 255 characters.
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
}

impl Default for Place {
    fn default() -> Self {
        Self { env: RELEASE.to_owned(), description: None }
    }
}

/// Options of `funcd api publish`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Publish {
    #[command(flatten)]
    api: Named,
    #[command(flatten)]
    place: Place,
}

/// Options of `funcd api offline`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Offline {
    #[command(flatten)]
    api: Named,
    #[command(flatten)]
    place: Place,
}

/// Options of `funcd api versions`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Versions {
    #[command(flatten)]
    api: Named,
    /// Only those of this environment, by name or id.
    #[arg(long, value_name = "ENV")]
    env: Option<String>,
}

/// Options of `funcd api switch`.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Switch {
    #[command(flatten)]
    api: Named,
    /// Id or number of the version, as `funcd api versions` shows it.
    #[arg(value_name = "VERSION")]
    version: String,
}

pub(super) fn publish(context: &Context<'_>, gateway: &Gateway, wanted: &Publish) -> Result<()> {
    online(context, gateway, &gateway.api(&wanted.api.api)?, &wanted.place)
}

pub(super) fn online(context: &Context<'_>, gateway: &Gateway, api: &Api, place: &Place) -> Result<()> {
    let done = act(gateway, "online", api, place)?;
    let published: Api = gateway.api(&api.id)?;
    let running = super::running(gateway, &published)?;
    let here = running.into_iter().find(|one| one.run_env_id.as_deref() == Some(&done.env_id));
    let url = super::url(gateway, &published, here.as_ref())?.unwrap_or_default();
    let mut shown = serde_json::to_value(&done)?;
    if let Some(fields) = shown.as_object_mut() {
        fields.insert("url".to_owned(), serde_json::Value::String(url.clone()));
    }
    context.output.data(&shown, || {
        format!("published API {} in {}\n{}", escape(&done.api_name), escape(&place.env), escape(&url))
    })
}

pub(super) fn offline(context: &Context<'_>, gateway: &Gateway, wanted: &Offline) -> Result<()> {
    let done = act(gateway, "offline", &gateway.api(&wanted.api.api)?, &wanted.place)?;
    context.output.data(&done, || format!("API {} is offline in {}", escape(&done.api_name), escape(&wanted.place.env)))
}

fn act(gateway: &Gateway, action: &str, api: &Api, place: &Place) -> Result<Publication> {
    let request = ActionRequest {
        action: Some(action.to_owned()),
        env_id: Some(gateway.environment(&place.env)?.id),
        api_id: Some(api.id.clone()),
        remark: place.description.clone(),
    };
    Ok(gateway.client.call(shape::ACTION, Call::of(&[&gateway.id]).body(&request)?)?)
}

fn all(gateway: &Gateway, api: &Api) -> Result<Vec<Version>> {
    gateway.all(shape::LIST_VERSIONS, &[&api.id], |page: ListVersionsResponse| page.api_versions)
}

pub(super) fn versions(context: &Context<'_>, gateway: &Gateway, wanted: &Versions) -> Result<()> {
    let mut found = all(gateway, &gateway.api(&wanted.api.api)?)?;
    if let Some(env) = &wanted.env {
        let env = gateway.environment(env)?;
        found.retain(|version| version.env_id == env.id);
    }
    if found.is_empty() && !context.output.json {
        context.output.note("no versions yet: `funcd api publish API` makes one");
        return Ok(());
    }
    context.output.data(&found, || {
        let mut table = Table::new(&["VERSION", "ENVIRONMENT", "PUBLISHED (UTC)", "ANSWERS", "ID", "DESCRIPTION"]);
        for one in &found {
            let answers = if one.status == 1 { "yes" } else { "-" };
            table.row([
                one.version_no.as_str(),
                &one.env_name,
                &one.publish_time,
                answers,
                &one.version_id,
                &one.remark,
            ]);
        }
        table.text()
    })
}

pub(super) fn switch(context: &Context<'_>, gateway: &Gateway, wanted: &Switch) -> Result<()> {
    let api = gateway.api(&wanted.api.api)?;
    let named = &wanted.version;
    let found = all(gateway, &api)?.into_iter().find(|one| one.version_id == *named || one.version_no == *named);
    let version = found.with_context(|| {
        format!("the API has no version '{}': `funcd api versions` shows those there are", escape(named))
    })?;
    let request = SwitchRequest { version_id: Some(version.version_id) };
    let place = [gateway.id.as_str(), &api.id];
    let done: Publication = gateway.client.call(shape::SWITCH_VERSION, Call::of(&place).body(&request)?)?;
    context.output.data(&done, || {
        let (name, env) = (escape(&done.api_name), escape(&version.env_name));
        format!("API {name} answers in {env} as it was published at {}", escape(&version.publish_time))
    })
}
