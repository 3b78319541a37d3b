//! Dependencies: packages that complete the code of functions, kept apart from it so that several functions share one.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One immutable version of a dependency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dependency {
    /// Id of this version, unlike any other; that of version 1 is the dependency's own.
    pub id: String,
    /// Id of the dependency.
    pub dependency: String,
    /// Name of the dependency when this was read.
    pub name: String,
    /// 1, 2, 3 and so on.
    pub number: u64,
    /// Which language it is for: a label.
    pub runtime: String,
    /// Free text.
    pub description: String,
    /// Where it was fetched from; empty when it came in a request.
    pub link: String,
    /// File name of the package.
    pub filename: String,
    /// SHA-256 of the package in lower-case hex.
    pub sha256: String,
    /// Bytes of the package.
    pub size: u64,
    /// When it was made.
    pub created: Timestamp,
}
