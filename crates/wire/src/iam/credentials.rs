//! Access keys: permanent ones, and temporary ones.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Answers a [`ListCredentialsResponse`]: the caller's own without `user_id`.
pub const LIST: Operation =
    Operation { id: "ListPermanentAccessKeys", method: "GET", path: "/v3.0/OS-CREDENTIAL/credentials" };
/// Takes a [`CredentialRequest`], answers a [`CredentialResponse`] with the secret key and 201.
pub const CREATE: Operation =
    Operation { id: "CreatePermanentAccessKey", method: "POST", path: "/v3.0/OS-CREDENTIAL/credentials" };
/// Answers a [`CredentialResponse`] with the time of the last use.
pub const SHOW: Operation =
    Operation { id: "ShowPermanentAccessKey", method: "GET", path: "/v3.0/OS-CREDENTIAL/credentials/{access_key}" };
/// Takes a [`CredentialRequest`], answers a [`CredentialResponse`].
pub const UPDATE: Operation =
    Operation { id: "UpdatePermanentAccessKey", method: "PUT", path: "/v3.0/OS-CREDENTIAL/credentials/{access_key}" };
/// Answers 204.
pub const DELETE: Operation = Operation {
    id: "DeletePermanentAccessKey",
    method: "DELETE",
    path: "/v3.0/OS-CREDENTIAL/credentials/{access_key}",
};
/// Takes a [`TokenRequest`](super::tokens::TokenRequest), answers a [`TemporaryResponse`] with 201.
pub const TEMPORARY: Operation =
    Operation { id: "CreateTemporaryAccessKeyByAgency", method: "POST", path: "/v3.0/OS-CREDENTIAL/securitytokens" };

/// A new access key, or what is to be different about one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CredentialRequest {
    /// The key.
    pub credential: NewCredential,
}

/// The inside of a [`CredentialRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewCredential {
    /// Whose; the caller's own if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `active` or `inactive`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
}

/// One access key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CredentialResponse {
    /// The key.
    pub credential: Credential,
}

/// Access keys.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListCredentialsResponse {
    /// The keys, oldest first.
    pub credentials: Vec<Credential>,
}

/// An access key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Credential {
    /// Whose it is.
    pub user_id: String,
    /// 20 characters.
    pub access: String,
    /// 40 characters; only when it was made just now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// `active` or `inactive`.
    pub status: String,
    /// For people.
    pub description: String,
    /// UTC.
    pub create_time: String,
    /// UTC; only when one key is shown, empty: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_use_time: Option<String>,
}

/// A temporary access key.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemporaryResponse {
    /// The key.
    pub credential: TemporaryCredential,
}

/// The inside of a [`TemporaryResponse`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TemporaryCredential {
    /// 20 characters.
    pub access: String,
    /// 40 characters.
    pub secret: String,
    /// Sent as `X-Security-Token` with every request that the key signs.
    pub securitytoken: String,
    /// UTC.
    pub expires_at: String,
}
