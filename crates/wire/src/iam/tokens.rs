//! Tokens.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::catalog::Service;
use super::{Named, Naming};
use crate::Operation;

/// Takes a [`TokenRequest`], answers a [`TokenResponse`] with the token in `X-Subject-Token` and 201.
pub const CREATE: Operation = Operation { id: "KeystoneCreateAgencyToken", method: "POST", path: "/v3/auth/tokens" };
/// Answers a [`TokenResponse`] about the token in `X-Subject-Token`.
pub const VALIDATE: Operation = Operation { id: "KeystoneValidateToken", method: "GET", path: "/v3/auth/tokens" };

/// How somebody wants to be let in, and where.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenRequest {
    /// Both.
    pub auth: Auth,
}

/// The inside of a [`TokenRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Auth {
    /// How.
    pub identity: Identity,
    /// Where; the domain if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
}

/// How somebody wants to be let in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Identity {
    /// `password`, `token`, `assume_role` or `hw_ak_sk`.
    pub methods: Vec<String>,
    /// For `password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Password>,
    /// For `token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<OldToken>,
    /// For `assume_role`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assume_role: Option<AssumeRole>,
    /// For `hw_ak_sk`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hw_ak_sk: Option<AccessKey>,
    /// Limits a temporary access key further.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy: Option<Value>,
}

/// By password.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Password {
    /// Who.
    pub user: PasswordUser,
}

/// A user with a password.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PasswordUser {
    /// 32 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Or the name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// The domain; there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Naming>,
}

/// By an access key. A request that it signed needs none of this.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccessKey {
    /// The access key itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Key>,
    /// Its secret key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<Key>,
}

/// A half of an [`AccessKey`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Key {
    /// It.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// By a token.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OldToken {
    /// The token; that of `X-Auth-Token` if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// 900 (default) to 86,400; temporary access keys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<i64>,
}

/// By an agency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssumeRole {
    /// The domain it is of; there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<String>,
    /// Or its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_name: Option<String>,
    /// The agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agency_name: Option<String>,
    /// 900 (default) to 86,400; temporary access keys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<i64>,
    /// The name of the session; temporary access keys only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_user: Option<SessionUser>,
}

/// Who assumes an agency, in their own words.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SessionUser {
    /// 5 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Where a token is to be good.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// In the domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Naming>,
    /// In a project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<ScopeProject>,
}

/// A project of a [`Scope`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScopeProject {
    /// 32 hexadecimal digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Or its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The domain; there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Naming>,
}

/// What a token says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenResponse {
    /// The token's content.
    pub token: Token,
}

/// The inside of a [`TokenResponse`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Token {
    /// How its holder was let in.
    pub methods: Vec<String>,
    /// UTC.
    pub issued_at: String,
    /// UTC.
    pub expires_at: String,
    /// Whom it speaks for.
    pub user: TokenUser,
    /// Where it is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<TokenProject>,
    /// Or in the domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<Named>,
    /// What its holder was granted there.
    pub roles: Vec<Named>,
    /// Where the services are; empty with `nocatalog`.
    pub catalog: Vec<Service>,
    /// Who assumed the agency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed_by: Option<AssumedBy>,
}

/// Whom a token speaks for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenUser {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name; of an agency, `<domain>/<agency>`.
    pub name: String,
    /// The domain.
    pub domain: Named,
    /// Empty: never.
    pub password_expires_at: String,
}

/// Where a token is good.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TokenProject {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The domain.
    pub domain: Named,
}

/// Who assumed an agency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AssumedBy {
    /// The user.
    pub user: TokenUser,
}
