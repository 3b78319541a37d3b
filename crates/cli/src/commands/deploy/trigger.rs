//! The place at the gateway: a trigger that is wanted is looked for, changed or made.

use anyhow::Result;
use wire::Operation;
use wire::fgs::config::Function;
use wire::fgs::triggers::{self, ApigEventData, CreateTriggerRequest, FuncInfo, Trigger, UpdateTriggerRequest};
use wire::funcd::info::Info;

use super::Arguments;
use crate::client::{Call, Client};
use crate::name;

/// The kind of gateway; both are the same one here.
const KIND: &str = "DEDICATEDGATEWAY";
/// Milliseconds a back end may take, the most there can be; the function's own timeout is what counts.
const BACKEND_TIMEOUT_MS: i64 = 60_000;

/// Where a function can be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Published {
    pub(super) url: String,
    /// Who may call it.
    pub(super) auth: String,
}

/// Sees to it that the function has the trigger that the arguments ask for.
pub(super) fn publish(
    client: &Client,
    service: &Info,
    function: &Function,
    arguments: &Arguments,
) -> Result<Published> {
    let urn = &function.func_urn;
    let there: Vec<Trigger> = client.call(triggers::LIST, Call::of(&[urn]))?;
    let wanted = Wanted::of(service, &function.func_name, arguments);
    let trigger = match wanted.among(&there) {
        Some(found) if wanted.auth.is_none_or(|auth| found.event_data.auth.as_deref() == Some(auth)) => found.clone(),
        Some(found) => {
            let event_data = ApigEventData { auth: wanted.auth.map(str::to_owned), ..ApigEventData::default() };
            let request = UpdateTriggerRequest {
                trigger_status: Some("ACTIVE".to_owned()),
                event_data: Some(serde_json::to_value(event_data)?),
            };
            let place = [urn.as_str(), &found.trigger_type_code, &found.trigger_id];
            send(client, triggers::UPDATE, &place, &request)?
        }
        None => {
            let request = CreateTriggerRequest {
                trigger_type_code: Some(KIND.to_owned()),
                trigger_status: Some("ACTIVE".to_owned()),
                event_type_code: None,
                event_data: Some(serde_json::to_value(wanted.event_data(function, service))?),
            };
            send(client, triggers::CREATE, &[urn], &request)?
        }
    };
    let event = trigger.event_data;
    let url = event.invoke_url.unwrap_or_else(|| wanted.url(service));
    Ok(Published { url, auth: event.auth.unwrap_or_else(|| "NONE".to_owned()) })
}

fn send(client: &Client, operation: Operation, arguments: &[&str], request: &impl serde::Serialize) -> Result<Trigger> {
    Ok(client.call(operation, Call::of(arguments).body(request)?)?)
}

/// The place that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted<'a> {
    /// Host of the function's own; `None` is the gateway's bare address.
    domain: Option<String>,
    path: &'a str,
    auth: Option<&'static str>,
    /// Whether the user said where, or any place will do.
    said: bool,
    default_group_id: &'a str,
}

impl<'a> Wanted<'a> {
    fn of(service: &'a Info, name: &str, arguments: &'a Arguments) -> Self {
        Self {
            domain: (!arguments.default_group).then(|| name::domain(name)),
            path: arguments.path.as_deref().unwrap_or("/"),
            auth: arguments.auth.map(super::Auth::code),
            said: arguments.default_group || arguments.path.is_some(),
            default_group_id: &service.default_group_id,
        }
    }

    /// The trigger at that place; where no place was said, any other will do.
    fn among<'t>(&self, there: &'t [Trigger]) -> Option<&'t Trigger> {
        let gateways = || there.iter().filter(|trigger| matches!(trigger.trigger_type_code.as_str(), "APIG" | KIND));
        let any = || gateways().next().filter(|_| !self.said);
        gateways().find(|trigger| self.is(&trigger.event_data)).or_else(any)
    }

    fn is(&self, event: &ApigEventData) -> bool {
        let group = event.group_id.as_deref().unwrap_or_default();
        let same_group = match &self.domain {
            Some(domain) => event.sl_domain.as_ref() == Some(domain),
            None => group == self.default_group_id || group == "DEFAULT",
        };
        same_group && event.path.as_deref() == Some(self.path)
    }

    fn event_data(&self, function: &Function, service: &Info) -> ApigEventData {
        ApigEventData {
            name: Some(format!("API_{}", function.func_name)),
            r#type: Some(1),
            path: Some(self.path.to_owned()),
            protocol: Some("HTTP".to_owned()),
            req_method: Some("ANY".to_owned()),
            group_id: self.domain.is_none().then(|| service.default_group_id.clone()),
            match_mode: Some("SWA".to_owned()),
            env_name: Some("RELEASE".to_owned()),
            env_id: Some("DEFAULT_ENVIRONMENT_RELEASE_ID".to_owned()),
            auth: Some(self.auth.unwrap_or("NONE").to_owned()),
            func_info: Some(FuncInfo {
                function_urn: Some(function.func_urn.clone()),
                invocation_type: Some("sync".to_owned()),
                timeout: Some(BACKEND_TIMEOUT_MS),
                version: Some("latest".to_owned()),
            }),
            sl_domain: self.domain.clone(),
            backend_type: Some("FUNCTION".to_owned()),
            ..ApigEventData::default()
        }
    }

    /// The URL, should the service not say it.
    fn url(&self, service: &Info) -> String {
        match &self.domain {
            Some(domain) => format!("http://{domain}:{}{}", service.gateway_port, self.path),
            None => format!("{}{}", service.gateway_url.trim_end_matches('/'), self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(kind: &str, domain: Option<&str>, group: &str, path: &str) -> Trigger {
        let event_data = ApigEventData {
            sl_domain: domain.map(Into::into),
            group_id: Some(group.into()),
            path: Some(path.into()),
            ..ApigEventData::default()
        };
        Trigger {
            trigger_type_code: kind.into(),
            trigger_id: format!("{kind}{path}"),
            event_data,
            ..Trigger::default()
        }
    }

    fn wanted(domain: Option<&str>, path: &'static str, said: bool) -> Wanted<'static> {
        Wanted { domain: domain.map(Into::into), path, auth: None, said, default_group_id: "g0" }
    }

    #[track_caller]
    fn check(wanted: Wanted<'_>, there: &[Trigger], expect: Option<&str>) {
        assert_eq!(wanted.among(there).map(|trigger| trigger.trigger_id.as_str()), expect);
    }

    #[test]
    fn the_place_that_was_said_is_looked_for_exactly() {
        let there =
            [trigger("APIG", None, "g0", "/user"), trigger("DEDICATEDGATEWAY", Some("web.localhost"), "g1", "/")];
        check(wanted(Some("web.localhost"), "/", true), &there, Some("DEDICATEDGATEWAY/"));
        check(wanted(None, "/user", true), &there, Some("APIG/user"));
        check(wanted(Some("web.localhost"), "/user", true), &there, None);
        check(wanted(None, "/", true), &there, None);
    }

    #[test]
    fn any_place_will_do_where_none_was_said_but_the_own_host_is_better() {
        let own = trigger("APIG", Some("web.localhost"), "g1", "/");
        let other = trigger("APIG", None, "g0", "/user");
        check(wanted(Some("web.localhost"), "/", false), &[other.clone(), own], Some("APIG/"));
        check(wanted(Some("web.localhost"), "/", false), &[other], Some("APIG/user"));
    }

    #[test]
    fn only_gateways_give_a_url() {
        check(wanted(Some("web.localhost"), "/", false), &[trigger("TIMER", None, "", "/")], None);
    }
}
