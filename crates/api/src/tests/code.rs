use super::*;

#[tokio::test]
async fn new_code_replaces_the_old() {
    let api = Api::new().await;
    let created = api.create("web", json!({})).await.fine(200);
    let path = api.fgs("/functions/web/code");
    let before = api.get(&path).await.fine(200);
    assert_eq!(before["digest"], created["digest"]);
    assert_eq!(before["func_code"]["file"], "");
    let zip = package("2");
    let change = json!({"code_type": "zip", "code_filename": "new.zip", "func_code": {"file": base64(&zip)}});
    let after = api.put(&path, &change).await.fine(200);
    assert_ne!(after["digest"], before["digest"]);
    assert_eq!((&after["code_size"], &after["code_filename"]), (&json!(zip.len()), &json!("new.zip")));
    let shown = api.get(&path).await.fine(200);
    assert!(after.as_object().unwrap().iter().all(|(field, value)| field == "func_code" || shown[field] == *value));
    assert_eq!(after["digest"], hex::encode(sha2::Sha512::digest(&zip)));
}

#[tokio::test]
async fn code_stays_when_none_is_sent() {
    let api = Api::new().await;
    let created = api.create("web", json!({})).await.fine(200);
    let path = api.fgs("/functions/web/code");
    let same = api.put(&path, &json!({"code_type": "zip", "depend_version_list": []})).await.fine(200);
    assert_eq!(same["digest"], created["digest"]);
    let file = json!({"file": base64(&package("2"))});
    let both = json!({"code_type": "zip", "code_url": "https://x", "func_code": file});
    api.put(&path, &both).await.refused(400, "FSS.1010", &["code_url goes with code_type obs, not with zip"]);
    let empty = json!({"code_type": "inline", "func_code": {"file": "", "link": "http://x"}});
    assert_eq!(api.put(&path, &empty).await.fine(200)["digest"], created["digest"], "what was read is written back");
}

#[tokio::test]
async fn inline_code_may_be_a_zip_and_is_repeated() {
    let api = Api::new().await;
    let file = base64(&package("1"));
    api.create("web", json!({"code_type": "inline", "func_code": {"file": &file}})).await.fine(200);
    let path = api.fgs("/functions/web/code");
    let after = api.put(&path, &json!({"code_type": "inline", "func_code": {"file": &file}})).await.fine(200);
    assert_eq!((&after["code_type"], &after["func_code"]["file"]), (&json!("inline"), &json!(file)));
    let text = json!({"code_type": "inline", "func_code": {"file": base64(b"print(1)")}});
    api.put(&path, &text).await.refused(400, "FSS.1011", &["source text", "bootstrap"]);
}

#[tokio::test]
async fn other_ways_to_bring_code_are_refused_by_name() {
    let api = Api::new().await;
    let image = api.create("web", json!({"code_type": "Custom-Image-Swr"})).await;
    image.refused(400, "FSS.1006", &["Custom-Image-Swr", "not supported yet"]);
    api.create("web", json!({"code_type": "tar"})).await.refused(400, "FSS.1006", &["zip, jar or obs, not 'tar'"]);
    api.create("web", json!({"code_type": "obs"})).await.refused(400, "FSS.1012", &["code_url is missing"]);
    api.create("web", json!({"func_code": null})).await.refused(400, "FSS.1012", &["func_code.file is missing"]);
    api.create("web", json!({"func_code": {"file": "UEs*"}})).await.refused(400, "FSS.1011", &["not base64"]);
    api.create("web", json!({"custom_image": {"enabled": true}})).await.refused(400, "FSS.1034", &["custom_image"]);
}

#[tokio::test]
async fn a_jar_is_a_package_too() {
    let api = Api::new().await;
    let created = api.create("web", json!({"code_type": "jar", "code_filename": "app.jar"})).await.fine(200);
    assert_eq!((&created["code_type"], &created["code_filename"]), (&json!("jar"), &json!("app.jar")));
    let without = base64(&zip(&[("META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n"), ("A.class", "x")]));
    let refused = api.create("other", json!({"code_type": "jar", "func_code": {"file": without}})).await;
    refused.refused(400, "FSS.1011", &["bootstrap"]);
}

#[tokio::test]
async fn large_code_is_the_same_as_small_code() {
    let api = Api::new().await;
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'!' + (state >> 24) as u8 % 93)
    };
    let noise: String = (0..200_000).map(|_| next()).collect();
    let zip = package(&noise);
    assert!(zip.len() > 100_000, "{}", zip.len());
    let created = api.create("web", json!({"func_code": {"file": base64(&zip)}})).await.fine(200);
    assert_eq!(created["digest"], hex::encode(sha2::Sha512::digest(&zip)));
    let broken = format!("{}*", base64(&zip));
    let refused = api.create("other", json!({"memory_size": 1, "func_code": {"file": broken}})).await;
    refused.refused(400, "FSS.1007", &["FSS.1011 func_code.file: not base64"]);
}

/// The path of a link, which begins with the address the client used.
fn path_of(link: &Value) -> String {
    link.as_str().unwrap().strip_prefix("http://127.0.0.1:8081").unwrap().to_owned()
}

async fn unsigned(api: &Api, path: &str) -> Answer {
    api.send(Request::get(path).body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn a_link_gives_the_package_as_it_was_uploaded() {
    let api = Api::new().await;
    let package = package("1");
    api.create("web", json!({"code_filename": "my app.zip"})).await.fine(200);
    let shown = api.get(&api.fgs("/functions/web/code")).await.fine(200);
    let path = path_of(&shown["func_code"]["link"]);
    let got = unsigned(&api, &path).await;
    assert_eq!((got.status, &*got.body), (200, &*package));
    assert_eq!(
        (got.header("content-type"), got.header("content-length")),
        ("application/zip", &*package.len().to_string())
    );
    assert_eq!(got.header("content-disposition"), "attachment; filename*=UTF-8''my%20app%2Ezip");

    // The link leads to this code and no other.
    let change = json!({"func_code": {"file": base64(&super::package("2"))}});
    let after = api.put(&api.fgs("/functions/web/code"), &change).await.fine(200);
    unsigned(&api, &path).await.refused(404, "FSS.1054", &["other code by now"]);
    assert_eq!(&*unsigned(&api, &path_of(&after["func_code"]["link"])).await.body, super::package("2"));
    api.delete(&api.fgs(&format!("/functions/{}", api.urn("web")))).await.fine(204);
    unsigned(&api, &path_of(&after["func_code"]["link"])).await.refused(404, "FSS.1054", &["gone"]);
}

#[tokio::test]
async fn a_link_that_nobody_gave_opens_nothing() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let code = api.store.functions(&api.credential.project)[0].latest.code.clone();
    let func_id = api.store.functions(&api.credential.project)[0].func_id.clone();
    let link = |seconds: i64, context: &str| {
        let ends = model::time::now().as_second() + seconds;
        let text = json!({"func_id": func_id, "sha256": code.sha256, "ends": ends}).to_string();
        let token = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(api.store.seal(context, text.as_bytes()));
        format!("/funcd/packages/{token}/index.zip")
    };
    let fine = link(60, "link to a package");
    assert_eq!(unsigned(&api, &fine).await.status, 200);
    let over = link(0, "link to a package");
    let other = link(60, "something else");
    let changed = fine.replace("/index.zip", "A/index.zip");
    for path in [&over, &other, &changed, "/funcd/packages/x/index.zip", "/funcd/packages/%00/index.zip"] {
        unsigned(&api, path).await.refused(403, "FSS.0403", &["the link is over or was changed"]);
    }
}

/// A server that gives `body` once; its port.
pub(super) fn shop(body: Vec<u8>) -> u16 {
    use std::io::Read as _;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut head = [0; 4096];
        assert_ne!(stream.read(&mut head).unwrap(), 0);
        let answer = format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(&[answer.as_bytes(), &body].concat()).unwrap();
    });
    port
}

#[tokio::test]
async fn a_package_may_be_fetched_from_a_host_that_is_allowed() {
    let zip = package("fetched");
    let port = shop(zip.clone());
    let api = Api::with_hosts(&[&format!("127.0.0.1:{port}")]).await;
    let url = format!("http://127.0.0.1:{port}/bucket/app.zip?versionId=1");
    let fetch = json!({"code_type": "obs", "code_url": url, "func_code": null, "code_filename": null});
    let created = api.create("web", fetch).await.fine(200);
    assert_eq!((&created["code_type"], &created["code_url"]), (&json!("obs"), &json!(url)));
    assert_eq!((&created["code_filename"], &created["code_size"]), (&json!("app.zip"), &json!(zip.len())));
    assert_eq!(created["digest"], hex::encode(sha2::Sha512::digest(&zip)));

    let port = shop(b"PK nonsense".to_vec());
    let elsewhere = json!({"code_type": "obs", "code_url": format!("http://127.0.0.1:{port}/app.zip")});
    let refused = api.put(&api.fgs("/functions/web/code"), &elsewhere).await;
    refused.refused(400, "FSS.1010", &["[code] hosts in funcd.toml"]);
    let again = api.put(&api.fgs("/functions/web/code"), &json!({"func_code": {"file": base64(&package("2"))}})).await;
    assert_eq!((&again.fine(200)["code_type"], &again.json()["code_url"]), (&json!("zip"), &json!("")));
}

#[tokio::test]
async fn nothing_is_fetched_unless_the_operator_allows_a_host() {
    let api = Api::new().await;
    let fetch = json!({"code_type": "obs", "code_url": "https://obs.example.com/app.zip", "func_code": null});
    api.create("web", fetch).await.refused(400, "FSS.1010", &["'https://obs.example.com/app.zip'", "[code] hosts"]);
    let both = json!({"code_type": "obs", "code_url": "https://obs.example.com/app.zip"});
    api.create("web", both).await.refused(400, "FSS.1011", &["exclude each other"]);
}

#[tokio::test]
async fn a_package_is_called_a_zip_whatever_its_type() {
    let api = Api::new().await;
    for (name, code_type) in [("index.js", "zip"), ("index.py", "inline"), (".zip", "zip"), ("a/b.zip", "zip")] {
        let answer = api.create("web", json!({"code_type": code_type, "code_filename": name})).await;
        answer.refused(400, "FSS.1013", &["code_filename", "ends in .zip", name]);
    }
    api.create("web", json!({"code_filename": ""})).await.fine(200);
    api.create("other", json!({"code_filename": "Web.ZIP"})).await.fine(200);
    let path = api.fgs("/functions/web/code");
    let file = base64(&package("2"));
    let change = json!({"code_type": "zip", "code_filename": "x.jar", "func_code": {"file": file}});
    api.put(&path, &change).await.refused(400, "FSS.1013", &["'x.jar'"]);
}

#[tokio::test]
async fn a_bad_package_is_reported_with_the_other_problems() {
    let api = Api::new().await;
    let file = base64(&zip(&[("app/bootstrap", "x")]));
    let answer = api.create("web", json!({"memory_size": 1, "func_code": {"file": file}})).await;
    answer.refused(400, "FSS.1007", &["FSS.1011", "bootstrap"]);
    api.create("web", json!({"func_code": {"file": base64(b"PK nonsense")}})).await.refused(400, "FSS.1011", &[]);
    assert!(api.store.functions(&api.credential.project).is_empty());
}

#[tokio::test]
async fn a_runtime_that_nobody_knows_is_named_at_deploy() {
    let api = Api::new().await;
    let bootstrap = "/opt/function/runtime/nodejs99.1/rtsp/nodejs/bin/node index.js\n";
    let file = base64(&zip(&[("bootstrap", bootstrap), ("index.js", "")]));
    let answer = api.create("web", json!({"func_code": {"file": file}})).await;
    answer.refused(400, "FSS.1005", &["nodejs99.1"]);
    assert!(api.store.functions(&api.credential.project).is_empty());
}
