//! A chain and its key, held to what clients hold them to.

use jiff::Timestamp;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject as _, SectionKind};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;
use zeroize::Zeroizing;

use crate::facts::{self, Facts};

/// Certificates that a chain may have: a domain's own and those between it and a root.
const CHAIN: usize = 10;
/// Signatures over SHA-1 or MD5, as object identifiers: RSA with either, ECDSA (RFC 3279 section 2.2).
const BROKEN: [&str; 3] = ["1.2.840.113549.1.1.4", "1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];

/// A certificate that clients will take for the domain, as long as they trust who signed it.
#[derive(Clone)]
pub struct Checked {
    /// DER, the domain's own first.
    pub chain: Vec<Vec<u8>>,
    /// DER: PKCS #8, PKCS #1 or SEC 1.
    pub key: Zeroizing<Vec<u8>>,
    /// What it says of itself.
    pub facts: Facts,
}

impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Checked").field("facts", &self.facts).finish_non_exhaustive()
    }
}

/// Which of the two texts is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// The certificates.
    Chain,
    /// The private key.
    Key,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub field: Field,
    /// What, as the rest of a sentence that begins with the name of the field. Never shows a part of a key.
    pub text: String,
}

/// Reads a chain and a key, both PEM, for a domain such as `a.example.com` or `*.example.com`.
///
/// # Errors
/// Everything that is wrong with them: the chain does not parse, is not in order or not signed as it says, is not valid now, is for
/// other names or for no server, is signed in a way that is broken; the key does not parse, is of a kind nobody takes, or is that of
/// another certificate.
pub fn check(chain: &str, key: &str, domain: &str, now: Timestamp) -> Result<Checked, Vec<Problem>> {
    read((chain, key), Some(domain), now)
}

/// The same, for whatever names they are.
///
/// # Errors
/// As [`check`].
pub(crate) fn check_for_any(chain: &str, key: &str, now: Timestamp) -> Result<Checked, Vec<Problem>> {
    read((chain, key), None, now)
}

fn read((chain, key): (&str, &str), domain: Option<&str>, now: Timestamp) -> Result<Checked, Vec<Problem>> {
    let mut problems = Problems(Vec::new());
    let chain = problems.chain(chain);
    let key = problems.key(key);
    let facts = problems.certificates(&chain, domain, now);
    if let (Some(own), Some(key)) = (chain.first(), &key) {
        problems.pair(own, key);
    }
    match (facts, key) {
        (Some(facts), Some(key)) if problems.0.is_empty() => {
            let chain = chain.into_iter().map(|der| der.to_vec()).collect();
            Ok(Checked { chain, key: Zeroizing::new(key.secret_der().to_vec()), facts })
        }
        _ => Err(problems.0),
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, field: Field, text: impl Into<String>) {
        self.0.push(Problem { field, text: text.into() });
    }

    fn chain(&mut self, text: &str) -> Vec<CertificateDer<'static>> {
        let mut chain = Vec::new();
        for section in <(SectionKind, Vec<u8>)>::pem_slice_iter(text.as_bytes()) {
            match section {
                Ok((SectionKind::Certificate, der)) => chain.push(CertificateDer::from(der)),
                Ok((kind, der)) => {
                    drop(Zeroizing::new(der));
                    self.add(Field::Chain, format!("has a section that is no certificate: {}", named(kind)));
                }
                Err(error) => {
                    self.add(Field::Chain, format!("is not PEM: {}", said(&error)));
                    break;
                }
            }
        }
        if chain.is_empty() && self.0.is_empty() {
            self.add(Field::Chain, "has no certificate: -----BEGIN CERTIFICATE----- is missing");
        }
        if chain.len() > CHAIN {
            self.add(Field::Chain, format!("has {} certificates, {CHAIN} is the limit", chain.len()));
            chain.truncate(CHAIN);
        }
        chain
    }

    fn key(&mut self, text: &str) -> Option<PrivateKeyDer<'static>> {
        if text.contains("ENCRYPTED") {
            self.add(Field::Key, "is encrypted: give it without a pass phrase, it is sealed where it is kept");
            return None;
        }
        let mut keys = PrivateKeyDer::pem_slice_iter(text.as_bytes());
        let key = match keys.next() {
            Some(Ok(key)) => key,
            Some(Err(error)) => {
                self.add(Field::Key, format!("is not PEM: {}", said(&error)));
                return None;
            }
            None => {
                self.add(Field::Key, "has no key: -----BEGIN PRIVATE KEY----- is missing");
                return None;
            }
        };
        if keys.next().is_some() {
            self.add(Field::Key, "has more than one key");
        }
        if aws_lc_rs::sign::any_supported_type(&key).is_err() {
            let kinds = "RSA of 2048 to 8192 bits, ECDSA on P-256, P-384 or P-521, and Ed25519";
            self.add(Field::Key, format!("is not a key that can be used: {kinds} can"));
            return None;
        }
        Some(key)
    }

    /// The rules for each certificate, for each with its issuer, and for the domain's own.
    fn certificates(&mut self, chain: &[CertificateDer<'_>], domain: Option<&str>, now: Timestamp) -> Option<Facts> {
        let mut read = Vec::new();
        for (number, der) in chain.iter().enumerate() {
            match X509Certificate::from_der(der) {
                Ok(([], certificate)) => read.push(certificate),
                _ => self.add(Field::Chain, format!("does not parse: certificate {} is no X.509", number + 1)),
            }
        }
        for (number, certificate) in read.iter().enumerate() {
            self.validity(number + 1, certificate, now);
        }
        if read.len() == chain.len() {
            self.order(&read);
        }
        let own = read.first()?;
        let facts = facts::of(own);
        self.purpose(own);
        if let Some(domain) = domain.filter(|domain| !facts.names.iter().any(|name| covers(name, domain))) {
            let names = if facts.names.is_empty() { "no name at all".to_owned() } else { facts.names.join(", ") };
            self.add(Field::Chain, format!("is not for {domain}: it is for {names} (subject alternative names)"));
        }
        Some(facts)
    }

    fn validity(&mut self, number: usize, certificate: &X509Certificate<'_>, now: Timestamp) {
        let validity = certificate.validity();
        let (from, to) = (facts::time(validity.not_before.timestamp()), facts::time(validity.not_after.timestamp()));
        if to < now {
            self.add(Field::Chain, format!("has expired: certificate {number} was valid until {to}"));
        }
        if from > now {
            self.add(Field::Chain, format!("is not valid yet: certificate {number} is valid from {from}"));
        }
        let algorithm = certificate.signature_algorithm.algorithm.to_id_string();
        // What a root says of itself nobody looks at.
        if BROKEN.contains(&algorithm.as_str()) && certificate.subject() != certificate.issuer() {
            self.add(Field::Chain, format!("is signed with a broken digest: certificate {number} uses SHA-1 or MD5"));
        }
    }

    fn order(&mut self, chain: &[X509Certificate<'_>]) {
        for (number, pair) in chain.windows(2).enumerate() {
            let [one, next] = pair else { continue };
            let (here, there) = (number + 1, number + 2);
            if one.issuer() != next.subject() {
                let (issuer, subject) = (facts::shown(one.issuer()), facts::shown(next.subject()));
                let text = format!(
                    "is not in order: certificate {here} was issued by {issuer}, but certificate {there} is {subject}"
                );
                self.add(Field::Chain, text);
            } else if one.verify_signature(Some(next.public_key())).is_err() {
                self.add(
                    Field::Chain,
                    format!("does not hold: certificate {here} is not signed by certificate {there}"),
                );
            }
        }
    }

    fn purpose(&mut self, own: &X509Certificate<'_>) {
        let fits = match own.extended_key_usage() {
            Ok(Some(usage)) => usage.value.server_auth || usage.value.any,
            Ok(None) => true,
            Err(_) => false,
        };
        if !fits {
            self.add(Field::Chain, "is for no server: its extended key usage does not name server authentication");
        }
    }

    fn pair(&mut self, own: &CertificateDer<'static>, key: &PrivateKeyDer<'static>) {
        let Ok(key) = aws_lc_rs::sign::any_supported_type(key) else { return };
        let certified = CertifiedKey::new(vec![own.clone()], key);
        if let Err(rustls::Error::InconsistentKeys(_)) = certified.keys_match() {
            self.add(Field::Key, "is that of another certificate: the public keys differ");
        }
    }
}

/// Whether a certificate for `name` is one for `domain`; a wildcard stands for one label (RFC 9525 section 6.3).
fn covers(name: &str, domain: &str) -> bool {
    if name == domain {
        return true;
    }
    let parent = |name: &str| name.split_once('.').map(|(_, parent)| parent.to_owned());
    name.starts_with("*.") && !domain.starts_with("*.") && parent(name) == parent(domain)
}

fn named(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::PrivateKey | SectionKind::RsaPrivateKey | SectionKind::EcPrivateKey => {
            "a private key, which belongs in its own field"
        }
        SectionKind::Csr => "a request for a certificate",
        SectionKind::Crl => "a list of revoked certificates",
        _ => "something else",
    }
}

/// The reader's words, without any of what it read.
fn said(error: &pem::Error) -> &'static str {
    match error {
        pem::Error::MissingSectionEnd { .. } => "a section has no end",
        pem::Error::IllegalSectionStart { .. } => "a section does not begin as it must",
        pem::Error::Base64Decode(_) => "a section is not base64",
        pem::Error::NoItemsFound => "there is no section in it",
        _ => "it cannot be read",
    }
}

#[cfg(test)]
mod tests;
