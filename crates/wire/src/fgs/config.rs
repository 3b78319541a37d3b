//! A function's configuration: show, update.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::dependencies::UsedDependency;
use crate::Operation;

/// Answers a [`Function`].
pub const SHOW: Operation =
    Operation::get("ShowFunctionConfig", "/v2/{project_id}/fgs/functions/{function_urn}/config");
/// Takes an [`UpdateConfigRequest`], answers a [`Function`].
pub const UPDATE: Operation =
    Operation::put("UpdateFunctionConfig", "/v2/{project_id}/fgs/functions/{function_urn}/config");

/// Changes of a configuration; what is not given stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateConfigRequest {
    /// If given, the function's own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub func_name: Option<String>,
    /// If given, the function's own app. Beyond the specification: the Terraform provider sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// If given, the function's own runtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<i64>,
    /// Entry point.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// MB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory_size: Option<i64>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Environment variables: a JSON object as text; replaces all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data: Option<String>,
    /// Environment variables to be sealed: a JSON object as text; replaces all of them. A blank value keeps the value
    /// that the variable has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encrypted_user_data: Option<String>,
    /// Concurrency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub strategy_config: Option<StrategyConfig>,
    /// MB of `/tmp`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ephemeral_storage: Option<i64>,
    /// Called once before the first request; empty removes it.
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
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_memory: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu_type: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub func_vpc: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peering_cidr: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mount_config: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub custom_image: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extend_config: Option<Value>,
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
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_names: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_hook_handler: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restore_hook_timeout: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat_handler: Option<Value>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_class_isolation: Option<Value>,
    /// Whether clients are told where the log is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_lts_log: Option<bool>,
    /// At most 10 tags that each line of the log carries; replaces all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lts_custom_tag: Option<BTreeMap<String, String>>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_data_encrypt_kms_key_id: Option<Value>,
}

/// Where the log of a function is said to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LogConfig {
    /// Name of the log group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_name: Option<String>,
    /// Id of the log group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_id: Option<String>,
    /// Name of the log stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_name: Option<String>,
    /// Id of the log stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stream_id: Option<String>,
}

/// Concurrency of a function.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StrategyConfig {
    /// Instances at most: -1 without limit, 0 none (disabled), 1 to 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<i64>,
    /// Requests one instance serves at the same time, 1 to 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_num: Option<i64>,
}

/// Which networks a function may reach and who may reach it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NetworkController {
    /// No way to the internet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable_public_network: Option<bool>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trigger_access_vpcs: Option<Value>,
}

impl Function {
    /// Whether it has no way to the internet.
    pub fn is_offline(&self) -> bool {
        self.network_controller.as_ref().is_some_and(|network| network.disable_public_network == Some(true))
    }
}

/// A function: the answer to create, show configuration and update configuration.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Function {
    /// 32 hexadecimal digits.
    pub func_id: String,
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
    /// Internal id of the version, another one after each change.
    pub image_name: String,
    /// Configuration agency.
    pub xrole: String,
    /// Execution agency.
    pub app_xrole: String,
    /// Free text.
    pub description: String,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    pub last_modified: String,
    /// MB of `/tmp`.
    pub ephemeral_storage: u32,
    /// Ids of its dependencies.
    pub depend_list: Vec<String>,
    /// Ids of their versions.
    pub depend_version_list: Vec<String>,
    /// Its dependencies.
    pub dependencies: Vec<UsedDependency>,
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
    /// Whether a caller may choose the memory of an invocation.
    pub enable_dynamic_memory: bool,
    /// False.
    pub is_stateful_function: bool,
    /// Whether each request carries temporary credentials of the execution agency.
    pub enable_auth_in_header: bool,
    /// Whether clients are told where the log is.
    pub enable_lts_log: bool,
    /// Tags of each line of the log.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub lts_custom_tag: BTreeMap<String, String>,
    /// Whether `ephemeral_storage` may be set.
    pub allow_ephemeral_storage: bool,
    /// Which networks the function may reach, if its owner said that: the Terraform provider takes what is here for a setting that
    /// its file lacks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub network_controller: Option<NetworkController>,
}
