//! Whether the caller may: decided before the handler runs, by the operation's row in [`crate::actions`] and what its path names.

use axum::extract::{FromRequestParts as _, RawPathParams};
use http::request::Parts;
use model::urn::Urn;

use crate::actions::{Access, Rule};
use crate::caller::Caller;
use crate::error::Error;

/// Parameters that name a function, in any form of a URN.
const FUNCTIONS: [&str; 3] = ["function_urn", "func_urn", "resource_id"];
/// Parameters that name something else, and the types they name. Of several the first one of the path counts.
const OTHERS: [(&str, &str); 15] = [
    ("api_id", "api"),
    ("env_id", "environment"),
    ("env_variable_id", "environment"),
    ("agency_id", "agency"),
    ("app_id", "app"),
    ("authorizer_id", "authorizer"),
    ("group_id", "group"),
    ("user_id", "user"),
    ("role_id", "role"),
    ("access_key", "credential"),
    ("depend_id", "dependency"),
    ("template_id", "template"),
    ("workflow_id", "workflow"),
    ("runtime_id", "runtime"),
    ("id", ""),
];

/// Lets pass, or refuses with the action's name.
pub(crate) async fn authorize(parts: &mut Parts, rule: Rule, caller: &Caller) -> Result<(), Error> {
    match rule.access {
        Access::Open | Access::Signed | Access::Own => Ok(()),
        Access::NamedLater if caller.may_on_something(rule.action) => Ok(()),
        Access::NamedLater => Err(caller.not_allowed(rule.action, &caller.resource(rule.action, "function", "*"))),
        Access::Checked => {
            let (kind, path) = named(parts, rule, caller).await;
            caller.check(&kind, &path)
        }
    }
}

/// Type and path of what the request's path names; `*` where it names nothing in particular.
async fn named(parts: &mut Parts, rule: Rule, caller: &Caller) -> (String, String) {
    let own = singular(rule.action.split(':').nth(1).unwrap_or_default());
    let Ok(params) = RawPathParams::from_request_parts(parts, &()).await else { return (own, "*".to_owned()) };
    let value = |name: &str| params.iter().find(|(param, _)| *param == name).map(|(_, value)| value.to_owned());
    if let Some(text) = FUNCTIONS.iter().find_map(|name| value(name)) {
        // What is no URN is refused by its handler, in words; no function has this name.
        let path = Urn::parse(&text, &caller.region, &caller.project)
            .map_or_else(|_| "-/-".to_owned(), |urn| format!("{}/{}", urn.function.package, urn.function.name));
        return ("function".to_owned(), path);
    }
    for (name, kind) in OTHERS {
        if let Some(id) = value(name) {
            // A `group_id` of the gateway is not one of users.
            let kind = if kind.is_empty() || rule.action.starts_with("apig:") { own } else { kind.to_owned() };
            return (kind, id);
        }
    }
    // In the paths of identities the project is what is acted upon.
    match value("project_id").filter(|_| rule.action.starts_with("iam:")) {
        Some(id) => ("project".to_owned(), id),
        None => (own, "*".to_owned()),
    }
}

/// `users` is a list of `user`.
fn singular(kind: &str) -> String {
    match kind.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => kind.strip_suffix('s').unwrap_or(kind).to_owned(),
    }
}
