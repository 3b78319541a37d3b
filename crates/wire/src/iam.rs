//! Identity and access management in the vendor's shape (`spec/iam-v3.openapi.json`). What has no value is an empty text, as the
//! specification allows no null.

use serde::{Deserialize, Serialize};

pub mod agencies;
pub mod catalog;
pub mod credentials;
pub mod groups;
pub mod projects;
pub mod roles;
pub mod tokens;
pub mod users;

/// Where something is, and its neighbours on other pages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Links {
    /// Its own address.
    #[serde(rename = "self")]
    pub own: String,
    /// Empty: everything is on one page.
    pub previous: String,
    /// Empty: everything is on one page.
    pub next: String,
}

/// A name and an id of something named elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Named {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
}

/// The same in a request, where one of both is enough.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Naming {
    /// 32 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[cfg(test)]
mod tests;
