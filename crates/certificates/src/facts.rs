//! What a certificate says of itself.

use jiff::Timestamp;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::oid_registry::{
    OID_PKCS1_SHA256WITHRSA, OID_PKCS1_SHA384WITHRSA, OID_PKCS1_SHA512WITHRSA, OID_SIG_ECDSA_WITH_SHA256,
    OID_SIG_ECDSA_WITH_SHA384, OID_SIG_ECDSA_WITH_SHA512, OID_SIG_ED25519,
};
use x509_parser::prelude::{AttributeTypeAndValue, FromDer as _};
use x509_parser::x509::X509Name;

/// What a certificate says of itself, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// The subject's common name; clients do not look at it any more.
    pub common_name: String,
    /// The names it is for: DNS names and addresses.
    pub names: Vec<String>,
    /// 3, as a rule.
    pub version: u32,
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
    /// Not valid before.
    pub not_before: Timestamp,
    /// Not valid after.
    pub not_after: Timestamp,
    /// Decimal.
    pub serial_number: String,
    /// The issuer's organizations; of one without any, its common names.
    pub issuer: Vec<String>,
    /// Such as `SHA256-RSA`.
    pub signature_algorithm: String,
}

/// Of a certificate in DER; `None` when it is none.
pub fn facts(der: &[u8]) -> Option<Facts> {
    X509Certificate::from_der(der).ok().map(|(_, certificate)| of(&certificate))
}

pub(crate) fn of(certificate: &X509Certificate<'_>) -> Facts {
    let (subject, issuer) = (certificate.subject(), certificate.issuer());
    let organizations = texts(issuer.iter_organization());
    Facts {
        common_name: texts(subject.iter_common_name()).into_iter().next().unwrap_or_default(),
        names: names(certificate),
        version: certificate.version().0.saturating_add(1),
        organization: texts(subject.iter_organization()),
        organizational_unit: texts(subject.iter_organizational_unit()),
        locality: texts(subject.iter_locality()),
        state: texts(subject.iter_state_or_province()),
        country: texts(subject.iter_country()),
        not_before: time(certificate.validity().not_before.timestamp()),
        not_after: time(certificate.validity().not_after.timestamp()),
        serial_number: certificate.tbs_certificate.serial.to_string(),
        issuer: if organizations.is_empty() { texts(issuer.iter_common_name()) } else { organizations },
        signature_algorithm: algorithm(certificate),
    }
}

fn texts<'a>(attributes: impl Iterator<Item = &'a AttributeTypeAndValue<'a>>) -> Vec<String> {
    attributes.filter_map(|attribute| attribute.as_str().ok().map(str::to_owned)).collect()
}

pub(crate) fn time(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap_or(if seconds < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(names)) = certificate.subject_alternative_name() else { return Vec::new() };
    names
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
            GeneralName::IPAddress(bytes) => address(bytes),
            _ => None,
        })
        .collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(v4) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(v4).to_string());
    }
    <[u8; 16]>::try_from(bytes).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string())
}

/// What `issuer` and `subject` are called, for messages.
pub(crate) fn shown(name: &X509Name<'_>) -> String {
    let text = name.to_string();
    if text.is_empty() { "(no name)".to_owned() } else { text }
}

fn algorithm(certificate: &X509Certificate<'_>) -> String {
    let oid = &certificate.signature_algorithm.algorithm;
    let known = [
        (OID_PKCS1_SHA256WITHRSA, "SHA256-RSA"),
        (OID_PKCS1_SHA384WITHRSA, "SHA384-RSA"),
        (OID_PKCS1_SHA512WITHRSA, "SHA512-RSA"),
        (OID_SIG_ECDSA_WITH_SHA256, "ECDSA-SHA256"),
        (OID_SIG_ECDSA_WITH_SHA384, "ECDSA-SHA384"),
        (OID_SIG_ECDSA_WITH_SHA512, "ECDSA-SHA512"),
        (OID_SIG_ED25519, "Ed25519"),
    ];
    known.iter().find(|(own, _)| own == oid).map_or_else(|| oid.to_id_string(), |(_, name)| (*name).to_owned())
}
