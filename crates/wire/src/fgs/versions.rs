//! Published versions: list, publish. A version is deleted by [`functions::DELETE`](super::functions::DELETE).

use serde::{Deserialize, Serialize};

use super::config::StrategyConfig;
use crate::Operation;

/// `latest`, then the published versions, the newest first, page by page; answers a [`ListVersionsResponse`].
/// Query: `marker` (offset), `maxitems` (1 to 400).
pub const LIST: Operation =
    Operation::get("ListFunctionVersions", "/v2/{project_id}/fgs/functions/{function_urn}/versions");
/// Takes a [`PublishRequest`], answers a [`Version`].
pub const CREATE: Operation =
    Operation::post("CreateFunctionVersion", "/v2/{project_id}/fgs/functions/{function_urn}/versions");

/// Gives what `latest` is now a name.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PublishRequest {
    /// If given, the SHA-512 or the MD5 of the package that is to be published: another one is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// 1 to 42 letters, digits, `_`, `-` and `.`; made of the time if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// One page of versions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListVersionsResponse {
    /// The page.
    pub versions: Vec<Version>,
    /// The `marker` of the next page; 0 after an empty page.
    pub next_marker: u64,
    /// How many versions there are on all pages.
    pub count: u64,
}

/// A version. `version_description` is in lists too, which the specification does not say: Terraform reads it there.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Version {
    /// Ends in the version's name.
    pub func_urn: String,
    /// Name of the function.
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
    /// `latest` or the published name.
    pub version: String,
    /// Internal id of the version.
    pub image_name: String,
    /// Configuration agency.
    pub xrole: String,
    /// Execution agency.
    pub app_xrole: String,
    /// The function's description when it was published; in the answer to a publication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What was said about the version; not of `latest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version_description: Option<String>,
    /// When it was published, or `latest` last changed: `YYYY-MM-DD HH:MM:SS`, UTC.
    pub last_modified: String,
    /// Instances at most; in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<i64>,
    /// Requests of one instance at the same time; in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrent_num: Option<i64>,
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
    /// `v1` or `v2`, as the caller named it.
    pub r#type: String,
    /// Whether a caller may choose the memory of an invocation.
    pub enable_dynamic_memory: bool,
}
