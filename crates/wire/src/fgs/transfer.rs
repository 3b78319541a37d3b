//! Functions as files: export, import.

use serde::{Deserialize, Serialize};

use crate::{Base64, Operation};

/// Answers a zip named `<function>_<md5>.zip`. Query: `type` (`code` or `config`), or `code=true`, `config=true`; both without any.
pub const EXPORT: Operation = Operation::get("ExportFunction", "/v2/{project_id}/fgs/functions/{function_urn}/export");
/// Takes an [`ImportRequest`], answers a [`Function`](super::config::Function).
pub const IMPORT: Operation = Operation::post("ImportFunction", "/v2/{project_id}/fgs/functions/import");

/// An exported function that is to become one again.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportRequest {
    /// Its name; the exported one if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub func_name: Option<String>,
    /// Name of the file; ends in `.zip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// `zip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_type: Option<String>,
    /// Required; the bytes of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_code: Option<Base64>,
    /// Its app; the exported one if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
}
