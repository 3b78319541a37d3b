//! Groups of users.

use serde::{Deserialize, Serialize};

use super::Links;
use crate::Operation;

/// Answers a [`ListGroupsResponse`].
pub const LIST: Operation = Operation { id: "KeystoneListGroups", method: "GET", path: "/v3/groups" };
/// Takes a [`GroupRequest`], answers a [`GroupResponse`] with 201.
pub const CREATE: Operation = Operation { id: "KeystoneCreateGroup", method: "POST", path: "/v3/groups" };
/// Answers a [`GroupResponse`].
pub const SHOW: Operation = Operation { id: "KeystoneShowGroup", method: "GET", path: "/v3/groups/{group_id}" };
/// Takes a [`GroupRequest`], answers a [`GroupResponse`].
pub const UPDATE: Operation = Operation { id: "KeystoneUpdateGroup", method: "PATCH", path: "/v3/groups/{group_id}" };
/// Answers 204.
pub const DELETE: Operation = Operation { id: "KeystoneDeleteGroup", method: "DELETE", path: "/v3/groups/{group_id}" };
/// Answers a [`ListUsersResponse`](super::users::ListUsersResponse).
pub const USERS: Operation =
    Operation { id: "KeystoneListUsersForGroupByAdmin", method: "GET", path: "/v3/groups/{group_id}/users" };
/// Answers 204.
pub const ADD: Operation =
    Operation { id: "KeystoneAddUserToGroup", method: "PUT", path: "/v3/groups/{group_id}/users/{user_id}" };
/// Answers 204 or 404.
pub const CHECK: Operation =
    Operation { id: "KeystoneCheckUserInGroup", method: "HEAD", path: "/v3/groups/{group_id}/users/{user_id}" };
/// Answers 204.
pub const REMOVE: Operation =
    Operation { id: "KeystoneRemoveUserFromGroup", method: "DELETE", path: "/v3/groups/{group_id}/users/{user_id}" };
/// Answers a [`ListGroupsResponse`].
pub const OF_USER: Operation =
    Operation { id: "KeystoneListGroupsForUser", method: "GET", path: "/v3/users/{user_id}/groups" };

/// A new group, or what is to be different about one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupRequest {
    /// The group.
    pub group: NewGroup,
}

/// The inside of a [`GroupRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewGroup {
    /// 1 to 128 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The domain; there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<String>,
}

/// One group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupResponse {
    /// The group.
    pub group: Group,
}

/// Groups.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListGroupsResponse {
    /// The groups, by name.
    pub groups: Vec<Group>,
    /// The page.
    pub links: Links,
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// For people.
    pub description: String,
    /// The domain.
    pub domain_id: String,
    /// Milliseconds since 1970.
    pub create_time: i64,
    /// Where it is.
    pub links: Links,
}
