//! Agencies.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Operation;

/// Answers a [`ListAgenciesResponse`].
pub const LIST: Operation = Operation { id: "ListAgencies", method: "GET", path: "/v3.0/OS-AGENCY/agencies" };
/// Takes an [`AgencyRequest`], answers an [`AgencyResponse`] with 201.
pub const CREATE: Operation = Operation { id: "CreateAgency", method: "POST", path: "/v3.0/OS-AGENCY/agencies" };
/// Answers an [`AgencyResponse`].
pub const SHOW: Operation = Operation { id: "ShowAgency", method: "GET", path: "/v3.0/OS-AGENCY/agencies/{agency_id}" };
/// Takes an [`AgencyRequest`], answers an [`AgencyResponse`].
pub const UPDATE: Operation =
    Operation { id: "UpdateAgency", method: "PUT", path: "/v3.0/OS-AGENCY/agencies/{agency_id}" };
/// Answers 204.
pub const DELETE: Operation =
    Operation { id: "DeleteAgency", method: "DELETE", path: "/v3.0/OS-AGENCY/agencies/{agency_id}" };

/// A new agency, or what is to be different about one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgencyRequest {
    /// The agency.
    pub agency: NewAgency,
}

/// The inside of an [`AgencyRequest`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewAgency {
    /// 1 to 64 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The domain; there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_id: Option<String>,
    /// Id of the domain that may assume it: the one there is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_domain_id: Option<String>,
    /// Its name, or a service: `op_svc_functiongraph`, `op_svc_cff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trust_domain_name: Option<String>,
    /// At most 255 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `FOREVER` (default), `ONEDAY`, or a number of days.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duration: Option<Value>,
}

/// One agency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AgencyResponse {
    /// The agency.
    pub agency: Agency,
}

/// Agencies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ListAgenciesResponse {
    /// The agencies, by name.
    pub agencies: Vec<Agency>,
}

/// An agency.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Agency {
    /// 32 hexadecimal digits.
    pub id: String,
    /// Its name.
    pub name: String,
    /// For people.
    pub description: String,
    /// The domain.
    pub domain_id: String,
    /// Id of the domain that may assume it; empty for a service.
    pub trust_domain_id: String,
    /// Its name, or the service.
    pub trust_domain_name: String,
    /// `FOREVER`, `ONEDAY`, or a number of days.
    pub duration: String,
    /// UTC.
    pub create_time: String,
    /// UTC; empty: never.
    pub expire_time: String,
    /// `iam::<domain>:agency:<name>`.
    pub agency_urn: String,
}
