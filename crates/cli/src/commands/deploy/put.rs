//! Function and trigger as one change: all of it happens, or what was done is taken back.
//!
//! An existing function gets a new trigger before its settings and code change, as a taken host or path is the likeliest
//! refusal and a trigger the easiest to take back; the one it replaces goes last.

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use wire::fgs::code::{self, FunctionCode, UpdateCodeRequest};
use wire::fgs::config::{self, Function, UpdateConfigRequest};
use wire::fgs::functions::{self, CreateFunctionRequest};
use wire::fgs::triggers::Trigger;
use wire::funcd::info::Info;

use super::trigger::{self, Place, Published, Step};
use super::{Settings, plan};
use crate::client::{Call, Client, Error, LONG_PATIENCE};
use crate::commands::{Context, function};
use crate::output::escape;
use crate::package::Package;

/// The function as it shall be.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'a> {
    pub(super) name: &'a str,
    /// The folder's or zip's own name, where nobody chose `name` and it is another.
    pub(super) made_from: Option<&'a str>,
    pub(super) service: &'a Info,
    pub(super) settings: &'a Settings,
    pub(super) place: Place<'a>,
    /// Ids of versions of dependencies; none: as it is.
    pub(super) depend_on: Option<Vec<String>>,
}

/// Creates the function, or updates the one there is.
///
/// # Errors
/// When anything is refused; the function is then as it was, or the error says what is not.
pub(super) fn put(
    context: &Context<'_>,
    client: &Client,
    wanted: &Wanted<'_>,
    package: Package,
) -> Result<(Function, Published)> {
    let name = wanted.name;
    let urn = function::urn(client, &wanted.service.region, name);
    if let Some(current) = function::find(client, &urn)? {
        return update(context, client, wanted, (&urn, &current), package);
    }
    context.output.note(&match wanted.made_from {
        Some(from) => format!("creating {name}: '{}' is deployed as {name}, unless --name says else", escape(from)),
        None => format!("creating {name}"),
    });
    let request = CreateFunctionRequest {
        depend_version_list: wanted.depend_on.clone(),
        ..plan::create(name, wanted.settings, package.bytes.clone())
    };
    let function: Function = match upload(context, client, functions::CREATE, &[], &request) {
        Ok(function) => function,
        // Somebody else made it in the meantime.
        Err(error) if error.status() == Some(409) => match function::find(client, &urn)? {
            Some(current) => return update(context, client, wanted, (&urn, &current), package),
            None => return Err(error.into()),
        },
        Err(error) => return Err(error).with_context(|| format!("{name} was not created")),
    };
    match wanted.place.make(client, wanted.service, &function) {
        Ok(trigger) => Ok((function, wanted.place.published(&trigger, wanted.service))),
        Err(error) => {
            client.perform(functions::DELETE, Call::of(&[&urn])).with_context(|| {
                format!("{name} was created without a URL ({error}), and could not be deleted again")
            })?;
            let refused = format!("{name} was not created, {}", no_url(wanted, &error, "--name or --path"));
            Err(error).context(refused)
        }
    }
}

/// That the service refused the trigger; where another function has the place, which `options` give another.
fn no_url(wanted: &Wanted<'_>, error: &Error, options: &str) -> String {
    let advice = if error.status() == Some(409) { format!(" (choose another {options})") } else { String::new() };
    format!("as it cannot have the URL {}{advice}", wanted.place.url(wanted.service))
}

fn update(
    context: &Context<'_>,
    client: &Client,
    wanted: &Wanted<'_>,
    (urn, current): (&str, &Function),
    package: Package,
) -> Result<(Function, Published)> {
    let (name, place, service) = (wanted.name, &wanted.place, wanted.service);
    if let Some(from) = wanted.made_from {
        bail!(
            "'{}' would be deployed as {name}, and there is a function of that name: give --name {name} to update it, or \
             another --name",
            escape(from)
        );
    }
    let there = function::triggers(client, urn)?;
    let step = place.step(&there).with_context(|| format!("{name} was not updated"))?;
    let change = plan::update(current, wanted.settings)?;
    let code = UpdateCodeRequest { depend_version_list: wanted.depend_on.clone(), ..plan::code(name, package.bytes) };
    context.output.note(&format!("updating {name}"));
    let (trigger, replaced) = match step {
        Step::Keep(trigger) => {
            change_and_upload(context, client, (urn, current), change.as_ref(), code)?;
            (trigger.clone(), None)
        }
        Step::Make { replaced } => {
            let trigger = place.make(client, service, current).map_err(|error| {
                let refused = format!("{name} was not updated, {}", no_url(wanted, &error, "--path"));
                anyhow::Error::from(error).context(refused)
            })?;
            if let Err(error) = change_and_upload(context, client, (urn, current), change.as_ref(), code) {
                trigger::remove(client, urn, &trigger)
                    .with_context(|| format!("{error:#}. Its new URL was made before and could not be removed"))?;
                return Err(error);
            }
            (trigger, replaced)
        }
    };
    let published = place.published(&trigger, service);
    if let Some(old) = replaced {
        replace(context, client, (urn, name), old, &published)?;
    } else if place.said {
        tell_of_others(context, &there, &trigger);
    }
    let function = function::find(client, urn)?.ok_or_else(|| function::absent(name))?;
    Ok((function, published))
}

fn replace(
    context: &Context<'_>,
    client: &Client,
    (urn, name): (&str, &str),
    old: &Trigger,
    published: &Published,
) -> Result<()> {
    let old_url = escape(old.event_data.invoke_url.as_deref().unwrap_or("without an address"));
    trigger::remove(client, urn, old).with_context(|| {
        format!("{name} is updated and published at {}, but its old URL {old_url} could not be removed", published.url)
    })?;
    context.output.note(&format!("removed its URL {old_url}"));
    Ok(())
}

fn tell_of_others(context: &Context<'_>, there: &[Trigger], kept: &Trigger) {
    let others = there.iter().filter(|trigger| trigger.trigger_id != kept.trigger_id);
    for url in others.filter_map(|trigger| trigger.event_data.invoke_url.as_deref()) {
        context.output.note(&format!("its URL {} stays", escape(url)));
    }
}

/// Changes configuration, then code; when the code is refused the configuration is put back.
fn change_and_upload(
    context: &Context<'_>,
    client: &Client,
    (urn, current): (&str, &Function),
    change: Option<&UpdateConfigRequest>,
    code: UpdateCodeRequest,
) -> Result<()> {
    let (name, place) = (&current.func_name, [urn]);
    if let Some(change) = change {
        let call = Call::of(&place).body(change)?;
        client
            .call::<Function>(config::UPDATE, call)
            .with_context(|| format!("{name} was not updated: its settings were refused"))?;
    }
    let uploaded: Result<FunctionCode, Error> = upload(context, client, code::UPDATE, &place, &code);
    let Err(error) = uploaded else { return Ok(()) };
    if let Some(change) = change {
        let undo = Call::of(&place).body(&plan::undo(current, change))?;
        client
            .call::<Function>(config::UPDATE, undo)
            .with_context(|| format!("{error}. Its settings were changed before and could not be put back"))?;
    }
    Err(error).with_context(|| format!("{name} was not updated: it is as it was"))
}

/// Sends a request with a package in it, which may take a while.
fn upload<T: serde::de::DeserializeOwned>(
    context: &Context<'_>,
    client: &Client,
    operation: wire::Operation,
    arguments: &[&str],
    request: &impl Serialize,
) -> Result<T, Error> {
    let call = Call::of(arguments).body(request)?;
    let bytes = call.body.as_ref().map_or(0, Vec::len) as u64;
    let progress = context.output.progress("uploading", bytes);
    let answer = client.call(operation, Call { patience: LONG_PATIENCE, progress: progress.clone(), ..call });
    progress.finish_and_clear();
    answer
}
