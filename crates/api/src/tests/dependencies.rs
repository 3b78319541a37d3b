use super::*;

impl Api {
    async fn depend(&self, name: &str, files: &[(&str, &str)]) -> Answer {
        self.post(&self.fgs("/dependencies/version"), &dependency(name, files)).await
    }
}

fn dependency(name: &str, files: &[(&str, &str)]) -> Value {
    json!({"name": name, "runtime": "Node.js18.15", "depend_type": "zip", "depend_file": base64(&zip(files))})
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_else(|| panic!("{value} has no {field}"))
}

#[tokio::test]
async fn versions_are_made_listed_shown_and_deleted() {
    let api = Api::new().await;
    let first = api.depend("lib", &[("a.js", "1")]).await.fine(200);
    let mut more = dependency("lib", &[("a.js", "2")]);
    more["description"] = json!("second");
    let second = api.post(&api.fgs("/dependencies/version"), &more).await.fine(200);
    assert_eq!((&first["version"], &second["version"], &first["dep_id"]), (&json!(1), &json!(2), &second["dep_id"]));
    assert_eq!((text(&second, "file_name"), text(&second, "owner")), ("lib.zip", api.store.domain()));
    let id = text(&first, "dep_id").to_owned();
    assert_eq!(uuid::Uuid::parse_str(&id).unwrap().to_string(), id, "Terraform tells ids from names so");

    let own = api.fgs(&format!("/dependencies/{id}/version"));
    let shown = api.get(&format!("{own}/2")).await.fine(200);
    assert_eq!((text(&shown, "description"), &shown["is_shared"]), ("second", &json!(false)));
    assert_eq!(shown["size"].as_u64().unwrap(), zip(&[("a.js", "2")]).len() as u64);
    let numbers = |list: &Value| -> Vec<u64> {
        list["dependencies"].as_array().unwrap().iter().map(|one| one["version"].as_u64().unwrap()).collect()
    };
    let list = api.get(&own).await.fine(200);
    assert_eq!((numbers(&list), &list["count"], &list["next_marker"]), (vec![2, 1], &json!(2), &json!(0)));
    let page = api.get(&format!("{own}?maxitems=1&marker=0")).await.fine(200);
    assert_eq!((numbers(&page), &page["count"], &page["next_marker"]), (vec![2], &json!(2), &json!(1)));
    assert_eq!(numbers(&api.get(&format!("{own}?maxitems=1&&marker=2")).await.fine(200)), [0; 0]);

    let deleted = api.delete(&format!("{own}/2")).await;
    assert_eq!((deleted.status, deleted.body.len()), (204, 0));
    api.get(&format!("{own}/2")).await.refused(404, "FSS.1056", &[&id]);
    api.delete(&format!("{own}/2")).await.refused(404, "FSS.1056", &[&id]);
    api.get(&format!("{own}/two")).await.refused(400, "FSS.1024", &["'two'"]);
    api.delete(&format!("{own}/1")).await.fine(204);
    api.get(&own).await.refused(404, "FSS.1056", &[&id]);
}

#[tokio::test]
async fn lists_are_filtered() {
    let api = Api::new().await;
    api.depend("alpha", &[("a", "1")]).await.fine(200);
    api.depend("alpha", &[("a", "2")]).await.fine(200);
    let mut python = dependency("beta", &[("b", "1")]);
    python["runtime"] = json!("Python3.9");
    api.post(&api.fgs("/dependencies/version"), &python).await.fine(200);
    for (query, expect) in [
        ("", vec!["alpha", "beta"]),
        ("?name=eta", vec!["beta"]),
        ("?runtime=Python3.9", vec!["beta"]),
        ("?runtime=Python3.10", vec![]),
        ("?dependency_type=private", vec!["alpha", "beta"]),
        ("?dependency_type=public", vec![]),
        ("?ispublic=true", vec![]),
        ("?ispublic=false&dependency_type=all&limit=1", vec!["alpha"]),
        ("?limit=1&marker=1", vec!["beta"]),
    ] {
        let list = api.get(&api.fgs(&format!("/dependencies{query}"))).await.fine(200);
        let names: Vec<_> = list["dependencies"].as_array().unwrap().iter().map(|one| text(one, "name")).collect();
        assert_eq!(names, expect, "{query}");
    }
    let list = api.get(&api.fgs("/dependencies")).await.fine(200);
    assert_eq!(
        (&list["count"], &list["dependencies"][0]["version"]),
        (&json!(2), &json!(2)),
        "the newest stands for all"
    );
    api.get(&api.fgs("/dependencies?dependency_type=mine&ispublic=1")).await.refused(400, "FSS.1001", &["mine", "'1'"]);
    assert_eq!(
        api.get(&api.fgs("/dependencies?limit=401")).await.fine(200),
        api.get(&api.fgs("/dependencies?maxitems=0")).await.fine(200)
    );
    api.get(&api.fgs("/dependencies?limit=-1")).await.refused(400, "FSS.1001", &["limit must be 0 to"]);
}

#[tokio::test]
async fn every_wrong_field_is_named() {
    let api = Api::new().await;
    let path = api.fgs("/dependencies/version");
    let all = json!({"name": "1", "runtime": "Cobol", "depend_type": "tar", "description": "x".repeat(513)});
    api.post(&path, &all).await.refused(400, "FSS.1024", &["name must be", "Cobol", "zip or obs", "512"]);
    let missing = api.post(&path, &json!({})).await;
    missing.refused(400, "FSS.1024", &["name is missing", "runtime is missing", "depend_type is missing"]);
    let empty = json!({"name": "a", "runtime": "http", "depend_type": "zip"});
    api.post(&path, &empty).await.refused(400, "FSS.1024", &["depend_file is missing"]);
    api.depend("a", &[("x~", ""), ("../y", "")]).await.refused(400, "FSS.1024", &["x~", "../y"]);
    let mut text = dependency("a", &[]);
    text["depend_file"] = json!(base64(b"no zip"));
    api.post(&path, &text).await.refused(400, "FSS.1024", &["zip"]);
    let mut large = dependency("a", &[]);
    large["depend_file"] = json!(base64(&vec![0; 40 * 1024 * 1024 + 1]));
    api.post(&path, &large).await.refused(413, "FSS.1071", &["41943040 bytes, not 41943041"]);
    large["depend_file"] = json!("A".repeat(57 * 1024 * 1024));
    api.post(&path, &large).await.refused(413, "FSS.1071", &["41943040"]);
}

#[tokio::test]
async fn the_older_operations_are_about_the_newest_version() {
    let api = Api::new().await;
    let path = api.fgs("/dependencies");
    let made = api.post(&path, &dependency("lib", &[("a", "1")])).await.fine(200);
    let own = format!("{path}/{}", text(&made, "id"));
    assert_eq!(api.get(&own).await.fine(200), made);
    api.post(&path, &dependency("lib", &[("a", "1")])).await.refused(409, "FSS.1065", &["lib exists"]);
    let changed = api.put(&own, &dependency("lib2", &[("a", "2")])).await.fine(200);
    assert_eq!((&changed["id"], &changed["version"], text(&changed, "name")), (&made["id"], &json!(2), "lib2"));
    assert_eq!(api.get(&own).await.fine(200), changed);
    assert_eq!(api.get(&path).await.fine(200)["dependencies"], json!([changed]));
    api.delete(&own).await.fine(204);
    api.get(&own).await.refused(404, "FSS.1056", &[]);
    api.put(&own, &dependency("lib", &[("a", "2")])).await.refused(404, "FSS.1056", &[]);
    api.delete(&own).await.refused(404, "FSS.1056", &[]);
}

#[tokio::test]
async fn a_function_is_given_dependencies_and_keeps_them() {
    let api = Api::new().await;
    let a = api.depend("a", &[("node_modules/a/index.js", "a")]).await.fine(200);
    let b = api.depend("b", &[("node_modules/b/index.js", "b")]).await.fine(200);
    let ids = |list: &[&Value]| json!(list.iter().map(|one| &one["id"]).collect::<Vec<_>>());
    let made = api.create("web", json!({"depend_version_list": ids(&[&a])})).await.fine(200);
    assert_eq!((&made["depend_version_list"], &made["depend_list"]), (&ids(&[&a]), &json!([a["dep_id"]])));
    assert_eq!((text(&made["dependencies"][0], "name"), &made["dependencies"][0]["version"]), ("a", &json!(1)));
    let root = || api.store.functions(&api.credential.project)[0].latest.code.root.clone();
    assert!(root().join("node_modules/a/index.js").is_file() && root().join("bootstrap").is_file());

    // As Terraform does it: dependencies without code.
    let code = api.fgs("/functions/web/code");
    let changed = api.put(&code, &json!({"depend_version_list": ids(&[&b, &a])})).await.fine(200);
    assert_eq!((&changed["depend_version_list"], &changed["digest"]), (&ids(&[&b, &a]), &made["digest"]));
    assert!(root().join("node_modules/b/index.js").is_file());
    api.put(&api.fgs("/functions/web/config"), &json!({"memory_size": 512})).await.fine(200);
    api.put(&code, &json!({"code_type": "zip", "func_code": {"file": base64(&package("2"))}})).await.fine(200);
    assert_eq!(api.get(&code).await.fine(200)["depend_version_list"], ids(&[&b, &a]));
    assert!(root().join("node_modules/b/index.js").is_file());

    let gone = api.delete(&api.fgs(&format!("/dependencies/{}/version/1", text(&a, "dep_id")))).await;
    gone.refused(412, "FSS.1033", &["in use by", ":web:latest"]);
    api.put(&code, &json!({"depend_version_list": []})).await.fine(200);
    assert!(!root().join("node_modules").is_dir());
    api.delete(&api.fgs(&format!("/dependencies/{}", text(&a, "dep_id")))).await.fine(204);
}

#[tokio::test]
async fn only_dependencies_that_are_there_can_be_given() {
    let api = Api::new().await;
    let a = api.depend("a", &[("a", "a")]).await.fine(200);
    let none = api.create("web", json!({"depend_version_list": ["none", a["id"], a["id"]], "memory_size": 1})).await;
    none.refused(400, "FSS.1007", &["the id 'none'", "twice", "memory_size"]);
    let many: Vec<_> = (0..21).map(|number| format!("id{number}")).collect();
    api.create("web", json!({"depend_version_list": many})).await.refused(400, "FSS.1024", &["at most 20 ids, not 21"]);
    api.create("web", json!({"depend_version_list": "a"})).await.refused(400, "FSS.1024", &["depend_version_list"]);
    assert!(api.store.functions(&api.credential.project).is_empty());
}

#[tokio::test]
async fn a_dependency_may_be_fetched_from_a_host_that_is_allowed() {
    let port = code::shop(zip(&[("a", "1")]));
    let link = format!("http://127.0.0.1:{port}/lib/a.zip");
    let api = Api::with_hosts(&[&format!("127.0.0.1:{port}")]).await;
    let body = json!({"name": "lib", "runtime": "http", "depend_type": "obs", "depend_link": link});
    let made = api.post(&api.fgs("/dependencies"), &body).await.fine(200);
    assert_eq!((text(&made, "link"), made["size"].as_u64()), (link.as_str(), Some(zip(&[("a", "1")]).len() as u64)));
    assert_eq!(api.get(&api.fgs(&format!("/dependencies/{}", text(&made, "id")))).await.fine(200), made);
}

#[tokio::test]
async fn links_elsewhere_are_not_fetched() {
    let api = Api::new().await;
    let path = api.fgs("/dependencies/version");
    let mut body = json!({"name": "lib", "runtime": "http", "depend_type": "obs"});
    api.post(&path, &body).await.refused(400, "FSS.1024", &["depend_link is missing"]);
    body["depend_link"] = json!("https://obs.example.com/a.zip");
    api.post(&path, &body).await.refused(400, "FSS.1024", &["'https://obs.example.com/a.zip'", "[code] hosts"]);
    body["depend_file"] = json!(base64(&zip(&[("a", "1")])));
    api.post(&path, &body).await.refused(400, "FSS.1024", &["depend_file goes with depend_type zip"]);
}

#[tokio::test]
async fn a_version_opens_by_its_link_until_it_is_deleted() {
    let api = Api::new().await;
    let made = api.depend("lib", &[("a.js", "1")]).await.fine(200);
    let own = api.fgs(&format!("/dependencies/{}/version", text(&made, "dep_id")));
    let shown = api.get(&format!("{own}/1")).await.fine(200);
    let open = async |link: &str| {
        let path = link.strip_prefix("http://127.0.0.1:8081").unwrap_or_else(|| panic!("{link}"));
        api.send(Request::get(path).body(Body::empty()).unwrap()).await
    };
    assert_eq!(text(&shown, "link"), "", "what clients compare does not change from answer to answer");
    let links = [text(&made, "download_link"), text(&shown, "download_link")];
    for link in links {
        let package = open(link).await;
        assert_eq!((package.status, package.body.to_vec()), (200, zip(&[("a.js", "1")]).to_vec()), "{link}");
        assert_eq!(package.header("content-disposition"), "attachment; filename=\"lib.zip\"");
    }
    let mut changed = text(&shown, "download_link").to_owned();
    let at = changed.len() - "/lib.zip".len() - 2;
    changed.replace_range(at..=at, if &changed[at..=at] == "A" { "B" } else { "A" });
    open(&changed).await.refused(403, "FSS.0403", &["ShowDependencyVersion"]);
    api.delete(&format!("{own}/1")).await.fine(204);
    open(text(&shown, "download_link")).await.refused(404, "FSS.1054", &["was deleted"]);
}
