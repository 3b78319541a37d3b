use super::*;

#[tokio::test]
async fn new_code_replaces_the_old() {
    let api = Api::new().await;
    let created = api.create("web", json!({})).await.fine(200);
    let path = api.fgs("/functions/web/code");
    let before = api.get(&path).await.fine(200);
    assert_eq!(before["digest"], created["digest"]);
    assert_eq!(before["func_code"], json!({"file": "", "link": ""}));
    let zip = package("2");
    let change = json!({"code_type": "zip", "code_filename": "new.zip", "func_code": {"file": base64(&zip)}});
    let after = api.put(&path, &change).await.fine(200);
    assert_ne!(after["digest"], before["digest"]);
    assert_eq!((&after["code_size"], &after["code_filename"]), (&json!(zip.len()), &json!("new.zip")));
    assert_eq!(api.get(&path).await.fine(200), after);
    assert_eq!(after["digest"], hex::encode(sha2::Sha512::digest(&zip)));
}

#[tokio::test]
async fn code_stays_when_none_is_sent() {
    let api = Api::new().await;
    let created = api.create("web", json!({})).await.fine(200);
    let path = api.fgs("/functions/web/code");
    let same = api.put(&path, &json!({"code_type": "zip", "depend_version_list": []})).await.fine(200);
    assert_eq!(same["digest"], created["digest"]);
    let refused = api.put(&path, &json!({"depend_version_list": ["d"], "code_url": "https://x"})).await;
    refused.refused(400, "FSS.1011", &["code_url", "FSS.1024 depend_version_list"]);
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
    for (code_type, part) in [("jar", "jar"), ("obs", "obs"), ("Custom-Image-Swr", "Custom-Image-Swr")] {
        api.create("web", json!({"code_type": code_type})).await.refused(400, "FSS.1006", &[part, "not supported yet"]);
    }
    api.create("web", json!({"code_type": "tar"})).await.refused(400, "FSS.1006", &["zip or inline, not 'tar'"]);
    api.create("web", json!({"func_code": {"link": "https://x"}})).await.refused(400, "FSS.1011", &["func_code.link"]);
    api.create("web", json!({"func_code": null})).await.refused(400, "FSS.1012", &["func_code.file is missing"]);
    api.create("web", json!({"func_code": {"file": "UEs*"}})).await.refused(400, "FSS.1011", &["not base64"]);
    api.create("web", json!({"custom_image": {"enabled": true}})).await.refused(400, "FSS.1034", &["custom_image"]);
}

#[tokio::test]
async fn a_package_is_called_a_zip_whatever_its_type() {
    let api = Api::new().await;
    for (name, code_type) in [("index.js", "zip"), ("index.py", "inline"), (".zip", "zip"), ("a/b.zip", "zip")] {
        let answer = api.create("web", json!({"code_type": code_type, "code_filename": name})).await;
        answer.refused(400, "FSS.0400", &["code_filename", "ends in .zip", name]);
    }
    api.create("web", json!({"code_filename": ""})).await.fine(200);
    api.create("other", json!({"code_filename": "Web.ZIP"})).await.fine(200);
    let path = api.fgs("/functions/web/code");
    let file = base64(&package("2"));
    let change = json!({"code_type": "zip", "code_filename": "x.jar", "func_code": {"file": file}});
    api.put(&path, &change).await.refused(400, "FSS.0400", &["'x.jar'"]);
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
