//! Whether the caller may: decided before the handler runs, by the operation's row in [`crate::actions`] and what its path names.
//!
//! Every id in a path is the resource of a policy (`APIG:<region>:<domain>:throttle:<id>`), so that an allow on one thing lets that be
//! touched, and a deny on one thing keeps it. A path leads from the whole to its part, such as from an app to one of its codes: what
//! is allowed on the whole is allowed on the part, and a deny on either holds.

use axum::extract::{FromRequestParts as _, RawPathParams};
use http::request::Parts;
use model::urn::Urn;

use crate::actions::{Access, Rule};
use crate::caller::Caller;
use crate::error::Error;

/// Parameters that name a function, in any form of a URN. What comes after one is a part of the function, without a resource of its own.
const FUNCTIONS: [&str; 3] = ["function_urn", "func_urn", "resource_id"];
/// Parameters that name something else, and the types they name; nothing is the type in the operation's action.
const OTHERS: &[(&str, &str)] = &[
    ("acl_bindings_id", "aclBinding"),
    ("acl_id", "acl"),
    ("agency_id", "agency"),
    ("api_id", "api"),
    ("app_auth_id", "appAuth"),
    ("app_code_id", "appCode"),
    ("app_id", "app"),
    ("authorizer_id", "authorizer"),
    ("certificate_id", "certificate"),
    ("depend_id", "dependency"),
    ("env_id", "environment"),
    ("env_variable_id", "environment"),
    ("execution_id", "execution"),
    ("group_id", "group"),
    ("id", ""),
    ("instance_id", "instance"),
    ("plugin_id", "plugin"),
    ("response_id", "gatewayResponse"),
    ("role_id", "role"),
    ("runtime_id", "runtime"),
    ("sign_bindings_id", "signatureBinding"),
    ("sign_id", "signature"),
    ("strategy_id", "throttleSpecial"),
    ("subnet_id", "subnet"),
    ("template_id", "template"),
    ("throttle_binding_id", "throttleBinding"),
    ("throttle_id", "throttle"),
    ("user_id", "user"),
    ("version_id", "apiVersion"),
    ("vpc_id", "vpc"),
    ("workflow_id", "workflow"),
    ("workflow_urn", "workflow"),
];

/// What a path names, as policies do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Named {
    /// What is acted upon, the whole before its parts; never empty.
    pub(crate) things: Vec<Resource>,
    /// What an allow cannot be about, only a deny: the role and the project of a grant to a group.
    pub(crate) concerned: Vec<Resource>,
}

/// A type and what follows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Resource {
    pub(crate) kind: String,
    pub(crate) path: String,
}

/// Lets pass, or refuses with the action's name.
pub(crate) async fn authorize(parts: &mut Parts, rule: Rule, caller: &Caller) -> Result<(), Error> {
    match rule.access {
        Access::Open | Access::Signed | Access::Own => Ok(()),
        Access::NamedLater if caller.may_on_something(rule.action) => Ok(()),
        Access::NamedLater => Err(caller.not_allowed(rule.action, &caller.resource(rule.action, "function", "*"))),
        Access::Checked => {
            let params = RawPathParams::from_request_parts(parts, &()).await.ok();
            let params: Vec<_> = params.iter().flatten().collect();
            caller.check_named(&named(&params, rule.action, (&caller.region, &caller.project)))
        }
    }
}

/// What the parameters of a path name; `*` where they name nothing in particular.
fn named(params: &[(&str, &str)], action: &str, (region, project): (&str, &str)) -> Named {
    let resource = |kind: &str, path: &str| Resource { kind: kind.to_owned(), path: path.to_owned() };
    let own = singular(action.split(':').nth(1).unwrap_or_default());
    if let Some((_, text)) = params.iter().find(|(name, _)| FUNCTIONS.contains(name)) {
        // What is no URN is refused by its handler, in words; no function has this name.
        let path = Urn::parse(text, region, project)
            .map_or_else(|_| "-/-".to_owned(), |urn| format!("{}/{}", urn.function.package, urn.function.name));
        return Named { things: vec![resource("function", &path)], concerned: Vec::new() };
    }
    let mut things: Vec<Resource> =
        params.iter().filter_map(|(name, id)| Some(resource(kind_of(name, action, &own)?, id))).collect();
    if things.iter().all(|one| one.kind == "instance") {
        // The list of all there is, on the gateway.
        things.insert(0, resource(&own, "*"));
    }
    if !action.starts_with("iam:") {
        return Named { things, concerned: Vec::new() };
    }
    // Of a grant the group or agency that gets it is what is acted upon; in a path with nothing else the project is.
    let of_project = params.iter().find(|(name, _)| *name == "project_id").map(|(_, id)| resource("project", id));
    let mut concerned = things.split_off(1);
    match of_project {
        Some(project) if things.iter().all(|one| one.path == "*") => things = vec![project],
        project => concerned.extend(project),
    }
    Named { things, concerned }
}

/// The type that a parameter names, if it names a thing. A group and a domain of the gateway are not those of users.
fn kind_of<'a>(parameter: &str, action: &str, own: &'a str) -> Option<&'a str> {
    let of_gateway = action.starts_with("apig:");
    match parameter {
        "group_id" if of_gateway => Some("apiGroup"),
        "domain_id" if of_gateway => Some("domain"),
        _ => {
            let (_, kind) = OTHERS.iter().find(|(name, _)| *name == parameter)?;
            Some(if kind.is_empty() { own } else { kind })
        }
    }
}

/// `users` is a list of `user`.
fn singular(kind: &str) -> String {
    match kind.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => kind.strip_suffix('s').unwrap_or(kind).to_owned(),
    }
}

#[cfg(test)]
mod tests;
