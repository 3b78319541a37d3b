//! Aliases of versions: list, create, show, update, delete.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Operation;

/// All of a function, sorted by name; answers a bare list of [`Alias`].
pub const LIST: Operation =
    Operation::get("ListVersionAliases", "/v2/{project_id}/fgs/functions/{function_urn}/aliases");
/// Takes a [`CreateAliasRequest`], answers an [`Alias`].
pub const CREATE: Operation =
    Operation::post("CreateVersionAlias", "/v2/{project_id}/fgs/functions/{function_urn}/aliases");
/// Answers an [`Alias`].
pub const SHOW: Operation =
    Operation::get("ShowVersionAlias", "/v2/{project_id}/fgs/functions/{function_urn}/aliases/{alias_name}");
/// Takes an [`UpdateAliasRequest`], answers an [`Alias`].
pub const UPDATE: Operation =
    Operation::put("UpdateVersionAlias", "/v2/{project_id}/fgs/functions/{function_urn}/aliases/{alias_name}");
/// Answers 204.
pub const DELETE: Operation =
    Operation::delete("DeleteVersionAlias", "/v2/{project_id}/fgs/functions/{function_urn}/aliases/{alias_name}");

/// A new alias. One of weights and strategy may name one additional version.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateAliasRequest {
    /// Required: 1 to 63 letters, digits, `-` and `_`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Required: the main version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Of a hundred requests, how many go to the additional version: 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_version_weights: Option<BTreeMap<String, i64>>,
    /// Which requests go to the additional version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_version_strategy: Option<BTreeMap<String, VersionStrategy>>,
}

/// All of an alias but its name. An additional version that is not given is removed; a description stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateAliasRequest {
    /// Required: the main version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Of a hundred requests, how many go to the additional version: 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_version_weights: Option<BTreeMap<String, i64>>,
    /// Which requests go to the additional version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_version_strategy: Option<BTreeMap<String, VersionStrategy>>,
}

/// Rules for requests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VersionStrategy {
    /// At least one.
    pub rules: Vec<VersionStrategyRule>,
    /// `and` or `or`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub combine_type: Option<String>,
}

/// One rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VersionStrategyRule {
    /// `header` or `cookie`, letters of either case.
    pub rule_type: String,
    /// Name of the header or cookie.
    pub param: String,
    /// `=` or `in`; `!=`, `>`, `<`, `>=` and `<=` too.
    pub op: String,
    /// With what it is compared; of `in` a list with commas.
    pub value: String,
}

/// An alias. The strategy is in lists too, which the specification does not say: Terraform reads it there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alias {
    /// Its name.
    pub name: String,
    /// The main version.
    pub version: String,
    /// Free text.
    pub description: String,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    pub last_modified: String,
    /// Ends in `:!` and the name.
    pub alias_urn: String,
    /// Of a hundred requests, how many go to the additional version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_version_weights: Option<BTreeMap<String, i64>>,
    /// Which requests go to the additional version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_version_strategy: Option<BTreeMap<String, VersionStrategy>>,
}
