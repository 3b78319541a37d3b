//! Templates: functions to begin with.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListTemplatesResponse`].
pub const LIST: Operation = Operation::get("ListFunctionTemplate", "/v2/{project_id}/fgs/templates");
/// Answers a [`Template`].
pub const SHOW: Operation = Operation::get("ShowFunctionTemplate", "/v2/{project_id}/fgs/templates/{template_id}");

/// One page of templates.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListTemplatesResponse {
    /// The page, without their code.
    pub func_templates: Vec<Template>,
    /// Where the next one begins; 0 behind the last.
    pub next_marker: u64,
}

/// A function to begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Template {
    /// Id.
    pub id: String,
    /// 1: a public one.
    pub r#type: i64,
    /// Name for people.
    pub title: String,
    /// Name for programs.
    pub template_name: String,
    /// What it does.
    pub description: String,
    /// Runtime of the function.
    pub runtime: String,
    /// Entry point.
    pub handler: String,
    /// How the code comes.
    pub code_type: String,
    /// A zip as base64, as `func_code.file` takes it; left out of lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Seconds.
    pub timeout: u32,
    /// MB.
    pub memory_size: u32,
    /// What is to call it.
    pub trigger_metadata_list: Vec<TriggerMetadata>,
    /// What goes in and comes out.
    pub temp_detail: TemplateDetail,
    /// Environment variables: a JSON object as text.
    pub user_data: String,
    /// Names of environment variables to be set, sealed: a JSON object of blank values as text.
    pub encrypted_user_data: String,
    /// Ids of versions of dependencies.
    pub dependencies: Vec<String>,
    /// What it is for.
    pub scene: String,
    /// What calls it.
    pub service: String,
}

/// What is to call a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TriggerMetadata {
    /// Name for people.
    pub trigger_name: String,
    /// Type, such as `APIG`.
    pub trigger_type: String,
    /// Kind of event, where the type has several.
    pub event_type: String,
    /// Settings of the trigger: a JSON object as text.
    pub event_data: String,
}

/// What goes into a function and comes out of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemplateDetail {
    /// What goes in.
    pub input: String,
    /// What comes out.
    pub output: String,
    /// What to know before.
    pub warning: String,
}
