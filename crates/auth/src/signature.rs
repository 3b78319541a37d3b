//! `SDK-HMAC-SHA256` request signatures, both sides (`api.md` b.1).
//!
//! The verifier works from the wire: raw path, raw query, headers as they came, the hash of the bytes of the body.
//! It accepts exactly the headers the client chose to sign and insists on no more than `x-sdk-date`, because the
//! official clients differ in what they sign (the Terraform provider leaves even `host` out).

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::canonical::{self, Parts};

/// The algorithm's name, first word of the header and first line of the string to sign.
const ALGORITHM: &str = "SDK-HMAC-SHA256";
/// Signed by every client; the date of the request.
const DATE: &str = "x-sdk-date";
/// The body's hash as the client states it.
const CONTENT_SHA256: &str = "x-sdk-content-sha256";
/// Stated in place of a hash when the body is not bound.
const UNSIGNED_PAYLOAD: &[u8] = b"UNSIGNED-PAYLOAD";
/// How far the client's clock may be from ours, either way.
const WINDOW: SignedDuration = SignedDuration::from_mins(15);
/// SHA-256 of no bytes.
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
/// More signed headers than any client sends; bounds the work before the signature is checked.
const MAX_SIGNED_HEADERS: usize = 100;

/// What of a request is signed. `path` and `query` raw as on the wire; header names in any case, values raw bytes.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a> {
    /// The method; compared in upper case.
    pub method: &'a str,
    /// The raw path, with its leading `/`.
    pub path: &'a str,
    /// The raw query without `?`; empty when there is none.
    pub query: &'a str,
    /// Every header that was (or will be) sent.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// SHA-256 of the body's bytes, lower-case hex.
    pub body_sha256: &'a str,
}

/// A parsed `Authorization` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    /// The access key: who claims to have signed.
    pub access_key: String,
    /// Names of the signed headers, in the order given.
    pub signed_headers: Vec<String>,
    /// 64 lower-case hex digits.
    pub signature: String,
}

impl Authorization {
    /// Reads `SDK-HMAC-SHA256 Access=<ak>, SignedHeaders=<h1;h2;...>, Signature=<64 hex digits>`.
    ///
    /// # Errors
    /// [`Error::Malformed`] for anything else: another algorithm, a part that is missing, repeated or unknown.
    pub fn parse(header: &str) -> Result<Self, Error> {
        let parts = header.trim().strip_prefix(ALGORITHM).ok_or(Error::Malformed)?;
        if !parts.starts_with([' ', '\t']) {
            return Err(Error::Malformed);
        }
        let (mut access, mut signed, mut signature) = (None, None, None);
        for part in parts.split(',') {
            let (name, value) = part.trim().split_once('=').ok_or(Error::Malformed)?;
            let place = match name {
                "Access" => &mut access,
                "SignedHeaders" => &mut signed,
                "Signature" => &mut signature,
                _ => return Err(Error::Malformed),
            };
            if place.replace(value).is_some() {
                return Err(Error::Malformed);
            }
        }
        Ok(Self {
            access_key: access.filter(|text| is_token(text)).ok_or(Error::Malformed)?.to_owned(),
            signed_headers: header_names(signed.ok_or(Error::Malformed)?)?,
            signature: signature.filter(|text| is_digest(text)).ok_or(Error::Malformed)?.to_owned(),
        })
    }

    /// Whether this header is among the signed ones.
    pub fn signs(&self, name: &str) -> bool {
        self.signed_headers.iter().any(|signed| signed.eq_ignore_ascii_case(name))
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn header_names(list: &str) -> Result<Vec<String>, Error> {
    let names: Vec<String> = list.split(';').take(MAX_SIGNED_HEADERS + 1).map(str::to_owned).collect();
    let mut distinct: Vec<String> = names.iter().map(|name| name.to_ascii_lowercase()).collect();
    distinct.sort_unstable();
    distinct.dedup();
    let well_formed = names.len() <= MAX_SIGNED_HEADERS
        && distinct.len() == names.len()
        && names.iter().all(|name| is_token(name) && !name.contains(':'));
    if well_formed { Ok(names) } else { Err(Error::Malformed) }
}

/// Why a request is not taken as signed; the caller's fault in every case.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The header cannot be read, or `X-Sdk-Date` is missing, repeated, unreadable or not signed.
    #[error(
        "the request is not signed as \"Authorization: SDK-HMAC-SHA256 Access=..., SignedHeaders=..., Signature=...\" \
         with X-Sdk-Date (YYYYMMDDTHHMMSSZ) among the signed headers"
    )]
    Malformed,
    /// Signed more than 15 minutes ago, or more than 15 minutes ahead of this clock.
    #[error("X-Sdk-Date is more than 15 minutes away from the server's clock; set the client's clock")]
    Expired,
    /// Another key, or the request was changed after it was signed.
    #[error("the signature does not match the request: wrong secret key, or changed after signing")]
    Mismatch,
}

/// Checks a signature at time `now`: 15 minutes around it, the body bound, compared in constant time.
///
/// # Errors
/// [`Error`], in the order of its variants.
pub fn verify(
    request: &Request<'_>,
    authorization: &Authorization,
    secret_key: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let date = check_date(request.headers, authorization, now)?;
    let [stated, actual] = payloads(request, authorization)?;
    let names = authorization.signed_headers.iter().map(String::as_str);
    let headers = canonical::headers(names, request.headers).ok_or(Error::Mismatch)?;
    let query = canonical::query(request.query);
    let path = canonical::path(request.path);
    let signed_headers = authorization.signed_headers.join(";");
    let mut claimed = [0; 32];
    hex::decode_to_slice(&authorization.signature, &mut claimed).map_err(|_| Error::Malformed)?;
    let matches = |path: &str, payload: &[u8]| -> bool {
        let parts = Parts {
            method: request.method,
            path,
            query: &query,
            headers: &headers,
            signed_headers: &signed_headers,
            payload,
        };
        mac(&parts, date, secret_key).ct_eq(&claimed).into()
    };
    // The Node.js client signs `//v2/...` when its endpoint ends in `/`, and sends `/v2/...` (api.md b.1). Which of the forms it was
    // is no secret, so the first that matches ends the search: nearly every request costs one MAC.
    let either = |path: &str| matches(path, stated) || (stated != actual && matches(path, actual));
    if either(&path) || either(&format!("/{path}")) { Ok(()) } else { Err(Error::Mismatch) }
}

/// The date of a request, signed and within 15 minutes of `now`: what can be checked before its body is there.
///
/// # Errors
/// [`Error::Malformed`], [`Error::Expired`].
pub fn check_date<'a>(
    headers: &'a [(&'a str, &'a [u8])],
    authorization: &Authorization,
    now: Timestamp,
) -> Result<&'a str, Error> {
    let date = signed_date(headers, authorization)?;
    let at = parse_date(date).ok_or(Error::Malformed)?;
    if now.duration_since(at).abs() > WINDOW {
        return Err(Error::Expired);
    }
    Ok(date)
}

/// The one `X-Sdk-Date`, which must be signed.
fn signed_date<'a>(headers: &'a [(&'a str, &'a [u8])], authorization: &Authorization) -> Result<&'a str, Error> {
    let mut dates = canonical::values(DATE, headers);
    match (dates.next(), dates.next(), authorization.signs(DATE)) {
        (Some(date), None, true) => std::str::from_utf8(date).map_err(|_| Error::Malformed),
        _ => Err(Error::Malformed),
    }
}

/// `YYYYMMDDTHHMMSSZ`, exactly.
fn parse_date(text: &str) -> Option<Timestamp> {
    let shape = text.len() == 16
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 => byte == b'T',
            15 => byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
    let number = |from: usize| text.get(from..from + 2)?.parse::<i8>().ok();
    let year = text.get(..4).filter(|_| shape)?.parse().ok()?;
    let civil = DateTime::new(year, number(4)?, number(6)?, number(9)?, number(11)?, number(13)?, 0).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

/// Part six of the canonical request: what the client states about the body, once known to be true, and its actual hash.
///
/// `X-Sdk-Content-Sha256` counts only when it is itself signed; else anybody could state another one. The Python client
/// signs the empty body's hash whatever the header says, Go and Node.js sign the header's value: so either may be signed.
fn payloads<'a>(request: &Request<'a>, authorization: &Authorization) -> Result<[&'a [u8]; 2], Error> {
    let actual = request.body_sha256.as_bytes();
    if !authorization.signs(CONTENT_SHA256) {
        return Ok([actual, actual]);
    }
    let mut stated = canonical::values(CONTENT_SHA256, request.headers);
    let (Some(stated), None) = (stated.next(), stated.next()) else {
        return Err(Error::Mismatch);
    };
    let unbound = stated == UNSIGNED_PAYLOAD && may_be_unbound(request);
    if stated == actual || unbound { Ok([stated, actual]) } else { Err(Error::Mismatch) }
}

/// Clients leave a body unbound only when it is neither JSON nor BSON; an empty one has nothing to bind.
fn may_be_unbound(request: &Request<'_>) -> bool {
    request.body_sha256 == EMPTY_SHA256
        || !canonical::values("content-type", request.headers).any(|value| {
            let essence = value.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
            essence.eq_ignore_ascii_case(b"application/json") || essence.eq_ignore_ascii_case(b"application/bson")
        })
}

/// Signs a request at time `now`: gives the headers to add, `X-Sdk-Date` and `Authorization`.
///
/// All of `request.headers` are signed, so they must be sent exactly as given, `host` (with its port) among them.
/// An `Authorization` or `X-Sdk-Date` among them is left out, being replaced by what this returns.
pub fn sign(request: &Request<'_>, access_key: &str, secret_key: &str, now: Timestamp) -> Vec<(String, String)> {
    let date = now.strftime("%Y%m%dT%H%M%SZ").to_string();
    let mut sent: Vec<(&str, &[u8])> = request
        .headers
        .iter()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("authorization") && !name.eq_ignore_ascii_case(DATE))
        .copied()
        .collect();
    sent.push((DATE, date.as_bytes()));
    let mut names: Vec<String> = sent.iter().map(|(name, _)| name.to_ascii_lowercase()).collect();
    names.sort_unstable();
    names.dedup();
    // Every name comes from `sent`, so none is missing.
    let headers = canonical::headers(names.iter().map(String::as_str), &sent).unwrap_or_default();
    let signed_headers = names.join(";");
    let parts = Parts {
        method: request.method,
        path: &canonical::path(request.path),
        query: &canonical::query(request.query),
        headers: &headers,
        signed_headers: &signed_headers,
        payload: stated_payload(&sent).unwrap_or(request.body_sha256.as_bytes()),
    };
    let signature = hex::encode(mac(&parts, &date, secret_key));
    let authorization =
        format!("{ALGORITHM} Access={access_key}, SignedHeaders={signed_headers}, Signature={signature}");
    vec![("X-Sdk-Date".to_owned(), date), ("Authorization".to_owned(), authorization)]
}

fn stated_payload<'a>(sent: &'a [(&'a str, &'a [u8])]) -> Option<&'a [u8]> {
    canonical::values(CONTENT_SHA256, sent).next()
}

/// HMAC-SHA256 over algorithm, date and the canonical request's hash; the key is the secret key's bytes as they are.
fn mac(parts: &Parts<'_>, date: &str, secret_key: &str) -> [u8; 32] {
    let digest = hex::encode(Sha256::digest(parts.text()));
    let mut mac = Hmac::<Sha256>::new(&block(secret_key.as_bytes()).into());
    mac.update(format!("{ALGORITHM}\n{date}\n{digest}").as_bytes());
    mac.finalize().into_bytes().into()
}

/// The key as one block of the hash, as RFC 2104 section 2 has it: hashed when longer, then padded with zeros.
fn block(key: &[u8]) -> [u8; 64] {
    let hashed;
    let short = if key.len() > 64 {
        hashed = Sha256::digest(key);
        hashed.as_slice()
    } else {
        key
    };
    let mut block = [0; 64];
    for (to, from) in block.iter_mut().zip(short) {
        *to = *from;
    }
    block
}

#[cfg(test)]
mod tests;
