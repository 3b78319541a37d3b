use std::io::Read as _;

use super::*;

/// A function with something in every setting that is exported.
async fn create(api: &Api) -> Value {
    let settings = json!({
        "description": "h\u{e9}llo: \"x\"\n", "user_data": "{\"A\":\"1\"}", "encrypted_user_data": "{\"KEY\":\"s3cret\"}",
        "strategy_config": {"concurrency": 5, "concurrent_num": 10}, "ephemeral_storage": 10240,
        "initializer_handler": "init", "initializer_timeout": 20, "pre_stop_handler": "stop", "pre_stop_timeout": 5,
        "network_controller": {"disable_public_network": true}, "xrole": "a", "app_xrole": "b", "type": "v1",
        "enable_dynamic_memory": true, "enable_auth_in_header": true, "enable_lts_log": true,
        "log_config": {"group_id": "g"}, "lts_custom_tag": {"team": "a"}, "code_filename": "app.zip",
    });
    api.create("web", settings).await.fine(200)
}

/// The members of a zip.
fn members(zip: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = zip::ZipArchive::new(Cursor::new(zip)).unwrap();
    let count = archive.len();
    let read = |at| {
        let mut member = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).unwrap();
        (member.name().unwrap().into_owned(), bytes)
    };
    (0..count).map(read).collect()
}

fn names(answer: &Answer) -> Vec<String> {
    members(&answer.body).into_iter().map(|(name, _)| name).collect()
}

async fn import(api: &Api, file: &[u8], more: Value) -> Answer {
    let mut body = json!({"func_name": "copy", "file_name": "web.zip", "file_type": "zip", "file_code": base64(file)});
    for (field, value) in more.as_object().unwrap() {
        body[field] = value.clone();
    }
    api.post(&api.fgs("/functions/import"), &body).await
}

#[tokio::test]
async fn what_is_exported_becomes_the_same_function_again() {
    let api = Api::new().await;
    let mut created = create(&api).await;
    let exported = api.get(&api.fgs("/functions/web/export")).await;
    assert_eq!((exported.status, exported.header("content-type")), (200, "application/zip"));
    let name = exported.header("content-disposition").to_owned();
    let digest = name.strip_prefix("attachment; filename=\"web_").and_then(|rest| rest.strip_suffix(".zip\"")).unwrap();
    assert!(digest.len() == 32 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{name}");
    let inside = members(&exported.body);
    assert_eq!((inside[0].0.as_str(), inside[1].0.as_str(), inside.len()), ("web.yaml", "code.zip", 2));
    assert_eq!(inside[1].1, package("1"));
    assert!(!String::from_utf8_lossy(&inside[0].1).contains("s3cret"));

    let mut imported = import(&api, &exported.body, json!({})).await.fine(200);
    let own = ["func_id", "func_name", "func_urn", "image_name", "last_modified", "log_stream_id", "resource_id"];
    for field in own {
        assert_ne!(imported[field], json!(null), "{field}");
        created[field] = json!(null);
        imported[field] = json!(null);
    }
    assert_eq!(imported, created);
    let copy = api.store.functions(&api.credential.project).into_iter().find(|one| one.id.name == "copy").unwrap();
    assert_eq!(api.store.open_variables()(&copy.latest).unwrap()["KEY"].expose(), "");
    assert!(!copy.latest.config.disabled() && copy.latest.config.auth_in_header);

    // Exported again it is the same, but for its name.
    let again = api.get(&api.fgs("/functions/copy/export")).await;
    let yaml = String::from_utf8(members(&again.body)[0].1.clone()).unwrap();
    assert_eq!(yaml.replace("copy", "web").into_bytes(), inside[0].1);
}

#[tokio::test]
async fn one_of_the_two_parts_may_be_exported() {
    let api = Api::new().await;
    create(&api).await;
    let export = async |query: &str| api.get(&api.fgs(&format!("/functions/web/export{query}"))).await;
    assert_eq!(&*export("?type=code").await.body, package("1"));
    assert_eq!(&*export("?code=true&config=false").await.body, package("1"));
    assert_eq!(names(&export("?type=config").await), ["web.yaml"]);
    assert_eq!(names(&export("?config=true").await), ["web.yaml"]);
    assert_eq!(names(&export("?code=true&config=true").await), ["web.yaml", "code.zip"]);
    export("?type=all").await.refused(400, "FSS.1001", &["code or config, not 'all'"]);
    export("?code=yes").await.refused(400, "FSS.1001", &["'yes'"]);
    api.get(&api.fgs("/functions/nobody/export")).await.refused(404, "FSS.1051", &[]);
}

#[tokio::test]
async fn a_large_function_is_exported_and_imported_too() {
    let api = Api::new().await;
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'!' + (state >> 24) as u8 % 93)
    };
    let large = package(&(0..1_500_000).map(|_| next()).collect::<String>());
    assert!(large.len() > 1_100_000);
    api.create("web", json!({"func_code": {"file": base64(&large)}})).await.fine(200);
    let exported = api.get(&api.fgs("/functions/web/export")).await;
    assert!(members(&exported.body)[1].1 == large);
    let imported = import(&api, &exported.body, json!({"func_name": "", "package": "other"})).await.fine(200);
    assert_eq!((&imported["func_name"], &imported["package"]), (&json!("web"), &json!("other")));
    assert_eq!(imported["digest"], hex::encode(sha2::Sha512::digest(&large)));
}

#[tokio::test]
async fn what_is_no_export_is_refused_with_its_reason() {
    let api = Api::new().await;
    let yaml = "format: 1\nfunction: {func_name: web, runtime: http, timeout: 30, memory_size: 256}\n";
    let check = async |files: &[(&str, &str)], code: &str, part: &str| {
        import(&api, &zip(files), json!({})).await.refused(400, code, &[part]);
    };
    check(&[("a.yaml", yaml), ("b.yml", yaml)], "FSS.1022", "has 2 YAMLs").await;
    check(&[("bootstrap", "x")], "FSS.1025", "no YAML").await;
    check(&[("a.yaml", yaml), ("bootstrap", "x")], "FSS.1025", "'bootstrap'").await;
    check(&[("a.yaml", yaml), ("code.zip", "x")], "FSS.1025", "the YAML does not name it").await;
    check(&[("a.yaml", &format!("{yaml}code: code.zip\n"))], "FSS.1025", "is missing").await;
    check(&[("a.yaml", &format!("{yaml}code: ../x\n"))], "FSS.1025", "'../x'").await;
    check(&[("a.yaml", &format!("{yaml}more: 1\n"))], "FSS.1025", "more").await;
    check(&[("a.yaml", "format: 2\nfunction: {}\n")], "FSS.1025", "must be 1, not 2").await;
    check(&[("a.yaml", "[")], "FSS.1025", "cannot be read").await;
    check(&[("a.yaml", "format: 1\nfunction: 5\n")], "FSS.0400", "not a JSON object").await;
    check(&[("a.yaml", &yaml.replace("256", "1"))], "FSS.1007", "memory_size").await;
    check(&[("a.yaml", &yaml.replace("30", "30, typo: x"))], "FSS.0400", "'typo'").await;
    check(&[("a.yaml", &format!("{yaml}# {}", "x".repeat(300_000)))], "FSS.1023", "more than 262144 bytes").await;
    let bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f,*f]\n";
    check(&[("a.yaml", bomb)], "FSS.1025", "cannot be read").await;
    import(&api, b"PK nonsense", json!({})).await.refused(400, "FSS.1025", &["not a zip"]);
    import(&api, b"x", json!({"file_type": "tar", "file_name": "x.tar"})).await.refused(
        400,
        "FSS.1013",
        &["file_type", "file_name"],
    );
    import(&api, b"x", json!({"file_code": "U*"})).await.refused(400, "FSS.1011", &["not base64"]);
    import(&api, b"", json!({})).await.refused(400, "FSS.1012", &["file_code is missing"]);
    let nameless = zip(&[("a.yaml", &yaml.replace("func_name: web, ", ""))]);
    import(&api, &nameless, json!({"func_name": null})).await.refused(404, "FSS.1057", &["func_name is missing"]);
    assert!(api.store.functions(&api.credential.project).is_empty());
    create(&api).await;
    let exported = api.get(&api.fgs("/functions/web/export")).await;
    import(&api, &exported.body, json!({"func_name": "web"})).await.refused(400, "FSS.1058", &["exists"]);
}
