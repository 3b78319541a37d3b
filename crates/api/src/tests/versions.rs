use super::*;

/// A function with a published version for each text, made of a package with it.
pub(super) async fn with_versions(names: &[&str]) -> Api {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    for name in names {
        redeploy(&api, name).await;
        publish(&api, json!({"version": name})).await.fine(200);
    }
    api
}

async fn redeploy(api: &Api, text: &str) {
    let body = json!({"code_type": "zip", "func_code": {"file": base64(&package(text))}});
    api.put(&api.fgs("/functions/web/code"), &body).await.fine(200);
}

async fn publish(api: &Api, body: Value) -> Answer {
    api.post(&api.fgs("/functions/web/versions"), &body).await
}

#[tokio::test]
async fn a_publication_is_answered_with_the_version() {
    let api = with_versions(&[]).await;
    let version = publish(&api, json!({"version": "v1.0_a-b", "description": "first"})).await.fine(200);
    assert_eq!(version["func_urn"], format!("{}:v1.0_a-b", api.urn("web")));
    assert_eq!((&version["version"], &version["version_description"]), (&json!("v1.0_a-b"), &json!("first")));
    assert_eq!(version["memory_size"], 256);

    redeploy(&api, "two").await;
    let unnamed = publish(&api, json!({})).await.fine(200);
    let name = unnamed["version"].as_str().unwrap();
    assert!(name.starts_with('v') && name.len() == "v20260102-030405".len(), "{name}");
}

#[tokio::test]
async fn versions_are_listed_with_latest_first_page_by_page() {
    let api = with_versions(&["v1", "v2"]).await;
    let names = |list: &Value| -> Vec<String> {
        list["versions"].as_array().unwrap().iter().map(|one| one["version"].as_str().unwrap().to_owned()).collect()
    };
    let all = api.get(&api.fgs("/functions/web/versions")).await.fine(200);
    assert_eq!((names(&all), &all["count"]), (["latest", "v2", "v1"].map(str::to_owned).to_vec(), &json!(3)));
    assert_eq!(all["versions"][1]["func_urn"], format!("{}:v2", api.urn("web")));
    assert_eq!(
        (&all["versions"][0]["version_description"], &all["versions"][1]["concurrent_num"]),
        (&Value::Null, &json!(1))
    );
    let page = api.get(&api.fgs("/functions/web/versions?marker=1&maxitems=1")).await.fine(200);
    assert_eq!((names(&page), &page["next_marker"]), (vec!["v2".to_owned()], &json!(2)));
    let end = api.get(&api.fgs("/functions/web/versions?marker=7")).await.fine(200);
    assert_eq!((names(&end), &end["next_marker"]), (Vec::new(), &json!(0)));
    api.get(&api.fgs("/functions/web/versions?maxitems=-1")).await.refused(400, "FSS.1001", &["maxitems"]);
}

#[tokio::test]
async fn what_cannot_be_published_is_explained() {
    let api = with_versions(&["v1"]).await;
    publish(&api, json!({"version": "v2"})).await.refused(400, "FSS.1016", &["nothing changed since", ":v1"]);
    redeploy(&api, "two").await;
    publish(&api, json!({"version": "v1"})).await.refused(409, "FSS.1062", &[":v1 exists"]);
    let long = "v".repeat(43);
    for name in ["latest", "-v", "v.", "a b", "!v", "é", &long] {
        publish(&api, json!({"version": name})).await.refused(400, "FSS.1015", &["version must be 1 to 42"]);
    }
    publish(&api, json!({"description": "d".repeat(513)})).await.refused(400, "FSS.1019", &["512"]);
    publish(&api, json!({"versoin": "v2"})).await.refused(400, "FSS.0400", &["'versoin'"]);
    api.post(&api.fgs("/functions/nobody/versions"), &json!({})).await.refused(404, "FSS.1051", &["nobody"]);
    let refused = api.post(&api.fgs(&format!("/functions/{}:v1/versions", api.urn("web"))), &json!({})).await;
    refused.refused(400, "FSS.1015", &["never changes"]);
}

#[tokio::test]
async fn a_digest_says_which_code_is_meant() {
    let api = with_versions(&[]).await;
    let digest = |bytes: &[u8]| hex::encode(md5::Md5::digest(bytes));
    publish(&api, json!({"digest": "0".repeat(128)})).await.refused(400, "FSS.0400", &["SHA-512"]);
    publish(&api, json!({"digest": digest(b"other")})).await.refused(400, "FSS.0400", &["MD5"]);
    publish(&api, json!({"digest": digest(&package("1")).to_uppercase(), "version": "v1"})).await.fine(200);
    redeploy(&api, "two").await;
    let sha512 = hex::encode(sha2::Sha512::digest(package("two")));
    publish(&api, json!({"digest": sha512})).await.fine(200);
}

#[tokio::test]
async fn a_version_and_an_alias_are_shown_by_their_urns() {
    let api = with_versions(&["v1", "v2"]).await;
    redeploy(&api, "three").await;
    api.post(&api.fgs("/functions/web/aliases"), &json!({"name": "prod", "version": "v1"})).await.fine(200);
    let urn = api.urn("web");
    let digest = |text: &str| json!(hex::encode(sha2::Sha512::digest(package(text))));
    for (qualifier, version, text) in
        [("latest", "latest", "three"), ("v2", "v2", "v2"), ("!prod", "v1", "v1"), ("%21prod", "v1", "v1")]
    {
        for what in ["config", "code"] {
            let shown = api.get(&api.fgs(&format!("/functions/{urn}:{qualifier}/{what}"))).await.fine(200);
            assert_eq!((&shown["func_urn"], &shown["digest"]), (&json!(format!("{urn}:{version}")), &digest(text)));
        }
    }
    api.get(&api.fgs(&format!("/functions/{urn}:v9/config"))).await.refused(404, "FSS.1052", &[":v9"]);
    api.get(&api.fgs(&format!("/functions/{urn}:!beta/code"))).await.refused(404, "FSS.1053", &[":!beta"]);
    let change = json!({"memory_size": 512});
    for qualifier in ["v1", "!prod"] {
        let path = api.fgs(&format!("/functions/{urn}:{qualifier}/config"));
        api.put(&path, &change).await.refused(400, "FSS.1015", &["leave the version out"]);
    }
}

#[tokio::test]
async fn a_version_is_deleted_alone_and_the_function_with_all() {
    let api = with_versions(&["v1", "v2", "v3"]).await;
    let urn = api.urn("web");
    let path = |qualifier: &str| api.fgs(&format!("/functions/{urn}{qualifier}"));
    let alias = json!({"name": "prod", "version": "v1", "additional_version_weights": {"v2": 10}});
    api.post(&api.fgs("/functions/web/aliases"), &alias).await.fine(200);
    api.delete(&path(":v2")).await.refused(403, "FSS.1094", &["alias prod"]);
    api.delete(&path(":latest")).await.refused(400, "FSS.1015", &["latest cannot be deleted"]);
    api.delete(&path(":!prod")).await.refused(400, "FSS.1015", &["/aliases"]);
    api.delete(&path(":v1")).await.fine(204);
    assert_eq!(api.get(&api.fgs("/functions/web/aliases")).await.fine(200), json!([]), "it took its alias along");
    api.delete(&path(":v1")).await.refused(404, "FSS.1052", &[":v1"]);
    api.delete(&path(":v2")).await.fine(204);
    api.get(&path(":v3/config")).await.fine(200);
    api.delete(&path("")).await.fine(204);
    api.get(&path(":v3/config")).await.refused(404, "FSS.1051", &["web"]);
}

#[tokio::test]
async fn what_is_published_from_a_disabled_function_is_disabled() {
    let api = Api::new().await;
    api.create("web", json!({"strategy_config": {"concurrency": 0}})).await.fine(200);
    publish(&api, json!({"version": "v1"})).await.fine(200);
    let enabled = json!({"strategy_config": {"concurrency": 5}});
    api.put(&api.fgs("/functions/web/config"), &enabled).await.fine(200);
    let version = api.get(&api.fgs(&format!("/functions/{}:v1/config", api.urn("web")))).await.fine(200);
    assert_eq!(version["strategy_config"]["concurrency"], 0);
}

#[tokio::test]
async fn triggers_call_a_version_or_an_alias() {
    let api = with_versions(&["v1"]).await;
    api.post(&api.fgs("/functions/web/aliases"), &json!({"name": "prod", "version": "v1"})).await.fine(200);
    let urn = api.urn("web");
    for (qualifier, version) in [("v1", "v1"), ("!prod", "!prod")] {
        let triggers = api.fgs(&format!("/triggers/{urn}:{qualifier}"));
        let event =
            json!({"path": format!("/{}", qualifier.trim_start_matches('!')), "func_info": {"version": version}});
        let made = api.post(&triggers, &new_trigger(event)).await.fine(201);
        assert_eq!(made["event_data"]["func_info"]["function_urn"], format!("{urn}:{qualifier}"));
        assert_eq!(api.get(&triggers).await.fine(200), json!([made]));
        let id = made["trigger_id"].as_str().unwrap();
        assert_eq!(api.get(&format!("{triggers}/DEDICATEDGATEWAY/{id}")).await.fine(200), made);
        let elsewhere = api.fgs(&format!("/triggers/web/DEDICATEDGATEWAY/{id}"));
        api.get(&elsewhere).await.refused(404, "FSS.1138", &[id]);
    }
    assert_eq!(api.get(&api.fgs("/triggers/web")).await.fine(200), json!([]));
    api.delete(&api.fgs("/functions/web/aliases/prod")).await.refused(403, "FSS.1154", &["alias prod has triggers"]);
    api.delete(&api.fgs(&format!("/functions/{urn}:v1"))).await.refused(403, "FSS.1154", &["prod"]);
    api.delete(&api.fgs(&format!("/triggers/{urn}:!prod"))).await.fine(204);
    api.delete(&api.fgs("/functions/web/aliases/prod")).await.fine(204);
    api.post(&api.fgs(&format!("/triggers/{urn}:v9")), &new_trigger(json!({}))).await.refused(
        404,
        "FSS.1052",
        &[":v9"],
    );
    let other = json!({"path": "/x", "func_info": {"version": "latest", "function_urn": format!("{urn}:latest")}});
    let refused = api.post(&api.fgs(&format!("/triggers/{urn}:v1")), &new_trigger(other)).await;
    refused.refused(400, "FSS.1417", &["func_info.version", "func_info.function_urn"]);
}
