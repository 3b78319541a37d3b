use super::*;
use proptest::prelude::*;

const SECRET: &str = "SKexample/secret+key=0000000000000000001";

#[derive(serde::Deserialize)]
struct Vector {
    name: String,
    access_key: String,
    secret_key: String,
    method: String,
    url: String,
    headers: std::collections::BTreeMap<String, String>,
    body: String,
    canonical_request: String,
    signature: String,
}

fn vectors() -> Vec<Vector> {
    serde_json::from_str(include_str!("../../tests/data/signing-vectors.json")).unwrap()
}

/// A request on the wire, owned, so that tests can change one part of it.
#[derive(Clone, Debug)]
struct Wire {
    method: String,
    path: String,
    query: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

impl Wire {
    fn of(vector: &Vector) -> Self {
        let after_scheme = vector.url.split_once("://").unwrap().1;
        let target = &after_scheme[after_scheme.find('/').unwrap()..];
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let headers = vector.headers.iter().map(|(name, value)| (name.clone(), value.clone().into_bytes())).collect();
        Self {
            method: vector.method.clone(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: vector.body.clone().into_bytes(),
        }
    }

    /// An ordinary request, signed at [`now`] with the headers given.
    fn signed(mut self) -> Self {
        let added = self.with(|request| sign(request, "AK", SECRET, now()));
        self.headers.extend(added.into_iter().map(|(name, value)| (name, value.into_bytes())));
        self
    }

    fn with<T>(&self, run: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> = self.headers.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
        let body_sha256 = hex::encode(Sha256::digest(&self.body));
        run(&Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
            body_sha256: &body_sha256,
        })
    }

    fn header(&mut self, name: &str) -> &mut Vec<u8> {
        &mut self.headers.iter_mut().find(|(known, _)| known.eq_ignore_ascii_case(name)).unwrap().1
    }

    fn verify(&self, secret: &str, at: Timestamp) -> Result<(), Error> {
        let text = self.headers.iter().find(|(name, _)| name == "Authorization").unwrap().1.clone();
        let authorization = Authorization::parse(std::str::from_utf8(&text).unwrap())?;
        self.with(|request| verify(request, &authorization, secret, at))
    }
}

fn now() -> Timestamp {
    "2026-01-02T03:04:05Z".parse().unwrap()
}

fn plain() -> Wire {
    Wire {
        method: "POST".into(),
        path: "/v2/p/fgs/functions".into(),
        query: "a=1&b=2".into(),
        headers: vec![
            ("Host".into(), b"127.0.0.1:8081".to_vec()),
            ("Content-Type".into(), b"application/json".to_vec()),
        ],
        body: b"{}".to_vec(),
    }
}

#[track_caller]
fn check(wire: &Wire, expect: Result<(), Error>) {
    assert_eq!(wire.verify(SECRET, now()), expect, "{wire:?}");
}

/// Signs `wire`, changes it, and says whether it still verifies.
#[track_caller]
fn check_changed(wire: Wire, change: impl FnOnce(&mut Wire), expect: Result<(), Error>) {
    let mut wire = wire.signed();
    check(&wire, Ok(()));
    change(&mut wire);
    check(&wire, expect);
}

#[test]
fn every_request_of_the_official_client_verifies() {
    for vector in vectors() {
        let wire = Wire::of(&vector);
        assert_eq!(wire.verify(&vector.secret_key, now()), Ok(()), "{}", vector.name);
        assert_eq!(wire.verify("another", now()), Err(Error::Mismatch), "{}", vector.name);
    }
}

#[test]
fn we_sign_as_the_official_client_does() {
    for vector in vectors() {
        let mut wire = Wire::of(&vector);
        let expect = wire.header("authorization").clone();
        let added = wire.with(|request| sign(request, &vector.access_key, &vector.secret_key, now()));
        assert_eq!(added[0], ("X-Sdk-Date".into(), "20260102T030405Z".into()));
        assert_eq!(added[1].1.as_bytes(), expect, "{}", vector.name);
        assert!(added[1].1.ends_with(&vector.signature));
    }
}

#[test]
fn the_canonical_request_is_the_official_clients() {
    for vector in vectors() {
        let wire = Wire::of(&vector);
        let authorization = Authorization::parse(&vector.headers["Authorization"]).unwrap();
        let text = wire.with(|request| {
            let names = authorization.signed_headers.iter().map(String::as_str);
            Parts {
                method: request.method,
                path: &canonical::path(request.path),
                query: &canonical::query(request.query),
                headers: &canonical::headers(names, request.headers).unwrap(),
                signed_headers: &authorization.signed_headers.join(";"),
                payload: request.body_sha256.as_bytes(),
            }
            .text()
        });
        assert_eq!(String::from_utf8(text).unwrap(), vector.canonical_request, "{}", vector.name);
    }
}

#[test]
fn the_window_is_fifteen_minutes_either_way() {
    let wire = plain().signed();
    for (seconds, expect) in [
        (900, Ok(())),
        (-900, Ok(())),
        (901, Err(Error::Expired)),
        (-901, Err(Error::Expired)),
        (86_400 * 3650, Err(Error::Expired)),
    ] {
        let at = now() + SignedDuration::from_secs(seconds);
        assert_eq!(wire.verify(SECRET, at), expect, "{seconds} s later");
    }
    let almost = now() + SignedDuration::from_millis(900_001);
    assert_eq!(wire.verify(SECRET, almost), Err(Error::Expired));
}

#[test]
fn every_signed_part_is_bound() {
    let changes: [fn(&mut Wire); 8] = [
        |wire| wire.method = "PUT".into(),
        |wire| wire.path.push('x'),
        |wire| wire.query.push_str("&c"),
        |wire| wire.query = "a=1&a=1&b=2".into(),
        |wire| wire.body.push(b' '),
        |wire| wire.header("host").push(b'1'),
        |wire| *wire.header("x-sdk-date") = b"20260102T030406Z".to_vec(),
        |wire| wire.headers.push(("host".into(), b"evil".to_vec())),
    ];
    for change in changes {
        check_changed(plain(), change, Err(Error::Mismatch));
    }
}

#[test]
fn a_signed_header_that_was_taken_away_is_noticed() {
    check_changed(plain(), |wire| wire.headers.retain(|(name, _)| name != "Host"), Err(Error::Mismatch));
}

#[test]
fn unsigned_headers_may_come_and_go() {
    check_changed(plain(), |wire| wire.headers.push(("X-Project-Id".into(), b"p".to_vec())), Ok(()));
}

#[test]
fn order_case_escapes_and_outer_blanks_do_not_matter() {
    check_changed(plain(), |wire| wire.query = "b=2&%61=1".into(), Ok(()));
    check_changed(plain(), |wire| wire.path = "/v2/p/fgs/%66unctions/".into(), Ok(()));
    check_changed(plain(), |wire| *wire.header("host") = b"\t127.0.0.1:8081 ".to_vec(), Ok(()));
    check_changed(plain(), |wire| wire.headers.reverse(), Ok(()));
    check_changed(plain(), |wire| wire.method = "post".into(), Ok(()));
}

#[test]
fn host_need_not_be_signed() {
    let mut wire = plain();
    wire.headers.clear();
    check(&wire.signed(), Ok(()));
}

#[test]
fn repeated_headers_are_signed_value_by_value() {
    let mut wire = plain();
    wire.headers.push(("X-Tag".into(), b"b".to_vec()));
    wire.headers.push(("x-tag".into(), b"a".to_vec()));
    check_changed(wire, |wire| *wire.header("x-tag") = b"c".to_vec(), Err(Error::Mismatch));
}

#[test]
fn the_date_must_be_there_once_readable_and_signed() {
    let bad_dates = [
        "",
        "20260102T030405",
        "2026-01-02T03:04:05Z",
        "20261302T030405Z",
        "20260102T030405z",
        "9".repeat(16).as_str(),
    ]
    .map(str::to_owned);
    for date in bad_dates {
        check_changed(plain(), |wire| *wire.header("x-sdk-date") = date.into(), Err(Error::Malformed));
    }
    check_changed(plain(), |wire| *wire.header("x-sdk-date") = vec![0xFF; 16], Err(Error::Malformed));
    check_changed(plain(), |wire| wire.headers.retain(|(name, _)| name != "X-Sdk-Date"), Err(Error::Malformed));
    let twice = |wire: &mut Wire| wire.headers.push(("x-sdk-date".into(), b"20260102T030405Z".to_vec()));
    check_changed(plain(), twice, Err(Error::Malformed));
    let unsign = |wire: &mut Wire| {
        let text = String::from_utf8(wire.header("authorization").clone()).unwrap();
        *wire.header("authorization") = text.replace(";x-sdk-date", "").into_bytes();
    };
    check_changed(plain(), unsign, Err(Error::Malformed));
}

/// `plain()` stating this hash of its body.
fn stating(value: &str) -> Wire {
    let mut wire = plain();
    wire.headers.push(("X-Sdk-Content-Sha256".into(), value.as_bytes().to_vec()));
    wire
}

#[test]
fn a_stated_body_hash_must_be_true() {
    let truth = hex::encode(Sha256::digest(b"{}"));
    check_changed(stating(&truth), |wire| wire.body = b"[]".to_vec(), Err(Error::Mismatch));
    check(&stating(EMPTY_SHA256).signed(), Err(Error::Mismatch));
    let mut twice = stating(&truth);
    twice.headers.push(("x-sdk-content-sha256".into(), truth.clone().into_bytes()));
    check(&twice.signed(), Err(Error::Mismatch));
}

#[test]
fn an_unsigned_statement_about_the_body_is_ignored() {
    let state = |wire: &mut Wire| {
        wire.headers.push(("X-Sdk-Content-Sha256".into(), b"UNSIGNED-PAYLOAD".to_vec()));
    };
    check_changed(plain(), state, Ok(()));
    let state_and_change = |wire: &mut Wire| {
        state(wire);
        wire.body = b"[]".to_vec();
    };
    check_changed(plain(), state_and_change, Err(Error::Mismatch));
}

#[test]
fn only_a_body_that_is_not_json_may_be_unbound() {
    let mut upload = stating("UNSIGNED-PAYLOAD");
    *upload.header("content-type") = b"application/octet-stream".to_vec();
    check_changed(upload, |wire| wire.body = b"anything".to_vec(), Ok(()));
    for kind in ["application/json", "Application/JSON ;charset=utf8", "application/bson"] {
        let mut wire = stating("UNSIGNED-PAYLOAD");
        *wire.header("content-type") = kind.as_bytes().to_vec();
        check(&wire.signed(), Err(Error::Mismatch));
    }
    let mut empty = stating("UNSIGNED-PAYLOAD");
    empty.body.clear();
    check(&empty.signed(), Ok(()));
}

#[test]
fn an_empty_body_verifies_with_and_without_its_stated_hash() {
    for mut wire in [plain(), stating(EMPTY_SHA256)] {
        wire.body.clear();
        check(&wire.signed(), Ok(()));
    }
}

#[test]
fn python_signs_the_empty_bodys_hash_whatever_it_states() {
    let mut wire = plain();
    wire.body.clear();
    wire.headers.push((CONTENT_SHA256.into(), EMPTY_SHA256.into()));
    // What `sign` would sign for the true hash, sent with another statement whose header line is signed too.
    let signed = |stated: &[u8]| {
        let mut wire = wire.clone();
        *wire.header(CONTENT_SHA256) = stated.to_vec();
        let text = wire.with(|request| {
            let mut sent = request.headers.to_vec();
            sent.push((DATE, b"20260102T030405Z"));
            let names = "content-type;host;x-sdk-content-sha256;x-sdk-date";
            let parts = Parts {
                method: "POST",
                path: "/v2/p/fgs/functions/",
                query: "a=1&b=2",
                headers: &canonical::headers(names.split(';'), &sent).unwrap(),
                signed_headers: names,
                payload: EMPTY_SHA256.as_bytes(),
            };
            let signature = hex::encode(mac(&parts, "20260102T030405Z", SECRET));
            format!("SDK-HMAC-SHA256 Access=AK, SignedHeaders={names}, Signature={signature}")
        });
        wire.headers.push(("X-Sdk-Date".into(), b"20260102T030405Z".to_vec()));
        wire.headers.push(("Authorization".into(), text.into_bytes()));
        wire
    };
    check(&signed(UNSIGNED_PAYLOAD), Ok(()));
    check(&signed(b"0000"), Err(Error::Mismatch));
}

#[test]
fn node_signs_a_doubled_slash_and_sends_one() {
    let mut wire = plain();
    wire.path.insert(0, '/');
    check_changed(wire, |wire| wire.path.replace_range(..1, ""), Ok(()));
    let mut other = plain();
    other.path.insert(3, '/');
    check_changed(other, |wire| wire.path.replace_range(3..4, ""), Err(Error::Mismatch));
}

#[test]
fn any_other_signature_does_not_match() {
    let wire = plain().signed();
    let mut authorization = {
        let text = wire.headers.iter().find(|(name, _)| name == "Authorization").unwrap().1.clone();
        Authorization::parse(std::str::from_utf8(&text).unwrap()).unwrap()
    };
    let good = authorization.signature.clone();
    for place in 0..64 {
        let mut digits = good.clone().into_bytes();
        digits[place] = if digits[place] == b'0' { b'1' } else { b'0' };
        authorization.signature = String::from_utf8(digits).unwrap();
        let result = wire.with(|request| verify(request, &authorization, SECRET, now()));
        assert_eq!(result, Err(Error::Mismatch), "digit {place}");
    }
    authorization.signature = "short".into();
    let result = wire.with(|request| verify(request, &authorization, SECRET, now()));
    assert_eq!(result, Err(Error::Malformed));
}

#[test]
fn a_long_secret_key_is_hashed_first() {
    // RFC 4231 test case 6: a key of 131 bytes 0xAA.
    let mut mac = Hmac::<Sha256>::new(&block(&[0xAA; 131]).into());
    mac.update(b"Test Using Larger Than Block-Size Key - Hash Key First");
    let expect = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
    assert_eq!(hex::encode(mac.finalize().into_bytes()), expect);
}

#[test]
fn malformed_headers_are_refused() {
    let digest = "0".repeat(64);
    let good = format!("SDK-HMAC-SHA256 Access=AK, SignedHeaders=host;x-sdk-date, Signature={digest}");
    assert!(Authorization::parse(&good).is_ok());
    assert!(Authorization::parse(&good.replace(", ", ",")).is_ok());
    let bad = [
        String::new(),
        "Bearer x".into(),
        "SDK-HMAC-SHA256".into(),
        good.replace("SHA256 ", "SHA256"),
        good.replace("SHA256", "SM3"),
        good.replace("Access=AK, ", ""),
        good.replace("Access=AK", "Access="),
        good.replace("Access=AK", "Access=A K"),
        good.replace("AK,", "AK, Access=BK,"),
        good.replace("Access=AK", "Credential=AK"),
        good.replace("host;", "host;;"),
        good.replace("host;", "host;Host;"),
        good.replace("host;", "ho:st;"),
        good.replace("host;x-sdk-date", ""),
        good.replace("host;", &(0..100).map(|n| format!("h{n};")).collect::<String>()),
        good.replace(&digest, &digest[1..]),
        good.replace(&digest, &digest.replace('0', "A")),
        format!("{good}, Extra=1"),
        format!("{good},"),
    ];
    for header in bad {
        assert_eq!(Authorization::parse(&header), Err(Error::Malformed), "{header}");
    }
}

fn any_headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    prop::collection::vec(("[A-Za-z][A-Za-z0-9-]{0,12}", prop::collection::vec(0x20..=0xFFu8, 0..24)), 0..6)
}

proptest! {
    #[test]
    fn what_is_signed_verifies(
        method in "GET|PUT|POST|DELETE",
        path in "/\\PC{0,40}",
        query in "\\PC{0,40}",
        headers in any_headers(),
        body: Vec<u8>,
        secret in "\\PC{0,100}",
    ) {
        let mut wire = Wire { method, path, query, headers, body };
        wire.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization") && !name.eq_ignore_ascii_case(DATE));
        let added = wire.with(|request| sign(request, "AK", &secret, now()));
        wire.headers.extend(added.into_iter().map(|(name, value)| (name, value.into_bytes())));
        prop_assert_eq!(wire.verify(&secret, now()), Ok(()));
    }

    #[test]
    fn no_header_makes_the_parser_panic(text in "\\PC*") {
        let _ = Authorization::parse(&text);
        let _ = Authorization::parse(&format!("SDK-HMAC-SHA256 {text}"));
    }

    #[test]
    fn no_request_makes_the_verifier_panic(
        path in "\\PC*", query in "\\PC*", headers in any_headers(), date: Vec<u8>, hash in "\\PC*", signed in "\\PC*",
    ) {
        let authorization = Authorization {
            access_key: "AK".into(),
            signed_headers: vec![DATE.into(), signed],
            signature: "0".repeat(64),
        };
        let mut headers: Vec<(&str, &[u8])> = headers.iter().map(|(n, v)| (n.as_str(), v.as_slice())).collect();
        headers.push((DATE, &date));
        let request = Request { method: "GET", path: &path, query: &query, headers: &headers, body_sha256: &hash };
        prop_assert!(verify(&request, &authorization, SECRET, now()).is_err());
    }
}
