//! Tags: those of a function, of a project's functions, and functions by their tags.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Operation;

/// Answers a [`Tags`].
pub const LIST: Operation = Operation::get("ListFunctionTags", "/v2/{project_id}/{resource_type}/{resource_id}/tags");
/// Takes a [`UpdateTagsRequest`], answers nothing: 204.
pub const CREATE: Operation =
    Operation::post("CreateTags", "/v2/{project_id}/{resource_type}/{resource_id}/tags/create");
/// Takes a [`UpdateTagsRequest`], answers nothing: 204.
pub const DELETE: Operation =
    Operation::delete("DeleteTags", "/v2/{project_id}/{resource_type}/{resource_id}/tags/delete");
/// Answers a [`ProjectTags`].
pub const OF_PROJECT: Operation = Operation::get("ShowProjectTagsList", "/v2/{project_id}/{resource_type}/tags");
/// Takes a [`ResourcesRequest`], answers a [`Resources`]; `action` is `filter` or `count`.
pub const RESOURCES: Operation =
    Operation::post("ShowResInstanceInfo", "/v2/{project_id}/{resource_type}/resource-instances/{action}");

/// A name and a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default)]
pub struct Tag {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Value; may be empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

/// A name and values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TagValues {
    /// Name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Values; none is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub values: Option<Vec<String>>,
}

/// Tags to add or to remove.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateTagsRequest {
    /// If given, `create` or `delete`, as the path says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// The tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<Tag>>,
    /// Tags of the platform's own; cannot be set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sys_tags: Option<Value>,
}

/// The tags of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Tags {
    /// Its owner's, by name.
    pub tags: Vec<Tag>,
    /// The platform's.
    pub sys_tags: Vec<Tag>,
}

/// The tags of a project's functions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProjectTags {
    /// Each name with every value it has.
    pub tags: Vec<TagValues>,
    /// The same of the platform's.
    pub sys_tags: Vec<TagValues>,
}

/// Which functions to find.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourcesRequest {
    /// Only those without a tag of their owner's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub without_any_tag: Option<bool>,
    /// A whole number or its text: how many at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Value>,
    /// A whole number or its text: how many to leave out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offset: Option<Value>,
    /// If given, `filter` or `count`, as the path says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// `resource_name` and a part of the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<Vec<Tag>>,
    /// All of these names, each with one of its values; sent by the Terraform provider.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<TagValues>>,
    /// The same of the platform's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sys_tags: Option<Vec<TagValues>>,
}

/// The functions found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resources {
    /// One page of them; left out of a count.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Vec<Resource>>,
    /// How many there are.
    pub total_count: u64,
}

/// A function found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Resource {
    /// `<func_id>:<func_name>`.
    pub resource_id: String,
    /// More about it.
    pub resource_detail: ResourceDetail,
    /// Its owner's tags.
    pub tags: Vec<Tag>,
    /// The platform's.
    pub sys_tags: Vec<Tag>,
    /// Name.
    pub resource_name: String,
}

/// More about a function found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ResourceDetail {
    /// Its URN, without a version.
    #[serde(rename = "detailId")]
    pub detail_id: String,
}
