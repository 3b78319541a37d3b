//! The web console's files, and who is let in at it.

use http::header::{COOKIE, SET_COOKIE};

use super::*;
use crate::File;

pub(super) const PAGE: &str = "<html><style nonce=\"__NONCE__\"></style></html>";
/// `text` by gzip(1).
const TEXT: &[u8] = &[
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0x2b, 0x49, 0xad, 0x28, 0x01, 0x00, 0xc7, 0xa7, 0x8b,
    0x3b, 0x04, 0x00, 0x00, 0x00,
];
pub(super) const FILES: &[File] =
    &[File { path: "assets/app-1.js", gzip: TEXT }, File { path: "icon.svg", gzip: TEXT }];

/// The two halves.
struct Halves {
    cookie: String,
    key: String,
}

impl Api {
    async fn sign_in(&self, headers: &[(&str, &str)], body: &Value) -> Answer {
        let mut request = Request::post("/console/session").header("host", "127.0.0.1:8081");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(body.to_string())).unwrap()).await
    }

    async fn by_link(&self, link: &str) -> Answer {
        self.sign_in(&[("x-funcd-console", "1")], &json!({ "link": link })).await
    }

    async fn by_password(&self, user: &str, password: &str) -> Answer {
        self.sign_in(&[("x-funcd-console", "1")], &json!({ "user": user, "password": password })).await
    }

    /// The first user's session.
    async fn session(&self) -> Halves {
        Halves::of(&self.by_link(&self.links.make(model::time::now())).await)
    }

    async fn by_session(&self, halves: &Halves, method: &str, path: &str, body: &Value) -> Answer {
        let request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8081");
        let request =
            request.header(COOKIE, format!("other=1; {}", halves.cookie)).header("x-funcd-session", &halves.key);
        self.send(request.body(Body::from(if body.is_null() { String::new() } else { body.to_string() })).unwrap())
            .await
    }

    /// What is no operation, so that no document promises it.
    async fn file(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

impl Halves {
    fn of(answer: &Answer) -> Self {
        let key = answer.fine(201)["key"].as_str().unwrap().to_owned();
        Self { cookie: answer.header(SET_COOKIE.as_str()).split(';').next().unwrap().to_owned(), key }
    }
}

#[tokio::test]
async fn a_session_is_a_cookie_for_the_browser_and_a_key_for_its_script() {
    let api = Api::new().await;
    let answer = api.by_link(&api.links.make(model::time::now())).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("funcd_session_8081="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"), "{cookie}");
    let halves = Halves::of(&answer);
    let shown = api.by_session(&halves, "GET", "/console/session", &Value::Null).await.fine(200);
    assert_eq!((&shown["user"]["name"], &shown["projects"][0]["name"]), (&json!("admin"), &json!("local-1")));
    assert_eq!(shown["key"], Value::Null);
    let made = api.by_session(&halves, "POST", &api.fgs("/functions"), &new_function("web")).await;
    assert_eq!(made.fine(200)["func_name"], "web");
    let project = &api.credential.project;
    let traces = api.get(&format!("/v3/{project}/traces")).await.fine(200);
    let names: Vec<_> = traces["traces"].as_array().unwrap().iter().map(|one| &one["trace_name"]).collect();
    assert_eq!(names, ["createFunction", "login"], "both are in the trail");
}

#[tokio::test]
async fn one_half_alone_lets_nobody_in() {
    let api = Api::new().await;
    let (mine, other) = (api.session().await, api.session().await);
    let functions = api.fgs("/functions");
    for (cookie, key) in
        [(&mine.cookie, ""), (&String::new(), &*mine.key), (&mine.cookie, &other.key), (&other.cookie, &mine.key)]
    {
        let halves = Halves { cookie: cookie.clone(), key: key.to_owned() };
        api.by_session(&halves, "GET", &functions, &Value::Null).await.refused(
            401,
            "APIG.0301",
            &["sign in at the console"],
        );
    }
    // Which is all that another site, or a function at the gateway, has.
    let cookie_alone = Request::get(&functions).header(COOKIE, &mine.cookie).body(Body::empty()).unwrap();
    api.send(cookie_alone).await.refused(401, "APIG.0301", &["Authorization header is missing"]);
    // Another one's cookie of our name beside it changes nothing.
    let beside = Halves { cookie: format!("funcd_session=x; {}; {}", other.cookie, mine.cookie), key: mine.key };
    api.by_session(&beside, "GET", &functions, &Value::Null).await.fine(200);
}

#[tokio::test]
async fn only_the_console_begins_sessions() {
    let api = Api::new().await;
    let body = json!({"link": api.links.make(model::time::now())});
    api.sign_in(&[], &body).await.refused(400, "IAM.0400", &["X-Funcd-Console"]);
    api.sign_in(&[("x-funcd-console", "1")], &json!({})).await.refused(
        400,
        "IAM.0400",
        &["user is missing", "password is missing"],
    );
    let answer = api.sign_in(&[("x-funcd-console", "1"), ("x-forwarded-proto", "https")], &body).await;
    assert!(answer.header("set-cookie").ends_with("; Secure"));
}

#[tokio::test]
async fn a_link_lets_the_first_user_in_once() {
    let api = Api::new().await;
    let link = api.links.make(model::time::now());
    api.by_link(&link).await.fine(201);
    api.by_link(&link).await.refused(401, "IAM.0401", &["used before", "funcd console"]);
    api.by_link("x").await.refused(401, "IAM.0401", &["used before"]);
}

#[tokio::test]
async fn passwords_are_those_of_the_users_and_five_wrong_ones_lock() {
    let api = Api::new().await;
    let (name, password) = api.store.first_login().unwrap();
    let password = password.unwrap();
    let session = Halves::of(&api.by_password(&name, password.expose()).await);
    api.by_session(&session, "GET", &api.fgs("/functions"), &Value::Null).await.fine(200);
    for _ in 0..5 {
        api.by_password(&name, "wrong").await.refused(401, "IAM.0401", &["username or password is wrong"]);
    }
    let locked = api.by_password(&name, password.expose()).await;
    locked.refused(401, "APIG.0301", &["locked"]);
    assert!(!locked.header("retry-after").is_empty());
}

#[tokio::test]
async fn a_session_ends_when_its_user_signs_out_or_is_changed() {
    let api = Api::new().await;
    let (first, second) = (api.session().await, api.session().await);
    let out = api.by_session(&first, "DELETE", "/console/session", &Value::Null).await;
    out.fine(204);
    assert!(out.header("set-cookie").starts_with("funcd_session_8081=; Path=/; Max-Age=0"));
    let traces =
        api.get(&format!("/v3/{}/traces?trace_name=logout", api.credential.project)).await.fine(200)["traces"].clone();
    assert_eq!((traces.as_array().unwrap().len(), &traces[0]["user"]["name"]), (1, &json!("admin")));
    api.by_session(&first, "GET", "/console/session", &Value::Null).await.refused(401, "APIG.0301", &[]);
    let user = api.by_session(&second, "GET", "/console/session", &Value::Null).await.fine(200)["user"]["id"].clone();
    let path = format!("/v3/users/{}", user.as_str().unwrap());
    let renewed = api.by_session(&second, "PATCH", &path, &json!({"user": {"password": "Another-one-1"}})).await;
    renewed.fine(200);
    api.by_session(&second, "GET", "/console/session", &Value::Null).await.refused(401, "APIG.0301", &["revoked"]);
}

#[tokio::test]
async fn no_token_is_made_from_a_session() {
    let api = Api::new().await;
    let session = api.session().await;
    let auth = json!({"auth": {"identity": {"methods": ["token"]}}});
    let answer = api.by_session(&session, "POST", "/v3/auth/tokens", &auth).await;
    assert_eq!(answer.status, 401, "{answer:?}");
}

#[tokio::test]
async fn the_page_allows_nothing_from_elsewhere_and_no_inline_script() {
    let api = Api::new().await;
    let (one, two) = (api.file("/console/", &[]).await, api.file("/console/functions/web", &[]).await);
    let policy = one.header("content-security-policy").to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self' 'nonce-"), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"));
    assert!(!policy.contains("unsafe"));
    let nonce = policy.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap();
    assert_eq!(String::from_utf8_lossy(&one.body), PAGE.replace("__NONCE__", nonce));
    assert_ne!(one.body, two.body, "each answer has a nonce of its own");
    for (name, expect) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cache-control", "no-store"),
        ("content-type", "text/html; charset=utf-8"),
    ] {
        assert_eq!(one.header(name), expect);
    }
}

#[tokio::test]
async fn files_are_sent_as_they_are_taken() {
    let api = Api::new().await;
    let packed = api.file("/console/assets/app-1.js", &[("accept-encoding", "br, gzip;q=0.5")]).await;
    assert_eq!((packed.header("content-encoding"), &packed.body[..]), ("gzip", TEXT));
    assert_eq!(packed.header("content-type"), "text/javascript; charset=utf-8");
    assert!(packed.header("cache-control").contains("immutable"));
    let plain = api.file("/console/icon.svg", &[("accept-encoding", "gzip;q=0")]).await;
    assert_eq!((plain.header("content-encoding"), &plain.body[..]), ("", &b"text"[..]));
    assert_eq!(api.file("/console/assets/app-2.js", &[]).await.status, 404);
    let (home, programs) = (api.file("/", &[("accept", "text/html,*/*;q=0.8")]).await, api.file("/", &[]).await);
    assert_eq!((home.status, home.header("location")), (303, "/console/"));
    assert!(programs.header("content-type").starts_with("application/json"));
    assert_eq!(api.file("/console", &[]).await.header("location"), "/console/");
}

/// A user with rights who signs in as `change` says.
async fn user_with(api: &Api, name: &str, change: &Value) -> String {
    let id = api.user(name, "FullAccess", None).await;
    api.put(&format!("/v3.0/OS-USER/users/{id}"), &json!({"user": change})).await.fine(200);
    id
}

#[tokio::test]
async fn a_user_of_programs_has_no_console_and_a_user_of_the_console_no_keys_and_tokens() {
    const PASSWORD: &str = "Correct-Horse-1";
    let api = Api::new().await;
    let functions = api.fgs("/functions");
    let scope = json!({"project": {"name": "local-1"}});
    let program = user_with(&api, "program", &json!({"access_mode": "programmatic"})).await;
    let person = user_with(&api, "person", &json!({"access_mode": "console"})).await;
    let (program_key, person_key) = (api.key(&program).await, api.key(&person).await);

    api.by_password("program", PASSWORD).await.refused(403, "IAM.0403", &["access_mode is programmatic"]);
    api.by_password("program", "Wrong-Horse-1").await.refused(401, "IAM.0401", &["username or password is wrong"]);
    api.with(&program_key, "GET", &functions, &Value::Null).await.fine(200);
    api.log_in("program", PASSWORD, scope.clone()).await.fine(201);

    let session = Halves::of(&api.by_password("person", PASSWORD).await);
    api.by_session(&session, "GET", &functions, &Value::Null).await.fine(200);
    let signed = api.with(&person_key, "GET", &functions, &Value::Null).await;
    signed.refused(401, "APIG.0301", &["console only"]);
    api.log_in("person", PASSWORD, scope.clone()).await.iam_refused(403, &["console only"]);
    api.log_in("person", "Wrong-Horse-1", scope.clone()).await.iam_refused(401, &["username or password is wrong"]);

    // What was begun before ends with the change.
    let free = user_with(&api, "free", &json!({"access_mode": "default"})).await;
    let session = Halves::of(&api.by_password("free", PASSWORD).await);
    api.by_session(&session, "GET", &functions, &Value::Null).await.fine(200);
    let path = format!("/v3.0/OS-USER/users/{free}");
    api.put(&path, &json!({"user": {"access_mode": "programmatic"}})).await.fine(200);
    api.by_session(&session, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["revoked"]);
    let token = api.log_in("free", PASSWORD, scope).await;
    token.fine(201);
    let token = token.header("x-subject-token").to_owned();
    api.put(&path, &json!({"user": {"access_mode": "console"}})).await.fine(200);
    api.bearing(&token, "GET", &functions, &Value::Null).await.refused(401, "APIG.0301", &["revoked"]);

    let first = api.store.identities().first_user.clone();
    let shut_out = api.put(&format!("/v3.0/OS-USER/users/{first}"), &json!({"user": {"access_mode": "console"}})).await;
    shut_out.iam_refused(403, &["first user", "access_mode"]);
}

#[tokio::test]
async fn a_password_that_must_be_changed_is_asked_for_at_the_console() {
    const PASSWORD: &str = "Correct-Horse-1";
    const NEXT: &str = "Another-Horse-2";
    let api = Api::new().await;
    let id = user_with(&api, "person", &json!({"pwd_status": true})).await;
    let change = async |old: &str, new: &str| {
        let body = json!({"user": "person", "password": old, "new_password": new});
        api.sign_in(&[("x-funcd-console", "1")], &body).await
    };
    api.by_password("person", PASSWORD).await.refused(403, "IAM.0428", &["new_password"]);
    change("Wrong-Horse-1", NEXT).await.refused(401, "IAM.0401", &["wrong"]);
    change(PASSWORD, PASSWORD).await.refused(400, "IAM.0400", &["new_password is the one so far"]);
    change(PASSWORD, "short").await.refused(400, "IAM.0400", &["new_password must be 8 to 32"]);
    let session = Halves::of(&change(PASSWORD, NEXT).await);
    api.by_session(&session, "GET", &api.fgs("/functions"), &Value::Null).await.fine(200);
    let shown = api.get(&format!("/v3.0/OS-USER/users/{id}")).await.fine(200);
    assert_eq!(shown["user"]["pwd_status"], false);
    Halves::of(&api.by_password("person", NEXT).await);
    api.by_password("person", PASSWORD).await.refused(401, "IAM.0401", &["wrong"]);
}
