//! A function's code: show, update.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::config::StrategyConfig;
use super::dependencies::UsedDependency;
use crate::{Base64, Operation};

/// Answers a [`FunctionCode`].
pub const SHOW: Operation = Operation::get("ShowFunctionCode", "/v2/{project_id}/fgs/functions/{function_urn}/code");
/// Takes an [`UpdateCodeRequest`], answers a [`FunctionCode`].
pub const UPDATE: Operation =
    Operation::put("UpdateFunctionCode", "/v2/{project_id}/fgs/functions/{function_urn}/code");

/// New code for a function; without `func_code` the code stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UpdateCodeRequest {
    /// `zip`, `inline`, `jar` or `obs`; found out from the other fields if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_type: Option<String>,
    /// File name of the package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_filename: Option<String>,
    /// The package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub func_code: Option<FuncCode>,
    /// Where the package is, for `code_type` `obs`: an address at a host that the operator allows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_url: Option<String>,
    /// Ids of versions of dependencies; replaces all of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depend_version_list: Option<Vec<String>>,
    /// Not supported yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code_encrypt_kms_key_id: Option<Value>,
}

/// A package.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FuncCode {
    /// The package's bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<Base64>,
    /// Where it can be read for some minutes without a signature, in answers; ignored in requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
}

/// A function's code: the answer to show and update.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct FunctionCode {
    /// Ends in `:latest`.
    pub func_urn: String,
    /// Name.
    pub func_name: String,
    /// Account.
    pub domain_id: String,
    /// Runtime.
    pub runtime: String,
    /// How the code came.
    pub code_type: String,
    /// Where the package was fetched from; empty when it came in the request.
    pub code_url: String,
    /// File name of the package.
    pub code_filename: String,
    /// Bytes of the package.
    pub code_size: u64,
    /// SHA-512 of the package.
    pub digest: String,
    /// `YYYY-MM-DD HH:MM:SS`, UTC.
    pub last_modified: String,
    /// The code itself, only as an echo of small inline code; and a link to the package.
    pub func_code: FuncCode,
    /// Ids of its dependencies.
    pub depend_list: Vec<String>,
    /// Ids of their versions.
    pub depend_version_list: Vec<String>,
    /// Concurrency.
    pub strategy_config: StrategyConfig,
    /// Its dependencies.
    pub dependencies: Vec<UsedDependency>,
}
