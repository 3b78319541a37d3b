//! IAM authentication: tokens and signatures of users, held against their policies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use auth::identity::{
    AccessKey, Details, Directory, Domain, Grant, Identities, Password, Project, Role, User, UserGroup,
};
use auth::policy::Policy;
use auth::seal::Key;
use auth::token::{Claims, Scope, Subject};
use jiff::SignedDuration;
use model::secret::Secret;
use sha2::{Digest as _, Sha256};

use crate::client::Reply;
use crate::support::Server;

static KEY: LazyLock<Key> = LazyLock::new(Key::generate);

/// `ann` may call functions of the project, `bob` may do nothing.
pub(crate) fn directory() -> Arc<Directory> {
    let at = model::time::now();
    let user = |id: &str| User {
        id: id.into(),
        name: id.into(),
        password: Password::None,
        enabled: true,
        epoch: 1,
        created: at,
        modified: at,
        password_set: None,
        details: Details::default(),
    };
    let key = |user: &str| AccessKey {
        access_key: format!("{user}-key"),
        secret_key: Secret::new("secret"),
        user: user.into(),
        active: true,
        description: String::new(),
        created: at,
        last_used: None,
    };
    let role = Role {
        id: "r".into(),
        name: "r".into(),
        display_name: "r".into(),
        description: String::new(),
        description_cn: String::new(),
        kind: "XA".into(),
        policy: Arc::new(Policy::allowing(&["functiongraph:function:invoke"])),
        times: None,
    };
    let group = UserGroup { id: "g".into(), name: "g".into(), description: String::new(), created: at };
    let project = Project { id: "p".into(), name: "p".into(), description: String::new(), enabled: true };
    let identities = Identities {
        domain: Domain { id: "d".into(), name: "d".into() },
        projects: BTreeMap::from([("p".into(), project)]),
        users: ["ann", "bob"].iter().map(|id| ((*id).to_owned(), user(id))).collect(),
        groups: BTreeMap::from([("g".into(), group)]),
        members: BTreeSet::from([("g".into(), "ann".into())]),
        roles: BTreeMap::from([("r".into(), role)]),
        agencies: BTreeMap::new(),
        access_keys: ["ann", "bob"].iter().map(|id| (format!("{id}-key"), key(id))).collect(),
        grants: BTreeSet::from([Grant { holder: "g".into(), project: Some("p".into()), role: "r".into() }]),
        first_user: "ann".into(),
    };
    Arc::new(Directory::new(identities, KEY.clone()))
}

fn token(user: &str, scope: Scope, hours: i64) -> String {
    let issued = model::time::now();
    let claims = Claims {
        subject: Subject::User(user.into()),
        epoch: 1,
        assumed_by: None,
        scope,
        methods: vec!["password".into()],
        issued,
        expires: issued + SignedDuration::from_hours(hours),
        policy: None,
    };
    claims.seal(&KEY)
}

fn with_token(token: &str) -> Reply {
    Server::echo().request(&format!("GET /iam HTTP/1.1\r\nHost: closed.localhost\r\nX-Auth-Token: {token}\r\n\r\n"))
}

fn signed(user: &str, secret: &str, body: &str) -> String {
    let headers: [(&str, &[u8]); 1] = [("host", b"closed.localhost")];
    let body_sha256 = hex::encode(Sha256::digest(body));
    let request = auth::signature::Request {
        method: "POST",
        path: "/iam",
        query: "",
        headers: &headers,
        body_sha256: &body_sha256,
    };
    let added = auth::signature::sign(&request, &format!("{user}-key"), secret, model::time::now());
    let lines: String = added.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let length = body.len();
    format!("POST /iam HTTP/1.1\r\nHost: closed.localhost\r\n{lines}Content-Length: {length}\r\n\r\n{body}")
}

#[track_caller]
fn refused(reply: &Reply, status: u16, code: &str, part: &str) {
    let error = reply.error();
    assert_eq!((reply.status, error.error_code.as_str()), (status, code), "{reply:?}");
    assert!(error.error_msg.contains(part), "{} lacks {part}", error.error_msg);
}

#[test]
fn a_token_or_a_signature_of_a_user_who_may_is_let_in() {
    let by_token = with_token(&token("ann", Scope::Project("p".into()), 1));
    let by_key = Server::echo().request(&signed("ann", "secret", "body"));
    for reply in [by_token, by_key] {
        assert_eq!(reply.status, 200, "{reply:?}");
        let seen = reply.seen();
        assert_eq!((seen.header("x-apig-user-id"), seen.header("x-apig-user-name")), (vec!["ann"], vec!["ann"]));
        for name in ["x-auth-token", "authorization", "x-sdk-date"] {
            assert!(seen.header(name).is_empty(), "{name}");
        }
    }
}

#[test]
fn the_users_of_an_account_are_one_user_of_a_throttling_policy() {
    let server = Server::echo();
    server.apply(crate::policies::of_users("iam", "d"));
    let request = token("ann", Scope::Project("p".into()), 1);
    let request =
        format!("GET /iam HTTP/1.1\r\nHost: closed.localhost\r\nX-Auth-Token: {request}\r\nX-Apig-Mode: debug\r\n\r\n");
    assert_eq!(server.request(&request).header("x-apig-ratelimit-user"), Some("remain:6,limit:7,time:1 hour"));
}

#[test]
fn a_user_whom_no_policy_lets_is_known_and_refused() {
    refused(&with_token(&token("bob", Scope::Project("p".into()), 1)), 403, "APIG.0302", "not allowed");
    refused(&Server::echo().request(&signed("bob", "secret", "")), 403, "APIG.0302", "not allowed");
    for scope in [Scope::Project("other".into()), Scope::Domain] {
        let reply = with_token(&token("ann", scope, 1));
        assert!(reply.status == 403 || reply.status == 401, "{reply:?}");
    }
}

#[test]
fn what_proves_nothing_is_refused() {
    refused(&with_token("x"), 401, "APIG.0301", "not a token of this installation");
    refused(&with_token(&token("ann", Scope::Project("p".into()), -1)), 401, "APIG.0307", "has expired");
    refused(&with_token(&token("nobody", Scope::Project("p".into()), 1)), 401, "APIG.0301", "revoked");
    let server = Server::echo();
    let good = signed("ann", "secret", "body");
    refused(&server.request(&good.replace("\r\nbody", "\r\nbodY")), 401, "APIG.0301", "does not match");
    refused(&server.request(&signed("eve", "secret", "")), 401, "APIG.0301", "no access key");
}

#[test]
fn five_wrong_signatures_lock_an_access_key() {
    let server = Server::echo();
    for _ in 0..5 {
        refused(&server.request(&signed("ann", "wrong", "")), 401, "APIG.0301", "does not match");
    }
    refused(&server.request(&signed("ann", "secret", "")), 401, "APIG.0301", "locked after five");
}
