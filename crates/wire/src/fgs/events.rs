//! Test events of a function: list, create, show, update, delete.

use serde::{Deserialize, Serialize};

use crate::{Base64, Operation};

/// Answers a [`ListEventsResponse`].
pub const LIST: Operation = Operation::get("ListEvents", "/v2/{project_id}/fgs/functions/{function_urn}/events");
/// Takes a [`CreateEventRequest`], answers a [`NamedEvent`].
pub const CREATE: Operation = Operation::post("CreateEvent", "/v2/{project_id}/fgs/functions/{function_urn}/events");
/// Answers an [`Event`].
pub const SHOW: Operation =
    Operation::get("ShowEvent", "/v2/{project_id}/fgs/functions/{function_urn}/events/{event_id}");
/// Takes an [`UpdateEventRequest`], answers a [`NamedEvent`].
pub const UPDATE: Operation =
    Operation::put("UpdateEvent", "/v2/{project_id}/fgs/functions/{function_urn}/events/{event_id}");
/// Answers nothing: 204.
pub const DELETE: Operation =
    Operation::delete("DeleteEvent", "/v2/{project_id}/fgs/functions/{function_urn}/events/{event_id}");

/// A new event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateEventRequest {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Base64>,
}

/// The new content of an event.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateEventRequest {
    /// Its name or a new one. Beyond the specification: the Terraform provider sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Base64>,
}

/// The answer to create and update.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedEvent {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
}

/// An event with its content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Event {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// JSON as base64.
    pub content: Base64,
    /// Seconds since 1970.
    pub last_modified: i64,
}

/// An event in a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListedEvent {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Seconds since 1970.
    pub last_modified: i64,
}

/// All events of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListEventsResponse {
    /// How many there are.
    pub count: u64,
    /// The events, oldest first.
    pub events: Vec<ListedEvent>,
    /// 0: nothing follows.
    pub next_marker: u64,
}
