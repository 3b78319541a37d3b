//! Request signatures against the vendor's algorithm written a second time, from its description (`SDK-HMAC-SHA256`).
//!
//! The input is a request as text: `METHOD path?query`, header lines, an empty line, the body. It is signed, verified, and verified
//! again after each of some changes of a single bit: then both must agree that it is still the same request, or both that it is not.
#![no_main]

use std::fmt::Write as _;

use auth::signature::{Authorization, Request, sign, verify};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use libfuzzer_sys::{Corpus, fuzz_target};
use sha2::{Digest as _, Sha256};

const ACCESS_KEY: &str = "AKEXAMPLE0000000001";
const SECRET_KEY: &str = "SKexample/secret+key=0000000000000000001";
/// 2026-01-02T03:04:05Z.
const SIGNED_AT: i64 = 1_767_323_045;
/// Bits that are changed for one input.
const CHANGES: u64 = 12;

/// A request that owns what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Owned {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    body_sha256: String,
}

fuzz_target!(|input: &[u8]| -> Corpus {
    if let Ok(text) = std::str::from_utf8(input)
        && let Ok(read) = Authorization::parse(text)
    {
        assert_eq!(Authorization::parse(&header(&read)), Ok(read));
    }
    let Some(mut request) = Owned::read(input) else { return Corpus::Reject };
    let at = Timestamp::from_second(SIGNED_AT).unwrap();
    let added = request.with(|request| sign(request, ACCESS_KEY, SECRET_KEY, at));
    request.headers.retain(|(name, _)| !["authorization", "x-sdk-date"].contains(&name.to_ascii_lowercase().as_str()));
    let [date, authorization] = &added[..] else { panic!("not two headers") };
    request.headers.push((date.0.clone(), date.1.clone().into_bytes()));
    let authorization = Authorization::parse(&authorization.1).expect("our own header");
    assert_eq!(authorization.access_key, ACCESS_KEY);
    let stated = request.first("x-sdk-content-sha256").map(<[u8]>::to_vec);
    let payload = stated.unwrap_or_else(|| request.body_sha256.clone().into_bytes());
    assert_eq!(
        authorization.signature,
        signature(&request, &authorization, &path(&request.path), &payload),
        "signed otherwise"
    );
    judge(&request, &authorization, at);
    changes(input, &request, &authorization);
    Corpus::Keep
});

fn header(authorization: &Authorization) -> String {
    let Authorization { access_key, signed_headers, signature } = authorization;
    format!("SDK-HMAC-SHA256 Access={access_key}, SignedHeaders={}, Signature={signature}", signed_headers.join(";"))
}

/// Both say the same of a request.
fn judge(request: &Owned, authorization: &Authorization, now: Timestamp) -> bool {
    let verified = request.with(|request| verify(request, authorization, SECRET_KEY, now)).is_ok();
    assert_eq!(verified, is_signed(request, authorization, now), "{request:?} {authorization:?} at {now}");
    verified
}

fn changes(input: &[u8], request: &Owned, authorization: &Authorization) {
    let mut seed = input
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    for _ in 0..CHANGES {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let (mut request, mut authorization) = (request.clone(), authorization.clone());
        let minutes = i64::try_from(seed >> 59).unwrap() - 16;
        let now = Timestamp::from_second(SIGNED_AT).unwrap() + SignedDuration::from_mins(minutes);
        let place = (seed >> 8) % 7;
        let at = usize::try_from(seed >> 32).unwrap();
        let headers = request.headers.len();
        match place {
            0 => flip_text(&mut request.method, at),
            1 => flip_text(&mut request.path, at),
            2 => flip_text(&mut request.query, at),
            3 => flip_text(&mut request.body_sha256, at),
            4 => {
                let mut text = header(&authorization);
                flip_text(&mut text, at);
                match Authorization::parse(&text) {
                    Ok(changed) => authorization = changed,
                    Err(_refused) => continue,
                }
            }
            5 => flip(&mut request.headers[at % headers].1, at / headers),
            _ => flip_text(&mut request.headers[at % headers].0, at / headers),
        }
        judge(&request, &authorization, now);
    }
}

fn flip(bytes: &mut [u8], at: usize) {
    let bits = bytes.len() * 8;
    if bits > 0 {
        bytes[at % bits / 8] ^= 1 << (at % 8);
    }
}

/// As [`flip`], where it stays text.
fn flip_text(text: &mut String, at: usize) {
    let mut bytes = text.clone().into_bytes();
    flip(&mut bytes, at);
    if let Ok(changed) = String::from_utf8(bytes) {
        *text = changed;
    }
}

impl Owned {
    fn read(input: &[u8]) -> Option<Self> {
        let end = input.windows(2).position(|pair| pair == b"\n\n")?;
        let (head, body) = (&input[..end], &input[end + 2..]);
        let mut lines = head.split(|&byte| byte == b'\n');
        let (method, target) = std::str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut headers = Vec::new();
        for line in lines {
            let colon = line.iter().position(|&byte| byte == b':')?;
            let name =
                std::str::from_utf8(&line[..colon]).ok().filter(|name| ::fuzz::http1::is_token(name.as_bytes()))?;
            headers.push((name.to_owned(), line[colon + 1..].to_vec()));
        }
        let body_sha256 = hex::encode(Sha256::digest(body));
        let (method, path, query) = (method.to_owned(), path.to_owned(), query.to_owned());
        (headers.len() < 90).then_some(Self { method, path, query, headers, body_sha256 })
    }

    fn with<T>(&self, then: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> = self.headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
        let Self { method, path, query, body_sha256, .. } = self;
        then(&Request { method, path, query, headers: &headers, body_sha256 })
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim_ascii())
    }

    fn first<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        self.all(name).next()
    }

    /// The value of a header that is there once.
    fn one<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        self.first(name).filter(|_| self.all(name).count() == 1)
    }
}

/// The verifier's side of the description.
fn is_signed(request: &Owned, authorization: &Authorization, now: Timestamp) -> bool {
    let Some(date) = request.one("x-sdk-date").filter(|_| signs(authorization, "x-sdk-date")) else { return false };
    let Some(at) = instant(date) else { return false };
    if (now.as_second() - at).abs() > 15 * 60 {
        return false;
    }
    let actual = request.body_sha256.as_bytes();
    let mut payloads = vec![actual];
    if signs(authorization, "x-sdk-content-sha256") {
        let Some(stated) = request.one("x-sdk-content-sha256") else { return false };
        let structured = |value: &[u8]| {
            let kind = String::from_utf8_lossy(value).to_ascii_lowercase();
            let kind =
                kind.split(';').next().unwrap_or_default().trim_matches(|c: char| c.is_ascii_whitespace()).to_owned();
            kind == "application/json" || kind == "application/bson"
        };
        let empty = request.body_sha256 == hex::encode(Sha256::digest(b""));
        let free = stated == b"UNSIGNED-PAYLOAD" && (empty || !request.all("content-type").any(structured));
        if stated != actual && !free {
            return false;
        }
        payloads.push(stated);
    }
    if authorization.signed_headers.iter().any(|name| request.first(name).is_none()) {
        return false;
    }
    let path = path(&request.path);
    [path.clone(), format!("/{path}")].iter().any(|path| {
        payloads.iter().any(|payload| signature(request, authorization, path, payload) == authorization.signature)
    })
}

fn signs(authorization: &Authorization, name: &str) -> bool {
    authorization.signed_headers.iter().any(|own| own.to_ascii_lowercase() == name)
}

/// Seconds since 1970 of `YYYYMMDDTHHMMSSZ`, by the calendar's arithmetic.
fn instant(text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.len() == 16 && text.is_ascii())?;
    if &text[8..9] != "T" || &text[15..] != "Z" {
        return None;
    }
    let number = |at: std::ops::Range<usize>| {
        text[at.clone()].bytes().all(|byte| byte.is_ascii_digit()).then(|| text[at].parse::<i64>().ok()).flatten()
    };
    let (year, month, day) = (number(0..4)?, number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(9..11)?, number(11..13)?, number(13..15)?);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let long = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let index = usize::try_from(month - 1).ok().filter(|index| *index < 12)?;
    if !(1..=long[index]).contains(&day) || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let years = year - 1;
    let before = years * 365 + years / 4 - years / 100 + years / 400;
    let days = before + long[..index].iter().sum::<i64>() + day - 1 - 719_162;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// Steps 2 to 4.
fn signature(request: &Owned, authorization: &Authorization, path: &str, payload: &[u8]) -> String {
    let mut text = Vec::new();
    let method = request.method.to_ascii_uppercase();
    for part in [&method, path, &query(&request.query)] {
        text.extend_from_slice(part.as_bytes());
        text.push(b'\n');
    }
    for name in &authorization.signed_headers {
        let mut values: Vec<&[u8]> = request.all(name).collect();
        values.sort();
        for value in values {
            text.extend_from_slice(&[name.to_ascii_lowercase().as_bytes(), b":", value, b"\n"].concat());
        }
    }
    text.push(b'\n');
    text.extend_from_slice(authorization.signed_headers.join(";").as_bytes());
    text.push(b'\n');
    text.extend_from_slice(payload);
    let date = request.first("x-sdk-date").unwrap_or_default();
    let digest = hex::encode(Sha256::digest(&text));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET_KEY.as_bytes()).unwrap();
    mac.update(&[b"SDK-HMAC-SHA256\n", date, b"\n", digest.as_bytes()].concat());
    hex::encode(mac.finalize().into_bytes())
}

fn path(raw: &str) -> String {
    let decoded = decode(raw.as_bytes());
    let segments: Vec<String> = decoded.split(|&byte| byte == b'/').map(encode).collect();
    let path = segments.join("/");
    if path.ends_with('/') { path } else { path + "/" }
}

fn query(raw: &str) -> String {
    let part = |text: &str| decode(text.replace('+', " ").as_bytes());
    let mut pairs = Vec::new();
    for pair in raw.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        pairs.push((part(name), part(value)));
    }
    pairs.sort();
    let pairs: Vec<String> = pairs.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    pairs.join("&")
}

fn decode(raw: &[u8]) -> Vec<u8> {
    let (mut decoded, mut at) = (Vec::new(), 0);
    while at < raw.len() {
        let digits =
            raw.get(at + 1..at + 3).filter(|digits| raw[at] == b'%' && digits.iter().all(u8::is_ascii_hexdigit));
        match digits {
            Some(digits) => {
                decoded.push(u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap());
                at += 3;
            }
            None => {
                decoded.push(raw[at]);
                at += 1;
            }
        }
    }
    decoded
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => text.push(char::from(byte)),
            _ => write!(text, "%{byte:02X}").unwrap(),
        }
    }
    text
}
