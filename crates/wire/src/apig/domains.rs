//! Custom domains of API groups, and their certificates.

use serde::{Deserialize, Serialize};

use crate::Operation;

/// Takes a [`NewDomain`], answers a [`Domain`] with 201.
pub const ASSOCIATE: Operation = Operation::post(
    "AssociateDomainV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/domains",
);
/// Takes a [`DomainChange`], answers a [`Domain`] with 201.
pub const UPDATE: Operation = Operation::put(
    "UpdateDomainV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/domains/{domain_id}",
);
/// Answers 204.
pub const DISASSOCIATE: Operation = Operation::delete(
    "DisassociateDomainV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/domains/{domain_id}",
);
/// Takes a [`CertificateForm`], answers a [`DomainWithCertificate`] with 201.
pub const ASSOCIATE_CERTIFICATE: Operation = Operation::post(
    "AssociateCertificateV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/domains/{domain_id}/certificate",
);
/// Answers a [`CertificateDetails`].
pub const SHOW_CERTIFICATE: Operation = Operation::get(
    "ShowDetailsOfDomainNameCertificateV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/domains/{domain_id}/certificate/{certificate_id}",
);
/// Answers 204.
pub const DISASSOCIATE_CERTIFICATE: Operation = Operation::delete(
    "DisassociateCertificateV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/domains/{domain_id}/certificate/{certificate_id}",
);
/// Takes a [`OwnHostAccess`], answers 204.
pub const OWN_HOST: Operation = Operation::put(
    "UpdateSlDomainSettingV2",
    "/v2/{project_id}/apigw/instances/{instance_id}/api-groups/{group_id}/sl-domain-access-settings",
);

/// A domain to bind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct NewDomain {
    /// The host name; `*.` at the start stands for one label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_domain: Option<String>,
    /// `TLSv1.1` or `TLSv1.2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_ssl_version: Option<String>,
    /// Whether plain HTTP is sent to https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_http_redirect_to_https: Option<bool>,
    /// -1: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_http_port: Option<i64>,
    /// -1: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_https_port: Option<i64>,
}

/// What is to be different about a domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainChange {
    /// Required: `TLSv1.1` or `TLSv1.2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_ssl_version: Option<String>,
    /// Whether plain HTTP is sent to https.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_http_redirect_to_https: Option<bool>,
    /// Whether clients must show a certificate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified_client_certificate_enabled: Option<bool>,
    /// -1: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_http_port: Option<i64>,
    /// -1: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ingress_https_port: Option<i64>,
}

/// A domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Domain {
    /// The host name.
    pub url_domain: String,
    /// 32 hexadecimal digits.
    pub id: String,
    /// 3: bound.
    pub status: i64,
    /// `TLSv1.2`.
    pub min_ssl_version: String,
    /// Whether plain HTTP is sent to https.
    pub is_http_redirect_to_https: bool,
    /// Whether clients must show a certificate.
    pub verified_client_certificate_enabled: bool,
}

/// A certificate to bind to a domain.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateForm {
    /// PEM: the domain's own, then those that sign it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cert_content: Option<String>,
    /// What its owner calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_key: Option<String>,
}

impl std::fmt::Debug for CertificateForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CertificateForm").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A domain with its certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DomainWithCertificate {
    /// The host name.
    pub url_domain: String,
    /// 32 hexadecimal digits.
    pub id: String,
    /// 3: bound.
    pub status: i64,
    /// `TLSv1.2`.
    pub min_ssl_version: String,
    /// Whether plain HTTP is sent to https.
    pub is_http_redirect_to_https: bool,
    /// Whether clients must show a certificate.
    pub verified_client_certificate_enabled: bool,
    /// What the owner of the certificate calls it.
    pub ssl_name: String,
    /// 32 hexadecimal digits.
    pub ssl_id: String,
    /// The gateway.
    pub instance_id: String,
    /// The group.
    pub api_group_id: String,
    /// Its name.
    pub api_group_name: String,
}

/// What a certificate says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CertificateDetails {
    /// 32 hexadecimal digits.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// `instance`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The gateway.
    pub instance_id: String,
    /// The project.
    pub project_id: String,
    /// UTC.
    pub create_time: String,
    /// UTC.
    pub update_time: String,
    /// Of the subject.
    pub common_name: String,
    /// The names it is for.
    pub san: Vec<String>,
    /// 3.
    pub version: i64,
    /// Of the subject.
    pub organization: Vec<String>,
    /// Of the subject.
    pub organizational_unit: Vec<String>,
    /// Of the subject.
    pub locality: Vec<String>,
    /// Of the subject.
    pub state: Vec<String>,
    /// Of the subject.
    pub country: Vec<String>,
    /// UTC.
    pub not_before: String,
    /// UTC.
    pub not_after: String,
    /// Decimal.
    pub serial_number: String,
    /// Who signed it.
    pub issuer: Vec<String>,
    /// Such as `SHA256-RSA`.
    pub signature_algorithm: String,
}

/// Whether a group's own host answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnHostAccess {
    /// Required.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sl_domain_access_enabled: Option<bool>,
}
