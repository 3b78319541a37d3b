//! Identities: who gets in, and what they may.

use super::*;

mod attempts;
mod keys;
mod policies;
mod refusals;
mod tokens;

/// A password that every rule takes.
const PASSWORD: &str = "Correct-Horse-1";

impl Api {
    /// A user in a group of their own with the system role of this name, everywhere or in one project; their id.
    pub(super) async fn user(&self, name: &str, role: &str, project: Option<&str>) -> String {
        let user = self.post("/v3/users", &json!({"user": {"name": name, "password": PASSWORD}})).await.fine(201);
        let user = user["user"]["id"].as_str().unwrap().to_owned();
        let group = self.post("/v3/groups", &json!({"group": {"name": format!("{name} and others")}})).await.fine(201);
        let group = group["group"]["id"].as_str().unwrap().to_owned();
        self.put(&format!("/v3/groups/{group}/users/{user}"), &json!({})).await.fine(204);
        self.grant(&group, &self.role(role).await, project).await.fine(204);
        user
    }

    async fn grant(&self, group: &str, role: &str, project: Option<&str>) -> Answer {
        let place = match project {
            Some(project) => format!("projects/{project}"),
            None => format!("domains/{}", self.store.domain()),
        };
        self.put(&format!("/v3/{place}/groups/{group}/roles/{role}"), &json!({})).await
    }

    /// The id of the role with exactly this display name.
    async fn role(&self, name: &str) -> String {
        let mut all = self.get("/v3/roles").await.fine(200)["roles"].as_array().unwrap().clone();
        let custom = self.get("/v3.0/OS-ROLE/roles").await.fine(200);
        all.extend(custom["roles"].as_array().unwrap().clone());
        let found = all.iter().find(|role| role["display_name"] == name).unwrap();
        found["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn project(&self, name: &str) -> String {
        let made =
            self.post("/v3/projects", &json!({"project": {"name": name, "parent_id": self.store.project()}})).await;
        made.fine(201)["project"]["id"].as_str().unwrap().to_owned()
    }

    /// A new access key of a user.
    pub(super) async fn key(&self, user: &str) -> (String, String) {
        let body = json!({"credential": {"user_id": user, "description": "a test's"}});
        let made = self.post("/v3.0/OS-CREDENTIAL/credentials", &body).await.fine(201);
        let text = |field: &str| made["credential"][field].as_str().unwrap().to_owned();
        (text("access"), text("secret"))
    }

    /// Signs with another key than the first user's.
    pub(super) async fn with(
        &self,
        (access_key, secret_key): &(String, String),
        method: &str,
        path: &str,
        body: &Value,
    ) -> Answer {
        let signer = Signer { access_key, secret_key, now: model::time::now() };
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(signer.sign(method, path, &[], body.as_bytes())).await
    }

    /// Sends a request with a token in place of a signature; without one if it is empty.
    pub(super) async fn bearing(&self, token: &str, method: &str, path: &str, body: &Value) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8081");
        if !token.is_empty() {
            request = request.header("x-auth-token", token);
        }
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    pub(super) async fn log_in(&self, name: &str, password: &str, scope: Value) -> Answer {
        let user = json!({"name": name, "password": password, "domain": {"name": "funcd"}});
        let mut auth = json!({"identity": {"methods": ["password"], "password": {"user": user}}});
        if !scope.is_null() {
            auth["scope"] = scope;
        }
        self.bearing("", "POST", "/v3/auth/tokens", &json!({"auth": auth})).await
    }

    /// A token of a user for the first project.
    async fn token(&self, name: &str) -> String {
        let scope = json!({"project": {"name": "local-1"}});
        let answer = self.log_in(name, PASSWORD, scope).await;
        answer.fine(201);
        answer.header("x-subject-token").to_owned()
    }
}

impl Answer {
    /// Asserts a refusal in the shape of identity operations.
    #[track_caller]
    pub(super) fn iam_refused(&self, status: u16, parts: &[&str]) {
        let body = self.json();
        assert_eq!((self.status, &body["error"]["code"]), (status, &json!(status)), "{body}");
        for part in parts {
            assert!(body["error"]["message"].as_str().unwrap().contains(part), "{body} lacks {part}");
        }
    }
}
