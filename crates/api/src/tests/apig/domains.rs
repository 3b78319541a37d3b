use model::snapshot::Domain;
use rcgen::{CertificateParams, KeyPair};

use super::super::triggers::place;
use super::*;

/// A function `web` whose trigger made a group with a host of its own, and the path below which its domains are.
struct Grouped {
    api: Api,
    group: String,
    root: String,
}

impl Grouped {
    async fn new() -> Self {
        let api = Api::new().await;
        api.create("web", json!({})).await.fine(200);
        let (_, group) = place(&api, json!({"sl_domain": "web.localhost", "path": "/"})).await;
        let root = api.apig("").await;
        Self { api, group, root }
    }

    fn apig(&self, rest: &str) -> String {
        format!("{}{rest}", self.root)
    }

    fn path(&self, rest: &str) -> String {
        self.apig(&format!("/api-groups/{}{rest}", self.group))
    }

    async fn bind(&self, name: &str) -> Answer {
        self.api.post(&self.path("/domains"), &json!({"url_domain": name})).await
    }

    async fn bound(&self, name: &str) -> String {
        self.bind(name).await.fine(201)["id"].as_str().unwrap().to_owned()
    }

    async fn certify(&self, id: &str, (chain, key): (&str, &str)) -> Answer {
        let form = json!({"name": "mine", "cert_content": chain, "private_key": key});
        self.api.post(&self.path(&format!("/domains/{id}/certificate")), &form).await
    }

    /// Of the Snapshot.
    fn found(&self, host: &str) -> Option<Arc<Domain>> {
        self.api.store.snapshots().load().domains().find(host).cloned()
    }

    fn answers(&self, host: &str) -> bool {
        self.api.store.snapshots().load().route(host, &http::Method::GET, "/x").is_some()
    }
}

/// A certificate and its key.
fn pair(name: &str) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    (CertificateParams::new([name.to_owned()]).unwrap().self_signed(&key).unwrap().pem(), key.serialize_pem())
}

#[tokio::test]
async fn a_group_answers_at_its_domains() {
    let web = Grouped::new().await;
    let domain = web.bind("A.Example.com").await.fine(201);
    let id = domain["id"].as_str().unwrap();
    assert_eq!(
        domain,
        json!({
            "url_domain": "a.example.com", "id": id, "status": 3, "min_ssl_version": "TLSv1.2",
            "is_http_redirect_to_https": false, "verified_client_certificate_enabled": false,
        })
    );
    web.bound("*.example.org").await;
    let group = web.api.get(&web.path("")).await.fine(200);
    let names: Vec<_> = group["url_domains"].as_array().unwrap().iter().map(|one| &one["domain"]).collect();
    assert_eq!(names, ["*.example.org", "a.example.com"]);
    assert!(["a.example.com", "A.EXAMPLE.com", "z.example.org", "web.localhost"].iter().all(|host| web.answers(host)));
    assert!(["b.example.com", "example.org", "a.z.example.org"].iter().all(|host| !web.answers(host)));
    web.api.delete(&web.path(&format!("/domains/{id}"))).await.fine(204);
    assert!(!web.answers("a.example.com"));
    let again = web.api.delete(&web.path(&format!("/domains/{id}"))).await;
    again.refused(404, "APIG.3020", &[id]);
    web.bound("a.example.com").await;
}

#[tokio::test]
async fn what_is_no_domain_is_refused_with_every_problem() {
    let web = Grouped::new().await;
    for name in [
        "",
        "a",
        "*",
        "*.com",
        "*.*.com",
        "a.*.com",
        "a..com",
        "-a.com",
        "a_b.com",
        "a.com.",
        "1.2.3.4",
        "::1",
        "a b.com",
        "ä.com",
        "https://a.com",
        "a.com:80",
        "127.0.0.1",
    ] {
        web.bind(name).await.refused(400, "APIG.2012", &["url_domain"]);
    }
    web.bind(&format!("{}com", "a.".repeat(126))).await.refused(400, "APIG.2012", &["253"]);
    let body = json!({"min_ssl_version": "TLSv1.1", "ingress_http_port": 81, "ingress_https_port": -1, "x": 1});
    let answer = web.api.post(&web.path("/domains"), &body).await;
    let parts = [
        "url_domain is missing",
        "TLSv1.1 is not spoken",
        "ingress_http_port is 8080",
        "ingress_https_port is 8443",
        "'x'",
    ];
    answer.refused(400, "APIG.2012", &parts);
}

#[tokio::test]
async fn a_domain_is_of_one_group_and_a_group_has_five() {
    let web = Grouped::new().await;
    web.bound("a.example.com").await;
    web.bind("a.example.com").await.refused(400, "APIG.2012", &["a.example.com is taken", &web.group]);
    web.bind("web.localhost").await.refused(400, "APIG.2012", &["web.localhost is taken"]);
    for name in ["b.example.com", "c.example.com", "d.example.com", "*.example.com"] {
        web.bound(name).await;
    }
    web.bind("e.example.com").await.refused(403, "APIG.3100", &["at most 5 domains"]);
    let nobodys = web.api.post(&web.apig("/api-groups/nobody/domains"), &json!({"url_domain": "x.com"})).await;
    nobodys.refused(404, "APIG.3001", &["no API group nobody"]);
    let taken = json!({"sl_domain": "b.example.com", "path": "/b"});
    let trigger = web.api.post(&web.api.fgs("/triggers/web"), &new_trigger(taken)).await;
    trigger.refused(409, "FSS.1147", &["b.example.com is a custom domain"]);
}

#[tokio::test]
async fn a_certificate_is_checked_and_its_key_never_shown() {
    let web = Grouped::new().await;
    let id = web.bound("a.example.com").await;
    let (chain, key) = pair("a.example.com");
    let domain = web.certify(&id, (&chain, &key)).await.fine(201);
    let ssl = domain["ssl_id"].as_str().unwrap();
    assert_eq!((&domain["ssl_name"], &domain["api_group_id"]), (&json!("mine"), &json!(web.group)));
    let snapshot = web.found("a.example.com").unwrap();
    assert_eq!(snapshot.certificate.as_ref().unwrap().id, ssl);

    let path = web.path(&format!("/domains/{id}/certificate/{ssl}"));
    let shown = web.api.get(&path).await.fine(200);
    assert_eq!((&shown["san"], &shown["type"]), (&json!(["a.example.com"]), &json!("instance")));
    let secret = key.lines().nth(1).unwrap();
    assert!(!shown.to_string().contains(secret) && !domain.to_string().contains(secret));
    let stored = std::fs::read(web.api.home.path().join("meta.db")).unwrap();
    let (clear, der) = (secret.as_bytes(), &snapshot.certificate.as_ref().unwrap().key[40..60]);
    assert!(!stored.windows(clear.len()).any(|bytes| bytes == clear) && !stored.windows(20).any(|bytes| bytes == der));

    // Another one takes its place at once.
    let (chain, key) = pair("*.example.com");
    let second = web.certify(&id, (&chain, &key)).await.fine(201);
    assert_ne!(second["ssl_id"], ssl);
    web.api.get(&path).await.refused(404, "APIG.3020", &[ssl]);
    web.api.delete(&path).await.refused(404, "APIG.3020", &[ssl]);
    let path = web.path(&format!("/domains/{id}/certificate/{}", second["ssl_id"].as_str().unwrap()));
    web.api.delete(&path).await.fine(204);
    assert_eq!(web.found("a.example.com").unwrap().certificate, None);
}

#[tokio::test]
async fn everything_wrong_with_a_certificate_is_said_at_once() {
    let web = Grouped::new().await;
    let id = web.bound("a.example.com").await;
    let (other, key) = pair("b.example.com");
    let (_, stranger) = pair("b.example.com");
    let form = json!({"name": "1", "cert_content": other, "private_key": stranger});
    let answer = web.api.post(&web.path(&format!("/domains/{id}/certificate")), &form).await;
    let parts = ["name must be", "cert_content is not for a.example.com", "private_key is that of another"];
    answer.refused(400, "APIG.2012", &parts);
    let both = web.certify(&id, (&key, &other)).await;
    both.refused(400, "APIG.2012", &["cert_content has a section that is no certificate", "private_key has no key"]);
    assert!(!both.body.windows(20).any(|bytes| key.as_bytes()[40..].starts_with(bytes)));
    let empty = web.api.post(&web.path(&format!("/domains/{id}/certificate")), &json!({"name": "mine"})).await;
    empty.refused(400, "APIG.2001", &["cert_content is missing", "private_key is missing"]);
    let nobodys = web.api.post(&web.path("/domains/nobody/certificate"), &form).await;
    nobodys.refused(404, "APIG.3020", &["nobody"]);
}

#[tokio::test]
async fn what_can_be_changed_of_a_domain_is_changed() {
    let web = Grouped::new().await;
    let id = web.bound("a.example.com").await;
    let path = web.path(&format!("/domains/{id}"));
    let on =
        web.api.put(&path, &json!({"min_ssl_version": "TLSv1.2", "is_http_redirect_to_https": true})).await.fine(201);
    assert_eq!(on["is_http_redirect_to_https"], true);
    assert!(web.found("a.example.com").unwrap().redirect);
    let kept = web.api.put(&path, &json!({"min_ssl_version": "TLSv1.2"})).await.fine(201);
    assert_eq!(kept["is_http_redirect_to_https"], true);
    let wrong = json!({"verified_client_certificate_enabled": true, "min_ssl_version": "SSLv3"});
    let answer = web.api.put(&path, &wrong).await;
    answer.refused(400, "APIG.2012", &["min_ssl_version must be TLSv1.2", "names a root for clients"]);
    web.api.put(&path, &json!({})).await.refused(400, "APIG.2001", &["min_ssl_version is missing"]);
}

#[tokio::test]
async fn a_groups_own_host_can_be_closed() {
    let web = Grouped::new().await;
    web.bound("a.example.com").await;
    let path = web.path("/sl-domain-access-settings");
    for open in [false, true] {
        web.api.put(&path, &json!({"sl_domain_access_enabled": open})).await.fine(204);
        assert_eq!(web.api.get(&web.path("")).await.fine(200)["sl_domain_access_enabled"], open);
        assert_eq!((web.answers("web.localhost"), web.answers("a.example.com")), (open, true));
    }
    web.api.put(&path, &json!({})).await.refused(400, "APIG.2001", &["sl_domain_access_enabled is missing"]);
    let default = web.apig(&format!(
        "/api-groups/{}/sl-domain-access-settings",
        web.api.store.groups(&web.api.credential.project).await.unwrap()[0].id
    ));
    let answer = web.api.put(&default, &json!({"sl_domain_access_enabled": false})).await;
    answer.refused(400, "APIG.2012", &["bare address"]);
}

#[tokio::test]
async fn a_domain_of_the_default_group_is_its_projects_alone() {
    let web = Grouped::new().await;
    let default = web.api.store.groups(&web.api.credential.project).await.unwrap()[0].id.clone();
    place(&web.api, json!({"path": "/x"})).await;
    let other = web.api.store.create_project("local-1_other", "").await.unwrap();
    let path = web.apig(&format!("/api-groups/{default}/domains"));
    web.api.post(&path, &json!({"url_domain": "a.example.com"})).await.fine(201);
    assert!(web.answers("a.example.com"));
    let others = web.api.store.bind_domain(&other.id, &default, "b.example.com", false).await;
    assert!(matches!(others, Err(store::Error::Apig(store::apig::What::GroupMissing, _))), "{others:?}");
    let own = web.api.store.ensure_group(&other.id, None, "own", "own.example.net").await.unwrap();
    for name in ["a.example.com", "*.example.com", "own.example.net"] {
        let taken = web.api.store.bind_domain(&other.id, &own.id, name, false).await;
        assert!(matches!(taken, Err(store::Error::DomainTaken(_))), "{name}: {taken:?}");
    }
    let path = web.path("/domains");
    web.api.post(&path, &json!({"url_domain": "*.example.net"})).await.refused(400, "APIG.2012", &["is taken"]);
    web.bound("*.example.org").await;
    let below = web.api.store.bind_domain(&other.id, &own.id, "x.example.org", false).await.unwrap_err().to_string();
    assert!(below.contains("overlaps") && !below.contains(&web.group), "{below}");
}
