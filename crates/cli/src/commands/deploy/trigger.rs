//! The place at the gateway: a trigger that is wanted is looked for, made or removed.

use anyhow::{Result, bail};
use wire::fgs::config::Function;
use wire::fgs::triggers::{self, ApigEventData, CreateTriggerRequest, FuncInfo, Trigger};
use wire::funcd::info::Info;

use super::Arguments;
use crate::client::{Call, Client, Error};
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
    /// Whether it takes nothing but gRPC.
    pub(super) grpc: bool,
}

/// `protocol` of a place that takes gRPC.
const GRPCS: &str = "GRPCS";

/// What is to be done about the triggers of a function.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Step<'t> {
    /// This one is what is wanted.
    Keep(&'t Trigger),
    /// A new one is needed, in the place of this one.
    Make { replaced: Option<&'t Trigger> },
}

/// Removes a trigger; that somebody else did it already is as good.
pub(super) fn remove(client: &Client, urn: &str, trigger: &Trigger) -> Result<(), Error> {
    let place = [urn, &trigger.trigger_type_code, &trigger.trigger_id];
    match client.perform(triggers::DELETE, Call::of(&place)) {
        Err(error) if error.status() == Some(404) => Ok(()),
        removed => removed,
    }
}

/// The place that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place<'a> {
    /// The function's own host.
    own_host: String,
    /// Whether the gateway's bare address is wanted instead.
    bare: bool,
    path: &'a str,
    auth: Option<&'static str>,
    grpc: bool,
    /// Whether the user said where, or any place will do.
    pub(super) said: bool,
    default_group_id: &'a str,
}

impl<'a> Place<'a> {
    pub(super) fn of(service: &'a Info, name: &str, arguments: &'a Arguments) -> Self {
        Self {
            own_host: name::domain(name),
            bare: arguments.default_group,
            path: arguments.path.as_deref().unwrap_or("/"),
            auth: arguments.auth.map(super::Auth::code),
            grpc: arguments.grpc,
            said: arguments.default_group || arguments.path.is_some(),
            default_group_id: &service.default_group_id,
        }
    }

    /// The trigger at that place is kept, or any where no place was said. Else one is made, and the one that an earlier deploy
    /// made goes.
    ///
    /// # Errors
    /// When it cannot be told which one that is.
    pub(super) fn step<'t>(&self, there: &'t [Trigger]) -> Result<Step<'t>> {
        let gateways: Vec<&Trigger> =
            there.iter().filter(|trigger| matches!(trigger.trigger_type_code.as_str(), "APIG" | KIND)).collect();
        let fits = |trigger: &&&Trigger| {
            let event = &trigger.event_data;
            self.auth.is_none_or(|auth| event.auth.as_deref() == Some(auth))
                && (!self.grpc || event.protocol.as_deref() == Some(GRPCS))
        };
        let any = || gateways.iter().filter(|_| !self.said).find(fits);
        let found = gateways.iter().filter(|trigger| self.is(&trigger.event_data)).find(fits).or_else(any);
        if let Some(found) = found {
            return Ok(Step::Keep(found));
        }
        let replaced = match gateways.as_slice() {
            [] => None,
            [only] => Some(*only),
            several => Some(self.made_by_deploy(several)?),
        };
        Ok(Step::Make { replaced })
    }

    /// The one at the function's own host or at the bare address.
    fn made_by_deploy<'t>(&self, several: &[&'t Trigger]) -> Result<&'t Trigger> {
        let mut likely = several.iter().filter(|trigger| {
            let event = &trigger.event_data;
            event.sl_domain.as_ref() == Some(&self.own_host) || self.is_bare(event)
        });
        match (likely.next(), likely.next()) {
            (Some(only), None) => Ok(only),
            _ => bail!(
                "it has {} triggers, and which of them the new URL replaces cannot be told. `funcd show` lists them; remove \
                 those that are not needed through the REST API (DeleteFunctionTrigger), or deploy without --path, \
                 --default-group and --auth to keep them all",
                several.len()
            ),
        }
    }

    /// Makes the trigger.
    pub(super) fn make(&self, client: &Client, service: &Info, function: &Function) -> Result<Trigger, Error> {
        let event_data = serde_json::to_value(self.event_data(function, service)).map_err(Error::Unwritable)?;
        let request = CreateTriggerRequest {
            trigger_type_code: Some(KIND.to_owned()),
            trigger_status: Some("ACTIVE".to_owned()),
            event_type_code: None,
            event_data: Some(event_data),
        };
        client.call(triggers::CREATE, Call::of(&[&function.func_urn]).body(&request)?)
    }

    /// Where a trigger lets the function be called.
    pub(super) fn published(&self, trigger: &Trigger, service: &Info) -> Published {
        let event = &trigger.event_data;
        Published {
            url: event.invoke_url.clone().unwrap_or_else(|| self.url(service)),
            auth: event.auth.clone().unwrap_or_else(|| "NONE".to_owned()),
            grpc: event.protocol.as_deref() == Some(GRPCS),
        }
    }

    fn is(&self, event: &ApigEventData) -> bool {
        let same_group = if self.bare { self.is_bare(event) } else { event.sl_domain.as_ref() == Some(&self.own_host) };
        // The gateway does not tell `/user/` from `/user`.
        let same_path = |path: &str| path.trim_end_matches('/') == self.path.trim_end_matches('/');
        same_group && event.path.as_deref().is_some_and(same_path)
    }

    fn is_bare(&self, event: &ApigEventData) -> bool {
        event.group_id.as_deref().is_some_and(|group| group == self.default_group_id || group == "DEFAULT")
    }

    fn event_data(&self, function: &Function, service: &Info) -> ApigEventData {
        ApigEventData {
            name: Some(format!("API_{}", function.func_name)),
            r#type: Some(1),
            path: Some(self.path.to_owned()),
            protocol: Some(if self.grpc { GRPCS } else { "HTTP" }.to_owned()),
            req_method: Some("ANY".to_owned()),
            group_id: self.bare.then(|| service.default_group_id.clone()),
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
            sl_domain: (!self.bare).then(|| self.own_host.clone()),
            backend_type: Some("FUNCTION".to_owned()),
            ..ApigEventData::default()
        }
    }

    /// The URL of the place, where the service does not say it.
    pub(super) fn url(&self, service: &Info) -> String {
        if self.bare {
            return format!("{}{}", service.gateway_url.trim_end_matches('/'), self.path);
        }
        format!("http://{}:{}{}", self.own_host, service.gateway_port, self.path)
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

    fn place(bare: bool, path: &'static str, said: bool) -> Place<'static> {
        Place { own_host: "web.localhost".into(), bare, path, auth: None, grpc: false, said, default_group_id: "g0" }
    }

    /// `keep ID`, `replace ID`, `make`, or part of the refusal.
    #[track_caller]
    fn check(place: &Place<'_>, there: &[Trigger], expect: &str) {
        match place.step(there) {
            Ok(Step::Keep(trigger)) => assert_eq!(format!("keep {}", trigger.trigger_id), expect),
            Ok(Step::Make { replaced: Some(trigger) }) => {
                assert_eq!(format!("replace {}", trigger.trigger_id), expect);
            }
            Ok(Step::Make { replaced: None }) => assert_eq!("make", expect),
            Err(error) => assert!(error.to_string().contains(expect), "{error}"),
        }
    }

    #[test]
    fn the_place_that_was_said_is_looked_for_exactly() {
        let there =
            [trigger("APIG", None, "g0", "/user/"), trigger("DEDICATEDGATEWAY", Some("web.localhost"), "g1", "/")];
        check(&place(false, "/", true), &there, "keep DEDICATEDGATEWAY/");
        check(&place(true, "/user", true), &there, "keep APIG/user/");
    }

    #[test]
    fn any_place_will_do_where_none_was_said_but_the_own_host_is_better() {
        let own = trigger("APIG", Some("web.localhost"), "g1", "/");
        let other = trigger("APIG", None, "g0", "/user");
        check(&place(false, "/", false), &[other.clone(), own], "keep APIG/");
        check(&place(false, "/", false), &[other], "keep APIG/user");
    }

    #[test]
    fn only_gateways_give_a_url() {
        check(&place(false, "/", false), &[trigger("TIMER", None, "", "/")], "make");
    }

    #[test]
    fn a_new_place_replaces_the_one_that_deploy_made() {
        let own = trigger("APIG", Some("web.localhost"), "g1", "/");
        let bare = trigger("APIG", None, "g0", "/user");
        let foreign = trigger("APIG", Some("shop.example.com"), "g2", "/shop");
        check(&place(true, "/", true), std::slice::from_ref(&own), "replace APIG/");
        check(&place(true, "/", true), std::slice::from_ref(&foreign), "replace APIG/shop");
        check(&place(false, "/x", true), &[foreign.clone(), bare.clone()], "replace APIG/user");
        check(&place(false, "/x", true), &[own, bare], "it has 2 triggers");
        check(&place(false, "/x", true), &[foreign.clone(), foreign], "it has 2 triggers");
    }

    #[test]
    fn who_may_call_is_part_of_what_is_wanted() {
        let mut own = trigger("APIG", Some("web.localhost"), "g1", "/");
        own.event_data.auth = Some("NONE".into());
        let with = |auth| Place { auth: Some(auth), ..place(false, "/", false) };
        check(&with("NONE"), std::slice::from_ref(&own), "keep APIG/");
        check(&with("IAM"), std::slice::from_ref(&own), "replace APIG/");
        let grpc = Place { grpc: true, ..place(false, "/", false) };
        check(&grpc, std::slice::from_ref(&own), "replace APIG/");
        own.event_data.protocol = Some("GRPCS".into());
        check(&grpc, std::slice::from_ref(&own), "keep APIG/");
    }
}
