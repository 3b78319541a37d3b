//! Users.

use serde::{Deserialize, Serialize};

use super::Links;
use crate::Operation;

/// Answers a [`ListUsersResponse`].
pub const LIST: Operation = Operation { id: "KeystoneListUsers", method: "GET", path: "/v3/users" };
/// Takes a [`UserRequest`], answers a [`UserResponse`] with 201.
pub const CREATE: Operation = Operation { id: "KeystoneCreateUser", method: "POST", path: "/v3/users" };
/// Answers a [`UserResponse`].
pub const SHOW: Operation = Operation { id: "KeystoneShowUser", method: "GET", path: "/v3/users/{user_id}" };
/// Takes a [`UserRequest`], answers a [`UserResponse`].
pub const UPDATE: Operation =
    Operation { id: "KeystoneUpdateUserByAdmin", method: "PATCH", path: "/v3/users/{user_id}" };
/// Answers 204.
pub const DELETE: Operation = Operation { id: "KeystoneDeleteUser", method: "DELETE", path: "/v3/users/{user_id}" };
/// Takes a [`PasswordRequest`], answers 204.
pub const PASSWORD: Operation =
    Operation { id: "KeystoneUpdateUserPassword", method: "POST", path: "/v3/users/{user_id}/password" };
/// Takes a [`UserRequest`], answers a [`UserResponse`] with 201.
pub const CREATE_FULL: Operation = Operation { id: "CreateUser", method: "POST", path: "/v3.0/OS-USER/users" };
/// Answers a [`UserResponse`].
pub const SHOW_FULL: Operation = Operation { id: "ShowUser", method: "GET", path: "/v3.0/OS-USER/users/{user_id}" };
/// Takes a [`UserRequest`], answers a [`UserResponse`].
pub const UPDATE_FULL: Operation = Operation { id: "UpdateUser", method: "PUT", path: "/v3.0/OS-USER/users/{user_id}" };
/// Takes an [`InformationRequest`], answers 204.
pub const INFORMATION: Operation =
    Operation { id: "UpdateUserInformation", method: "PUT", path: "/v3.0/OS-USER/users/{user_id}/info" };

/// A new user, or what is to be different about one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserRequest {
    /// The user.
    pub user: NewUser,
}

/// The inside of a [`UserRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewUser {
    /// 1 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The domain; there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<String>,
    /// 8 to 32 characters of at least two kinds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Whether the user may act; true if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enabled: Option<bool>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Country code of the phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub areacode: Option<String>,
    /// Phone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// `default`, `programmatic` or `console`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access_mode: Option<String>,
    /// Whether the password must be changed at the next login; kept for clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pwd_status: Option<bool>,
    /// Id in another system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xuser_id: Option<String>,
    /// Which other system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xuser_type: Option<String>,
}

/// An own password, changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordRequest {
    /// The passwords.
    pub user: PasswordChange,
}

/// The inside of a [`PasswordRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordChange {
    /// The new one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The one so far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub original_password: Option<String>,
}

/// Own addresses, changed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct InformationRequest {
    /// The addresses.
    pub user: Information,
}

/// The inside of an [`InformationRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Information {
    /// Mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Phone number with its country code: `0086-123456789`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mobile: Option<String>,
}

/// One user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserResponse {
    /// The user.
    pub user: User,
}

/// Users.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListUsersResponse {
    /// The users, by name.
    pub users: Vec<User>,
    /// The page.
    pub links: Links,
}

/// A user.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The domain.
    pub domain_id: String,
    /// Whether the user may act.
    pub enabled: bool,
    /// For people.
    pub description: String,
    /// Empty: never.
    pub password_expires_at: String,
    /// Whether the password must be changed at the next login.
    pub pwd_status: bool,
    /// `high`, `mid` or `low`; empty without a password.
    pub pwd_strength: String,
    /// Whether this is the first user.
    pub is_domain_owner: bool,
    /// `default`, `programmatic` or `console`.
    pub access_mode: String,
    /// Mail address.
    pub email: String,
    /// Country code of the phone number.
    pub areacode: String,
    /// Phone number.
    pub phone: String,
    /// Id in another system.
    pub xuser_id: String,
    /// Which other system.
    pub xuser_type: String,
    /// UTC.
    pub create_time: String,
    /// UTC.
    pub update_time: String,
    /// UTC; empty without a password.
    pub pwd_create_time: String,
    /// Where it is.
    pub links: Links,
}
