//! App authentication: who is let in, what the function is told of them, and what each refusal says to whom.

use std::collections::BTreeMap;

use model::apig::app::{Acl, AclKind, App, Client as Caller, Code, Grant};
use model::secret::Secret;
use model::snapshot::Callers;
use sha2::{Digest as _, Sha256};

use crate::client::Reply;
use crate::support::{Server, wait_until};

const SECRET: &str = "secret-of-the-shop";
pub(crate) const CODE: &str = "a-code-that-the-shop-may-send-instead-of-a-signature-0123456789abcdef";

/// `shop` may call `app` and `simple`, `other` nothing, `far` only from elsewhere.
pub(crate) fn callers() -> Callers {
    let at = model::time::now();
    let grant = |api: &str| {
        ((api.to_owned(), model::trigger::RELEASE_ENV_ID.to_owned()), Grant { id: api.to_owned(), created: at })
    };
    let caller = |name: &str, apis: &[&str], acl: Option<Acl>| Caller {
        app: App {
            id: format!("{name}-id"),
            project: "p".into(),
            name: name.into(),
            remark: String::new(),
            key: format!("{name}-key"),
            secret: Secret::new(SECRET),
            acl,
            created: at,
            modified: at,
        },
        codes: match name {
            "shop" => vec![Code { id: "c".into(), text: Secret::new(CODE), created: at }],
            _ => Vec::new(),
        },
        grants: apis.iter().map(|api| grant(api)).collect::<BTreeMap<_, _>>(),
    };
    let elsewhere = Acl { kind: AclKind::Permit, values: vec!["192.0.2.0/24".into()] };
    let all = vec![
        caller("shop", &["app", "simple"], None),
        caller("other", &[], None),
        caller("far", &["app"], Some(elsewhere)),
    ];
    Callers::new(all, |code| Sha256::digest(code).into())
}

/// A request to be signed, and what becomes of it on the way.
struct Signed<'a> {
    key: &'a str,
    secret: &'a str,
    target: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: &'a str,
    seconds_ago: i64,
}

impl Default for Signed<'_> {
    fn default() -> Self {
        Self { key: "shop-key", secret: SECRET, target: "/app/x?b=2&a=1", headers: &[], body: "", seconds_ago: 0 }
    }
}

impl Signed<'_> {
    fn text(&self) -> String {
        let mut sent = vec![("host", "closed.localhost")];
        sent.extend(self.headers);
        let bytes: Vec<(&str, &[u8])> = sent.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let (path, query) = self.target.split_once('?').unwrap_or((self.target, ""));
        let request = auth::signature::Request {
            method: "POST",
            path,
            query,
            headers: &bytes,
            body_sha256: &hex::encode(Sha256::digest(self.body)),
        };
        let now = model::time::now() - jiff::SignedDuration::from_secs(self.seconds_ago);
        let added = auth::signature::sign(&request, self.key, self.secret, now);
        let added = added.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let mut text = format!("POST {} HTTP/1.1\r\n", self.target);
        for (name, value) in sent.into_iter().chain(added) {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str(&format!("content-length: {}\r\n\r\n{}", self.body.len(), self.body));
        text
    }

    fn send(&self) -> Reply {
        Server::echo().request(&self.text())
    }
}

#[track_caller]
fn refused(reply: &Reply, status: u16, code: &str, part: &str) {
    let error = reply.error();
    assert_eq!((reply.status, error.error_code.as_str()), (status, code), "{reply:?}");
    assert!(error.error_msg.contains(part), "{} lacks {part}", error.error_msg);
    assert_eq!(Some(error.request_id.as_str()), reply.header("x-request-id"));
}

#[test]
fn a_signed_request_reaches_the_function_without_its_signature_and_with_the_app() {
    for body in ["", "{\"a\":1}", &"x".repeat(300_000)] {
        let reply = Signed { body, headers: &[("content-type", "application/json")], ..Signed::default() }.send();
        assert_eq!(reply.status, 200, "{reply:?}");
        let seen = reply.seen();
        assert_eq!((seen.uri.as_str(), seen.body.len()), ("/app/x?b=2&a=1", body.len()));
        for (name, expect) in
            [("x-apig-app-id", "shop-id"), ("x-apig-app-name", "shop"), ("x-apig-app-key", "shop-key")]
        {
            assert_eq!(seen.header(name), [expect]);
        }
        for name in ["authorization", "x-sdk-date", "x-sdk-content-sha256"] {
            assert!(seen.header(name).is_empty(), "{name}");
        }
    }
}

#[test]
fn what_the_signature_does_not_fit_is_refused() {
    let good = Signed { body: "body", ..Signed::default() }.text();
    for (from, to) in [("\r\n\r\nbody", "\r\n\r\nbodY"), ("b=2", "b=3"), ("POST", "PUT"), ("/app/x", "/app/y")] {
        let reply = Server::echo().request(&good.replacen(from, to, 1));
        refused(&reply, 401, "APIG.0303", "the signature does not match the request");
        assert_eq!(reply.header("www-authenticate"), Some("SDK-HMAC-SHA256"));
    }
    for wrong in [Signed { key: "nobody", ..Signed::default() }, Signed { secret: "x", ..Signed::default() }] {
        refused(&wrong.send(), 401, "APIG.0303", "the signature does not match the request");
    }
}

#[test]
fn a_date_of_long_ago_or_far_ahead_is_refused() {
    for seconds_ago in [16 * 60, -16 * 60] {
        let reply = Signed { seconds_ago, ..Signed::default() }.send();
        refused(&reply, 401, "APIG.0303", "15 minutes");
    }
    for seconds_ago in [14 * 60, -14 * 60] {
        assert_eq!(Signed { seconds_ago, ..Signed::default() }.send().status, 200);
    }
}

#[test]
fn a_request_without_a_signature_or_with_two_is_refused() {
    let server = Server::echo();
    let head = "GET /app HTTP/1.1\r\nHost: closed.localhost\r\n";
    refused(&server.request(&format!("{head}\r\n")), 401, "APIG.0303", "Authorization header is missing");
    let basic = server.request(&format!("{head}Authorization: Basic x\r\n\r\n"));
    refused(&basic, 401, "APIG.0303", "is not signed as");
    let twice = server.request(&format!("{head}Authorization: a\r\nAuthorization: b\r\n\r\n"));
    refused(&twice, 401, "APIG.0303", "more than once");
}

#[test]
fn an_app_without_authorization_or_from_a_wrong_address_is_refused_and_the_owner_is_told() {
    let server = Server::echo();
    let reply = server.request(&Signed { key: "other-key", ..Signed::default() }.text());
    refused(&reply, 403, "APIG.0304", "not authorized");
    refused(&Signed { key: "far-key", ..Signed::default() }.send(), 403, "APIG.0402", "address");
    let simple = Signed { target: "/simple", ..Signed::default() }.send();
    assert_eq!(simple.status, 200, "{simple:?}");
    let function = "urn:fss:r:p:function:default:app";
    wait_until("the line is in the log", || !server.telemetry.tail(function, 10).is_empty());
    let lines = server.telemetry.tail(function, 10);
    assert!(lines[0].text.starts_with("refused with APIG.0304: app other (other-id) is not authorized"), "{lines:?}");
    assert!(!lines[0].text.contains(SECRET));
}

#[test]
fn a_code_proves_an_app_where_the_api_takes_it() {
    let server = Server::echo();
    let ask = |path: &str, code: &str| {
        server.request(&format!("GET {path} HTTP/1.1\r\nHost: closed.localhost\r\nX-Apig-AppCode: {code}\r\n\r\n"))
    };
    let reply = ask("/simple", CODE);
    assert_eq!(reply.seen().header("x-apig-app-id"), ["shop-id"]);
    assert!(reply.seen().header("x-apig-appcode").is_empty());
    refused(&ask("/simple", &CODE[1..]), 401, "APIG.0303", "AppCode");
    refused(&ask("/app", CODE), 401, "APIG.0303", "Authorization header is missing");
}

#[test]
fn no_client_says_who_it_is() {
    let claim = "X-Apig-App-Id: admin\r\nX_Apig_App_Id: admin\r\nX-Apig-AppCode: mine\r\n";
    let reply = Server::echo().request(&format!("GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Basic x\r\n{claim}\r\n"));
    let seen = reply.seen();
    let names: Vec<_> =
        seen.headers.iter().map(|(name, _)| name.as_str()).filter(|name| name.contains("apig")).collect();
    assert_eq!(names, ["x-apig-appcode", "x-apig-hops"], "an open API's functions may use it as they like");
    assert_eq!(seen.header("authorization"), ["Basic x"]);
}

#[test]
fn five_wrong_signatures_keep_an_app_out_at_that_address() {
    let server = Server::echo();
    let wrong = Signed { secret: "x", ..Signed::default() }.text();
    for _ in 0..5 {
        refused(&server.request(&wrong), 401, "APIG.0303", "does not match");
    }
    let reply = server.request(&Signed::default().text());
    refused(&reply, 401, "APIG.0303", "locked after five wrong signatures");
    assert!(reply.header("retry-after").is_some());
    let other = server.request(&Signed { key: "other-key", ..Signed::default() }.text());
    refused(&other, 403, "APIG.0304", "");
}

#[test]
fn a_signed_body_is_bound_up_to_its_limit_and_an_unsigned_one_streams() {
    let (large, json) = ("x".repeat(13 * 1024 * 1024), ("content-type", "application/json"));
    refused(&Signed { body: &large, ..Signed::default() }.send(), 413, "APIG.0201", "12582912");
    let unsigned = [("x-sdk-content-sha256", "UNSIGNED-PAYLOAD"), ("content-type", "text/plain")];
    let reply = Signed { body: &large, headers: &unsigned, ..Signed::default() }.send();
    assert_eq!((reply.status, reply.seen().body.len()), (200, large.len()));
    let bound = [unsigned[0], json];
    refused(&Signed { body: "{}", headers: &bound, ..Signed::default() }.send(), 401, "APIG.0303", "does not match");
}

#[test]
fn a_chunked_body_is_bound_too_and_the_connection_goes_on() {
    let server = Server::echo();
    let signed = Signed { body: "hello", ..Signed::default() }.text();
    let chunked = signed.replace(
        "content-length: 5\r\n\r\nhello",
        "transfer-encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n",
    );
    let mut client = server.connect();
    for _ in 0..2 {
        client.send(&chunked);
        let reply = client.reply();
        assert_eq!((reply.status, reply.seen().body.as_str()), (200, "hello"));
    }
    client.send(chunked.replace("llo", "llO"));
    refused(&client.reply(), 401, "APIG.0303", "does not match");
    client.send(&chunked);
    assert_eq!(client.reply().status, 200, "a refusal after the whole body costs nothing");
}
