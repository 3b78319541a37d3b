//! Dependencies: packages with versions of their own that complete the code of functions.

use serde::{Deserialize, Serialize};

use crate::{Base64, Operation};

/// Answers a [`ListDependenciesResponse`].
pub const LIST: Operation = Operation::get("ListDependencies", "/v2/{project_id}/fgs/dependencies");
/// Takes a [`CreateDependencyRequest`], answers a [`DependencyVersion`].
pub const CREATE_VERSION: Operation =
    Operation::post("CreateDependencyVersion", "/v2/{project_id}/fgs/dependencies/version");
/// Answers a [`ListDependencyVersionsResponse`].
pub const LIST_VERSIONS: Operation =
    Operation::get("ListDependencyVersion", "/v2/{project_id}/fgs/dependencies/{depend_id}/version");
/// Answers a [`DependencyVersion`].
pub const SHOW_VERSION: Operation =
    Operation::get("ShowDependencyVersion", "/v2/{project_id}/fgs/dependencies/{depend_id}/version/{version}");
/// Answers nothing: 204.
pub const DELETE_VERSION: Operation =
    Operation::delete("DeleteDependencyVersion", "/v2/{project_id}/fgs/dependencies/{depend_id}/version/{version}");
/// Of the SDKs until 2023. Takes a [`CreateDependencyRequest`], answers a [`Dependency`].
pub const CREATE: Operation = Operation::post("CreateDependency", "/v2/{project_id}/fgs/dependencies");
/// Of the SDKs until 2023. Answers a [`Dependency`].
pub const SHOW: Operation = Operation::get("ShowDependcy", "/v2/{project_id}/fgs/dependencies/{depend_id}");
/// Of the SDKs until 2023. Takes a [`CreateDependencyRequest`], answers a [`Dependency`].
pub const UPDATE: Operation = Operation::put("UpdateDependcy", "/v2/{project_id}/fgs/dependencies/{depend_id}");
/// Of the SDKs until 2023. Answers nothing: 204.
pub const DELETE: Operation = Operation::delete("DeleteDependency", "/v2/{project_id}/fgs/dependencies/{depend_id}");

/// A package to be kept.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CreateDependencyRequest {
    /// A zip, with type `zip`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depend_file: Option<Base64>,
    /// Where the zip is, with type `obs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depend_link: Option<String>,
    /// `zip` or `obs`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depend_type: Option<String>,
    /// Which language it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runtime: Option<String>,
    /// Name of the dependency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Free text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A dependency, as its newest version shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Dependency {
    /// Id of the dependency.
    pub id: String,
    /// Account.
    pub owner: String,
    /// Where it was fetched from; empty when it came in a request.
    pub link: String,
    /// Which language it is for.
    pub runtime: String,
    /// SHA-256 of the package.
    pub etag: String,
    /// Bytes of the package.
    pub size: u64,
    /// Name.
    pub name: String,
    /// File name of the package.
    pub file_name: String,
    /// Free text.
    pub description: String,
    /// Number of the newest version.
    pub version: u64,
    /// Seconds since 1970.
    pub last_modified: i64,
}

/// One version of a dependency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DependencyVersion {
    /// Id of the version.
    pub id: String,
    /// Account.
    pub owner: String,
    /// Where it was fetched from; empty when it came in a request.
    pub link: String,
    /// Which language it is for.
    pub runtime: String,
    /// SHA-256 of the package.
    pub etag: String,
    /// Bytes of the package.
    pub size: u64,
    /// Name of the dependency.
    pub name: String,
    /// File name of the package.
    pub file_name: String,
    /// Free text.
    pub description: String,
    /// Its number.
    pub version: u64,
    /// Seconds since 1970.
    pub last_modified: i64,
    /// Id of the dependency.
    pub dep_id: String,
    /// Where the package can be read for a while; only where one version is shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub download_link: Option<String>,
    /// Whether other accounts may use it; not said where it was just made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_shared: Option<bool>,
}

/// One page of dependencies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListDependenciesResponse {
    /// The page.
    pub dependencies: Vec<Dependency>,
    /// Where the next one begins; 0 behind the last.
    pub next_marker: u64,
    /// How many there are.
    pub count: u64,
}

/// One page of the versions of a dependency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListDependencyVersionsResponse {
    /// The page, the newest first.
    pub dependencies: Vec<DependencyVersion>,
    /// Where the next one begins; 0 behind the last.
    pub next_marker: u64,
    /// How many there are.
    pub count: u64,
}

/// A dependency of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UsedDependency {
    /// Id of the version.
    pub id: String,
    /// Account.
    pub owner: String,
    /// Where it was fetched from; empty when it came in a request.
    pub link: String,
    /// Which language it is for.
    pub runtime: String,
    /// SHA-256 of the package.
    pub etag: String,
    /// Bytes of the package.
    pub size: u64,
    /// Name of the dependency.
    pub name: String,
    /// Free text.
    pub description: String,
    /// File name of the package.
    pub file_name: String,
    /// Number of the version.
    pub version: u64,
    /// Id of the dependency.
    pub dep_id: String,
    /// Seconds since 1970.
    pub last_modified: i64,
}
