//! The audit trail seen from the API: in whose name a request changes something, and what the trail calls it.

use axum::response::Response;
use http::request::Parts;
use store::audit::{Actor, Elsewhere};
use wire::Operation;

use crate::answer::RequestId;
use crate::error::{Error, Failure};
use crate::serve::Peer;
use crate::signature::Caller;
use crate::state::State;

/// Characters of a message or a name that are kept.
const KEPT: usize = 512;

/// Operations whose event is not called like the operation itself (`behaviour.md` 8.7; for identities the vendor's list of IAM
/// operations that CTS records).
const EVENTS: &[(&str, &str)] = &[
    ("CreateFunctionVersion", "publishFunctionVersion"),
    ("CreateFunctionTrigger", "createTrigger"),
    ("DeleteFunctionTrigger", "deleteTrigger"),
    ("BatchDeleteFunctionTriggers", "deleteTrigger"),
    ("KeystoneCreateUser", "createUser"),
    ("KeystoneDeleteUser", "deleteUser"),
    ("KeystoneUpdateUserByAdmin", "updateUser"),
    ("KeystoneUpdateUserPassword", "updateUserPwd"),
    ("KeystoneCreateGroup", "createUserGroup"),
    ("KeystoneUpdateGroup", "updateUserGroup"),
    ("KeystoneDeleteGroup", "deleteUserGroup"),
    ("KeystoneAddUserToGroup", "addUserToGroup"),
    ("KeystoneRemoveUserFromGroup", "removeUserFromGroup"),
    ("KeystoneCreateProject", "createProject"),
    ("KeystoneUpdateProject", "updateProject"),
    ("CreatePermanentAccessKey", "addCredential"),
    ("UpdatePermanentAccessKey", "updateCredential"),
    ("DeletePermanentAccessKey", "deleteCredential"),
];

/// As the trail names an operation: its own name with a small first letter, unless the vendor's differs.
pub(crate) fn event(operation: &str) -> String {
    if let Some((_, event)) = EVENTS.iter().find(|(id, _)| *id == operation) {
        return (*event).to_owned();
    }
    let mut letters = operation.chars();
    letters.next().map(|first| first.to_ascii_lowercase().to_string() + letters.as_str()).unwrap_or_default()
}

/// In whose name a request works.
pub(crate) fn actor(parts: &Parts, caller: Option<&Caller>, operation: Operation) -> Actor {
    let caller = caller
        .map(|caller| (caller.project.clone(), caller.id().to_owned(), caller.name.clone(), caller.access_key.clone()));
    let (project, user_id, user_name, access_key) = caller.unwrap_or_default();
    Actor {
        project,
        user_id,
        user_name,
        access_key: access_key.unwrap_or_default(),
        address: parts.extensions.get::<Peer>().map(|peer| peer.0.ip().to_canonical().to_string()).unwrap_or_default(),
        request_id: parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default(),
        operation: operation.id.to_owned(),
        event: event(operation.id),
    }
}

/// What an answer says of a change that was refused; `None` of one that was made, and of operations that are not there.
pub(crate) fn refusal(response: &Response) -> Option<Refusal> {
    let status = response.status().as_u16();
    let failure = response.extensions().get::<Failure>().cloned();
    let message = failure.map(|failure| short(&failure.into_error().to_string())).unwrap_or_default();
    (status >= 400 && status != 501).then_some(Refusal { status, message })
}

/// Why a change was refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    status: u16,
    message: String,
}

impl From<&Error> for Refusal {
    fn from(error: &Error) -> Self {
        Self { status: error.code().status, message: short(&error.to_string()) }
    }
}

/// Adds an event for it. A trail that cannot be written does not change the answer, which says more.
pub(crate) async fn note(state: &State, actor: Actor, path: &str, refusal: Refusal) {
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy().into_owned();
    let Refusal { status, message } = refusal;
    if let Err(error) = state.store.note_refusal(actor, &short(&path), status, &message).await {
        tracing::error!(%error, "audit.not_written");
    }
}

/// Adds an event for what the request has changed elsewhere than in the store. A trail that cannot be written does not undo it.
pub(crate) async fn note_elsewhere(state: &State, event: &str, what: (Elsewhere, &str), states: (&str, &str)) {
    let actor = Actor { event: event.to_owned(), ..store::audit::actor() };
    if let Err(error) = state.store.note_elsewhere(actor, what, states).await {
        tracing::error!(%error, "audit.not_written");
    }
}

fn short(text: &str) -> String {
    text.chars().take(KEPT).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_named_as_the_vendors_trail_names_them() {
        for (operation, expect) in [
            ("CreateFunction", "createFunction"),
            ("UpdateFunctionConfig", "updateFunctionConfig"),
            ("CreateFunctionVersion", "publishFunctionVersion"),
            ("DeleteVersionAlias", "deleteVersionAlias"),
            ("CreateFunctionTrigger", "createTrigger"),
            ("CreatePermanentAccessKey", "addCredential"),
        ] {
            assert_eq!(event(operation), expect);
        }
    }
}
