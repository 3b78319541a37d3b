//! The roles that are part of the program.

use std::sync::Arc;

use auth::policy::Policy;
use sha2::{Digest as _, Sha256};

use super::Role;

/// Everything, identities included; the group of the first user has it.
pub(crate) const FULL_ACCESS: &str = "FullAccess";

/// Display name, what it is for, and what it allows. The first three are what the vendor's manual names (`behaviour.md` 8.10); the
/// others are the same without the identities, under the names that the vendor's console shows.
const ROLES: [(&str, &str, &str, &[&str]); 7] = [
    (FULL_ACCESS, "Everything, identities included", "所有权限,包括统一身份认证", &["*:*:*"]),
    (
        "ReadOnlyAccess",
        "Lists and shows functions and identities, changes and calls nothing",
        "只读权限",
        &["functiongraph:*:get*", "functiongraph:*:list*", "apig:*:get*", "apig:*:list*", "iam:*:get*", "iam:*:list*"],
    ),
    ("CommonOperations", "Lists, shows and calls functions", "查询并调用函数", COMMON),
    (
        "FunctionGraph FullAccess",
        "Everything about functions",
        "函数工作流所有权限",
        &["functiongraph:*:*", "apig:*:*"],
    ),
    (
        "FunctionGraph ReadOnlyAccess",
        "Lists and shows functions",
        "函数工作流只读权限",
        &["functiongraph:*:get*", "functiongraph:*:list*"],
    ),
    ("FunctionGraph CommonOperations", "Lists, shows and calls functions", "查询并调用函数", COMMON),
    ("Security Administrator", "Everything about identities", "统一身份认证所有权限", &["iam:*:*"]),
];

const COMMON: &[&str] = &[
    "functiongraph:*:get*",
    "functiongraph:*:list*",
    "functiongraph:function:invoke",
    "functiongraph:function:invokeAsync",
];

/// All of them.
pub(super) fn roles() -> impl Iterator<Item = Role> {
    ROLES.iter().map(|(name, description, description_cn, actions)| Role {
        id: id(name),
        name: format!("system_{}", name.to_ascii_lowercase().replace(' ', "_")),
        display_name: (*name).to_owned(),
        description: (*description).to_owned(),
        description_cn: (*description_cn).to_owned(),
        kind: "AX".to_owned(),
        policy: Arc::new(Policy::allowing(actions)),
        times: None,
    })
}

/// The same on every installation: clients may write it down.
pub(crate) fn id(name: &str) -> String {
    let digest = hex::encode(Sha256::digest(format!("funcd role {name}")));
    digest.chars().take(32).collect()
}
