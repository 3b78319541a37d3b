//! What an error looks like.

use serde::{Deserialize, Serialize};

/// Every failure of the FunctionGraph and API gateway operations, and of the gateway in front of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ErrorBody {
    /// Such as `FSS.1051`; all in [`codes`](crate::codes).
    pub error_code: String,
    /// What is wrong and what to do, for a person. Several problems are separated by `; `.
    pub error_msg: String,
    /// The same as the header `X-Request-Id`.
    pub request_id: String,
}

/// Every failure of the identity operations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamErrorBody {
    /// The failure.
    pub error: IamError,
}

/// The inside of an [`IamErrorBody`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IamError {
    /// The HTTP status.
    pub code: u16,
    /// What is wrong and what to do, for a person.
    pub message: String,
    /// The HTTP status in words.
    pub title: String,
}
