use super::*;
use jiff::ToSpan as _;

const MINUTE: i64 = 1;

#[tokio::test]
async fn an_unsigned_request_is_refused_in_the_vendors_shape() {
    let api = Api::new().await;
    let path = api.fgs("/functions");
    let bare = |headers: &[(&str, &str)]| {
        let builder = headers.iter().fold(Request::get(&path), |builder, (name, value)| builder.header(*name, *value));
        builder.body(Body::empty()).unwrap()
    };
    api.send(bare(&[])).await.refused(401, "APIG.0301", &["Authorization header is missing"]);
    api.send(bare(&[("x-auth-token", "t")])).await.refused(401, "APIG.0301", &["X-Auth-Token"]);
    api.send(bare(&[("authorization", "Basic x")])).await.refused(401, "APIG.0301", &["SDK-HMAC-SHA256"]);
    let users = api.send(Request::get("/v3/users").body(Body::empty()).unwrap()).await;
    assert_eq!((users.status, &users.json()["error"]["code"]), (401, &json!(401)));
}

#[tokio::test]
async fn health_is_the_one_thing_unsigned() {
    let api = Api::new().await;
    let answer = api.send(Request::get("/healthz").body(Body::empty()).unwrap()).await;
    assert_eq!((answer.status, &answer.body[..]), (200, &b"ok\n"[..]));
    assert!(!answer.header("x-request-id").is_empty());
}

#[tokio::test]
async fn a_wrong_key_a_wrong_secret_and_an_old_date_are_told_apart() {
    let api = Api::new().await;
    let path = api.fgs("/functions");
    let Credential { access_key, secret_key, .. } = api.credential.clone();
    let now = model::time::now();
    let cases = [
        (("AKNOBODY", secret_key.expose()), now, "there is no access key 'AKNOBODY'"),
        ((access_key.as_str(), "guess"), now, "does not match"),
        ((access_key.as_str(), secret_key.expose()), now - (16 * MINUTE).minutes(), "15 minutes"),
        ((access_key.as_str(), secret_key.expose()), now + (16 * MINUTE).minutes(), "15 minutes"),
    ];
    for ((access_key, secret_key), now, part) in cases {
        let signer = Signer { access_key, secret_key, now };
        let answer = api.send(signer.sign("GET", &path, &[], b"")).await;
        answer.refused(401, "APIG.0301", &[part]);
    }
}

#[tokio::test]
async fn nothing_signed_can_be_changed() {
    let api = Api::new().await;
    let path = api.fgs("/functions");
    let body = new_function("web").to_string();
    let signed = |body: &[u8]| api.signed("POST", &path, &[], body);

    let mut other_body = signed(body.as_bytes());
    *other_body.body_mut() = Body::from(body.replace("\"web\"", "\"bad\""));
    let mut other_query = signed(body.as_bytes());
    *other_query.uri_mut() = format!("{path}?x=1").parse().unwrap();
    let mut other_host = signed(body.as_bytes());
    other_host.headers_mut().insert("host", "other".parse().unwrap());
    for request in [other_body, other_query, other_host] {
        api.send(request).await.refused(401, "APIG.0301", &["does not match"]);
    }
    let unbound = [("x-sdk-content-sha256", "UNSIGNED-PAYLOAD"), ("content-type", "text/plain")];
    let request = api.signed("POST", &path, &unbound, body.as_bytes());
    assert_eq!(api.send(request).await.status, 401);
    assert!(api.store.functions(&api.credential.project).is_empty());
}

#[tokio::test]
async fn the_project_is_the_access_keys_own() {
    let api = Api::new().await;
    let other = "0123456789abcdef0123456789abcdef";
    api.get(&format!("/v2/{other}/fgs/functions")).await.refused(403, "FSS.0403", &[other]);
    let header = api.signed("GET", &api.fgs("/functions"), &[("x-project-id", other)], b"");
    api.send(header).await.refused(403, "FSS.0403", &["X-Project-Id"]);
    let own = api.credential.project.clone();
    let header = api.signed("GET", &api.fgs("/functions"), &[("x-project-id", &own)], b"");
    api.send(header).await.fine(200);
    let urn = format!("urn:fss:local-1:{other}:function:default:web");
    api.get(&api.fgs(&format!("/functions/{urn}/config"))).await.refused(403, "FSS.0403", &["another project"]);
}

#[tokio::test]
async fn a_urn_is_taken_raw_and_percent_encoded() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let raw = format!("{}:latest", api.urn("web"));
    let encoded = raw.replace(':', "%3A");
    for urn in [raw.as_str(), encoded.as_str(), "web", "default:web"] {
        api.get(&api.fgs(&format!("/functions/{urn}/config"))).await.fine(200);
    }
    api.get(&api.fgs("/functions/web:%211/config")).await.refused(404, "FSS.1051", &[]);
    api.get(&api.fgs("/functions/a:b:c:d:e/config")).await.refused(400, "FSS.1309", &["'a:b:c:d:e'"]);
    let alias = format!("{}:!prod", api.urn("web"));
    api.get(&api.fgs(&format!("/functions/{alias}/config"))).await.refused(404, "FSS.1053", &["!prod"]);
    let version = format!("{}:v1", api.urn("web"));
    api.get(&api.fgs(&format!("/functions/{version}/config"))).await.refused(404, "FSS.1052", &["v1"]);
}

#[tokio::test]
async fn a_body_over_its_limit_is_refused_before_it_is_read() {
    let api = Api::new().await;
    let large = vec![b' '; 1024 * 1024 + 1];
    let config = api.signed("PUT", &api.fgs("/functions/web/config"), &[], &large);
    api.send(config).await.refused(413, "FSS.0413", &["at most 1048576 bytes"]);
    let mut create = api.signed("POST", &api.fgs("/functions"), &[], b"");
    create.headers_mut().insert("content-length", "80000000".parse().unwrap());
    api.send(create).await.refused(413, "FSS.1071", &["at most 52428800 bytes"]);
}
