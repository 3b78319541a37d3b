//! Functions: create, list, delete.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::code::FuncCode;
use super::config::{LogConfig, NetworkController, StrategyConfig};
use crate::Operation;

/// All functions of a project, page by page; answers a [`ListFunctionsResponse`].
/// Query: `marker` (offset), `maxitems` (1 to 400), `package_name`, `func_name` (part of the name).
pub const LIST: Operation = Operation::get("ListFunctions", "/v2/{project_id}/fgs/functions");
/// Takes a [`CreateFunctionRequest`], answers a [`Function`](super::config::Function).
pub const CREATE: Operation = Operation::post("CreateFunction", "/v2/{project_id}/fgs/functions");
/// The URN must not name `latest`; answers 204.
pub const DELETE: Operation = Operation::delete("DeleteFunction", "/v2/{project_id}/fgs/functions/{function_urn}");

/// Puts a function at the head of lists (`true`) or back (`false`); answers an empty object.
pub const COLLECT: Operation =
    Operation::put("UpdateFunctionCollectState", "/v2/{project_id}/fgs/functions/{func_urn}/collect/{state}");

/// A new function. Numbers are wide so that one out of range is refused with its limits, not as malformed.
///
/// `strategy_config`, `ephemeral_storage` and `enable_auth_in_header` are the fields beyond the specification, which has them
/// only in the configuration: a function can be made in one request.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateFunctionRequest {
    /// Required: 1 to 60 letters, digits, `-` and `_`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub func_name: Option<String>,
    /// The app; `default` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Required; `http`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Required; seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
    /// Entry point; `bootstrap` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// Required; MB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_size: Option<i64>,
    /// `zip`, `inline`, `jar` or `obs`; found out from the other fields if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_type: Option<String>,
    /// File name of the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_filename: Option<String>,
    /// The package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub func_code: Option<FuncCode>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Environment variables: a JSON object as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// Environment variables to be sealed: a JSON object as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted_user_data: Option<String>,
    /// Concurrency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy_config: Option<StrategyConfig>,
    /// MB of `/tmp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage: Option<i64>,
    /// Called once before the first request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initializer_handler: Option<String>,
    /// Seconds the start and the initializer may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initializer_timeout: Option<i64>,
    /// Called before an instance ends (`GET /shutdown`); empty removes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_stop_handler: Option<String>,
    /// Seconds that may take, 1 to 90.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_stop_timeout: Option<i64>,
    /// Which networks the function may reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_controller: Option<NetworkController>,
    /// Configuration agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xrole: Option<String>,
    /// Execution agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_xrole: Option<String>,
    /// Enterprise project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enterprise_project_id: Option<String>,
    /// `v1` or `v2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Ids of versions of dependencies; the later win over the earlier, the code over all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depend_version_list: Option<Vec<String>>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub func_vpc: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_memory: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_type: Option<Value>,
    /// Where the package is, for `code_type` `obs`: an address at a host that the operator allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_url: Option<String>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_image: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount_config: Option<Value>,
    /// Where the log is said to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_config: Option<LogConfig>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_stateful_function: Option<Value>,
    /// Whether a caller may choose the memory of an invocation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_dynamic_memory: Option<bool>,
    /// Whether each request carries temporary credentials of the execution agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_auth_in_header: Option<bool>,
    /// Whether clients are told where the log is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_lts_log: Option<bool>,
    /// At most 10 tags that each line of the log carries; replaces all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lts_custom_tag: Option<BTreeMap<String, String>>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data_encrypt_kms_key_id: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_encrypt_kms_key_id: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_names: Option<Value>,
    /// Its first tags: a list of objects with `key` and `value`, or an object, or either as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Value>,
}

/// One page of functions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListFunctionsResponse {
    /// The page: pinned functions first, then sorted by name.
    pub functions: Vec<ListedFunction>,
    /// The `marker` of the next page; 0 after an empty page. A walk ends at 0, at an empty page, or where it repeats.
    pub next_marker: u64,
    /// How many functions there are on all pages.
    pub count: u64,
}

/// A function in a list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListedFunction {
    /// `<func_id>:<func_name>`.
    pub resource_id: String,
    /// Ends in `:latest`.
    pub func_urn: String,
    /// Name.
    pub func_name: String,
    /// Account.
    pub domain_id: String,
    /// Project id.
    pub namespace: String,
    /// Project name: the region's.
    pub project_name: String,
    /// App.
    pub package: String,
    /// Runtime.
    pub runtime: String,
    /// Seconds.
    pub timeout: u32,
    /// Entry point.
    pub handler: String,
    /// MB.
    pub memory_size: u32,
    /// Thousandths of a core.
    pub cpu: u32,
    /// How the code came.
    pub code_type: String,
    /// Where the package was fetched from; empty when it came in the request.
    pub code_url: String,
    /// File name of the package.
    pub code_filename: String,
    /// Bytes of the package.
    pub code_size: u64,
    /// Environment variables: a JSON object as text.
    pub user_data: String,
    /// Names of the sealed environment variables with blank values: a JSON object as text.
    pub encrypted_user_data: String,
    /// SHA-512 of the package.
    pub digest: String,
    /// `latest`.
    pub version: String,
    /// Internal id of the version.
    pub image_name: String,
    /// Configuration agency.
    pub xrole: String,
    /// Execution agency.
    pub app_xrole: String,
    /// Free text.
    pub description: String,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    pub last_modified: String,
    /// Concurrency.
    pub strategy_config: StrategyConfig,
    /// Called once before the first request; empty for none.
    pub initializer_handler: String,
    /// Seconds the start and the initializer may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initializer_timeout: Option<u32>,
    /// Called before an instance ends; empty for nothing.
    pub pre_stop_handler: String,
    /// Seconds that may take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pre_stop_timeout: Option<u32>,
    /// Enterprise project.
    pub enterprise_project_id: String,
    /// Whether long timeouts may be set.
    pub long_time: bool,
    /// Id of the log group, if the log is enabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_group_id: Option<String>,
    /// Id of the log stream, if the log is enabled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_stream_id: Option<String>,
    /// `v1` or `v2`, as the caller named it.
    pub r#type: String,
    /// Whether it was put at the head of lists; funcd's own addition.
    pub pinned: bool,
}
