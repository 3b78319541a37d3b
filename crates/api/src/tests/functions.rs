use super::*;

#[tokio::test]
async fn a_new_function_is_shown_with_every_field() {
    let api = Api::new().await;
    let created = api
        .create(
            "web",
            json!({
                "description": "héllo",
                "user_data": "{\"B\":\"2\",\"A\":\"1\"}",
                "encrypted_user_data": "{\"KEY\":\"s3cret\"}",
                "strategy_config": {"concurrency": 5, "concurrent_num": 10},
                "initializer_handler": "init", "initializer_timeout": 20,
                "pre_stop_timeout": 5, "pre_stop_handler": "stop",
                "ephemeral_storage": 10240,
                "network_controller": {"disable_public_network": true},
                "xrole": "agency", "type": "v1", "enable_dynamic_memory": true,
                "log_config": {"group_id": "g", "group_name": "group"}, "lts_custom_tag": {"team": "a-1"},
                "enable_lts_log": true, "func_vpc": null, "depend_version_list": [], "tags": "",
            }),
        )
        .await
        .fine(200);
    assert!(!created.to_string().contains("s3cret"));
    insta::with_settings!({filters => vec![
        (&*api.credential.project, "PROJECT"),
        (r"[0-9a-f]{128}", "SHA512"),
        (r"[0-9a-f]{32}", "ID"),
        (r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "TIME"),
        (r"latest-[0-9a-z]{5}", "latest-[id]"),
        (r#""code_size": \d+"#, r#""code_size": BYTES"#),
    ]}, {
        insta::assert_json_snapshot!(created);
    });
    let config = api.get(&api.fgs("/functions/web/config")).await.fine(200);
    assert_eq!(config, created);
    let opened = api.store.open_variables()(&api.store.functions(&api.credential.project)[0].latest).unwrap();
    assert_eq!(opened["KEY"].expose(), "s3cret");
}

#[tokio::test]
async fn least_and_terraforms_requests_have_the_documented_defaults() {
    let api = Api::new().await;
    let mut least = new_function("web");
    for field in ["package", "handler", "code_type", "code_filename"] {
        least.as_object_mut().unwrap().remove(field);
    }
    let function = api.post(&api.fgs("/functions"), &least).await.fine(200);
    assert_eq!(function["func_urn"], format!("{}:latest", api.urn("web")));
    assert_eq!((&function["package"], &function["handler"]), (&json!("default"), &json!("bootstrap")));
    assert_eq!((&function["code_type"], &function["code_filename"]), (&json!("zip"), &json!("index.zip")));
    assert_eq!(function["strategy_config"], json!({"concurrency": 400, "concurrent_num": 1}));
    assert_eq!((&function["cpu"], &function["ephemeral_storage"]), (&json!(400), &json!(512)));
    assert_eq!(function["resource_id"], format!("{}:web", function["func_id"].as_str().unwrap()));
    assert_eq!(function["user_data"], "");
}

#[tokio::test]
async fn every_problem_of_a_request_is_reported_at_once_with_its_code() {
    let api = Api::new().await;
    let answer = api
        .create(
            "web-",
            json!({
                "package": "1app", "runtime": "Python3.9", "timeout": 2, "memory_size": 200, "handler": "h".repeat(129),
                "code_type": "tar", "description": "d".repeat(513), "user_data": "[]",
                "encrypted_user_data": "{\"1A\":\"x\",\"RUNTIME_CPU\":\"x\"}",
                "strategy_config": {"concurrency": 1001, "concurrent_num": 0},
                "initializer_timeout": 301, "pre_stop_timeout": 91, "pre_stop_handler": "stop", "ephemeral_storage": 600,
                "func_vpc": {"vpc_id": "v", "subnet_id": "s"}, "gpu_memory": 1024, "log_config": {"group_name": "g".repeat(257)},
                "lts_custom_tag": {"a b": "c"}, "is_stateful_function": true,
                "network_controller": {"trigger_access_vpcs": [{"vpc_id": "v"}]},
                "xrole": 5, "typo": "x", "type": "v3",
            }),
        )
        .await;
    let parts = [
        "FSS.0400 xrole: invalid type: integer `5`, expected a string",
        "FSS.0400 'typo' is not a field",
        "FSS.0400 is_stateful_function is not supported",
        "FSS.0400 func_vpc is not supported",
        "FSS.0400 gpu_memory is not supported",
        "FSS.0400 pre_stop_timeout must be 1 to 90 s, not 91",
        "FSS.0400 log_config.group_name must have 0 to 256 characters, not 257",
        "FSS.0400 keys and values of lts_custom_tag must be 1 to 64 letters, digits, '_' and '-', not 'a b'",
        "FSS.1002 func_name must be 1 to 60 letters",
        "'web-'",
        "FSS.1004 package must be",
        "FSS.1005 runtime 'Python3.9' is not supported yet: event functions",
        "FSS.0400 type must be v1 or v2, not 'v3'",
        "FSS.1008 timeout must be 3 to 259200 s, not 2",
        "FSS.1003 handler must have 1 to 128 characters, not 129",
        "FSS.1007 memory_size must be one of 128, 256,",
        "FSS.1019 description must have 0 to 512 characters, not 513",
        "FSS.0400 ephemeral_storage must be one of 512, 10240 MB, not 600",
        "FSS.1405 initializer_timeout must be 1 to 300 s, not 301",
        "FSS.1026 strategy_config.concurrency must be -1 to 1000, not 1001",
        "FSS.1026 strategy_config.concurrent_num must be 1 to 1000, not 0",
        "FSS.0400 network_controller.trigger_access_vpcs",
        "FSS.1009 user_data must be a JSON object",
        "FSS.1009 a variable of encrypted_user_data must be letters",
        "FSS.1009 variable RUNTIME_CPU of encrypted_user_data is set by the platform",
        "FSS.1006 code_type must be inline, zip, jar or obs, not 'tar'",
    ];
    answer.refused(400, "FSS.0400", &parts);
    assert!(api.store.functions(&api.credential.project).is_empty());
}

#[tokio::test]
async fn the_code_of_the_first_problem_is_the_answers_code() {
    let api = Api::new().await;
    api.create("web", json!({"timeout": 1, "memory_size": 1})).await.refused(400, "FSS.1008", &["FSS.1007"]);
    api.create("web", json!({"memory_size": 1})).await.refused(400, "FSS.1007", &["not 1"]);
    let mut without = new_function("web");
    without.as_object_mut().unwrap().remove("memory_size");
    api.post(&api.fgs("/functions"), &without).await.refused(400, "FSS.1007", &["memory_size (MB) is missing"]);
    api.post(&api.fgs("/functions"), &json!({})).await.refused(
        400,
        "FSS.1002",
        &["func_name is missing", "runtime is missing", "timeout (seconds) is missing", "memory_size (MB) is missing"],
    );
    api.post(&api.fgs("/functions"), &json!([])).await.refused(400, "FSS.0400", &["not a JSON object"]);
}

#[tokio::test]
async fn what_cannot_be_read_is_reported_once() {
    let api = Api::new().await;
    let once = |answer: &Answer, expect: &str| {
        let message = answer.json()["error_msg"].as_str().unwrap().to_owned();
        assert!(!message.contains("missing") && !message.contains("; "), "{message}");
        assert!(message.contains(expect), "{message}");
    };
    for field in ["func_name", "runtime", "timeout", "memory_size"] {
        once(&api.create("web", json!({field: [1]})).await, &format!("{field}: invalid type"));
    }
    once(&api.post(&api.fgs("/functions"), &json!([])).await, "the body is not a JSON object");
    api.create("web", json!({})).await.fine(200);
    let triggers = api.fgs("/triggers/web");
    once(&api.post(&triggers, &json!([])).await, "the body is not a JSON object");
    let kind = json!({"trigger_type_code": 1, "event_data": {"auth": "NONE"}});
    once(&api.post(&triggers, &kind).await, "trigger_type_code: invalid type");
    once(&api.post(&triggers, &new_trigger(json!({"auth": 1}))).await, "event_data.auth: invalid type");
    let event = json!({"trigger_type_code": "APIG", "event_data": "x"});
    once(&api.post(&triggers, &event).await, "event_data is not a JSON object");
    let invocations = api.fgs("/functions/web/invocations");
    once(&api.post(&invocations, &json!({"httpMethod": 1, "path": "/"})).await, "httpMethod: invalid type");
    once(&api.post(&invocations, &json!({"httpMethod": "GET", "path": 1})).await, "path: invalid type");
}

#[tokio::test]
async fn a_function_is_made_once() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    api.create("web", json!({})).await.refused(409, "FSS.1061", &["web exists"]);
    api.create("web", json!({"package": "other"})).await.fine(200);
}

#[tokio::test]
async fn a_list_is_walked_page_by_page() {
    let api = Api::new().await;
    for name in ["c", "a", "b-web"] {
        api.create(name, json!({})).await.fine(200);
    }
    api.create("a", json!({"package": "other"})).await.fine(200);
    let list = |query: &str| {
        let path = api.fgs(&format!("/functions{query}"));
        let api = &api;
        async move { api.get(&path).await }
    };
    async fn names(answer: impl Future<Output = Answer>) -> (Vec<String>, u64, u64) {
        let page = answer.await.fine(200);
        let names = page["functions"].as_array().unwrap().iter();
        let names = names.map(|function| function["func_name"].as_str().unwrap().to_owned()).collect();
        (names, page["next_marker"].as_u64().unwrap(), page["count"].as_u64().unwrap())
    }
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    assert_eq!(names(list("")).await, (owned(&["a", "a", "b-web", "c"]), 4, 4));
    assert_eq!(names(list("?maxitems=3")).await, (owned(&["a", "a", "b-web"]), 3, 4));
    assert_eq!(names(list("?maxitems=3&marker=3")).await, (owned(&["c"]), 4, 4));
    assert_eq!(names(list("?maxitems=3&marker=4")).await, (owned(&[]), 0, 4));
    assert_eq!(names(list("?maxitems=0")).await.0.len(), 4);
    assert_eq!(names(list("?maxitems=9999")).await.0.len(), 4);
    assert_eq!(names(list("?func_name=web")).await, (owned(&["b-web"]), 1, 1));
    assert_eq!(names(list("?package_name=other")).await, (owned(&["a"]), 1, 1));
    list("?maxitems=-1&marker=x").await.refused(400, "FSS.1001", &["maxitems", "marker"]);
}

#[tokio::test]
async fn a_function_is_deleted_whole_but_not_its_latest_version() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let latest = api.fgs(&format!("/functions/{}:latest", api.urn("web")));
    api.delete(&latest).await.refused(400, "FSS.1015", &["latest cannot be deleted"]);
    let other = api.fgs(&format!("/functions/{}:v1", api.urn("web")));
    api.delete(&other).await.refused(404, "FSS.1052", &["v1"]);
    let whole = api.fgs(&format!("/functions/{}", api.urn("web")));
    assert!(api.delete(&whole).await.fine(204).is_null());
    api.delete(&whole).await.refused(404, "FSS.1051", &["web"]);
    api.get(&format!("{whole}/config")).await.refused(404, "FSS.1051", &["web"]);
}

#[tokio::test]
async fn a_change_of_configuration_keeps_what_it_does_not_name() {
    let api = Api::new().await;
    let before = api
        .create(
            "web",
            json!({"description": "d", "encrypted_user_data": "{\"KEY\":\"s\"}", "user_data": "{\"A\":\"1\"}"}),
        )
        .await
        .fine(200);
    let path = api.fgs("/functions/web/config");
    let after = api.put(&path, &json!({"timeout": 60, "memory_size": 512})).await.fine(200);
    let mut expect = before.clone();
    expect["timeout"] = json!(60);
    expect["memory_size"] = json!(512);
    expect["cpu"] = json!(600);
    for field in ["last_modified", "image_name"] {
        expect[field] = after[field].clone();
    }
    assert_eq!(after, expect);
    assert_ne!(after["image_name"], before["image_name"]);
    api.put(&path, &json!({"description": "", "strategy_config": {"concurrent_num": 7}})).await.fine(200);
    let last = api.get(&path).await.fine(200);
    assert_eq!(last["description"], "");
    assert_eq!(last["strategy_config"], json!({"concurrency": 400, "concurrent_num": 7}));
}

#[tokio::test]
async fn what_was_written_is_read_back_and_what_was_not_is_not_there() {
    let api = Api::new().await;
    let text = "{\"B\": \"x\\u0026y\",\n \"A\": \"1\"}";
    let created = api.create("web", json!({"user_data": text, "enterprise_project_id": ""})).await.fine(200);
    assert_eq!((&created["user_data"], &created["enterprise_project_id"]), (&json!(text), &json!("0")));
    assert_eq!(created.get("network_controller"), None);
    let variables = api.store.functions(&api.credential.project)[0].latest.config.user_data.clone();
    assert_eq!(variables, [("A", "1"), ("B", "x&y")].map(|(name, value)| (name.to_owned(), value.to_owned())).into());

    let path = api.fgs("/functions/web/config");
    let changed = api.put(&path, &json!({"timeout": 9})).await.fine(200);
    assert_eq!(changed["user_data"], text);
    let said = json!({"disable_public_network": false, "trigger_access_vpcs": []});
    let body = json!({"user_data": "{}", "network_controller": {"disable_public_network": false}});
    let changed = api.put(&path, &body).await.fine(200);
    assert_eq!((&changed["user_data"], &changed["network_controller"]), (&json!("{}"), &said));
    assert_eq!(api.put(&path, &json!({"user_data": ""})).await.fine(200)["user_data"], "");
}

#[tokio::test]
async fn a_sealed_variable_written_back_blank_keeps_its_value() {
    let api = Api::new().await;
    api.create("web", json!({"encrypted_user_data": "{\"KEY\":\"s3cret\",\"OLD\":\"o\"}"})).await.fine(200);
    let path = api.fgs("/functions/web/config");
    let shown = api.get(&path).await.fine(200);
    assert_eq!(shown["encrypted_user_data"], "{\"KEY\":\"\",\"OLD\":\"\"}");
    api.put(&path, &json!({"encrypted_user_data": "{\"KEY\":\"\",\"NEW\":\"n\"}"})).await.fine(200);
    let opened = api.store.open_variables()(&api.store.functions(&api.credential.project)[0].latest).unwrap();
    let open: Vec<_> = opened.iter().map(|(name, value)| (name.as_str(), value.expose())).collect();
    assert_eq!(open, [("KEY", "s3cret"), ("NEW", "n")]);
}

#[tokio::test]
async fn name_and_runtime_cannot_be_changed_but_repeated() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    let path = api.fgs("/functions/web/config");
    api.put(&path, &json!({"func_name": "web", "runtime": "http", "package": "default"})).await.fine(200);
    api.put(&path, &json!({"package": "shop"})).await.refused(400, "FSS.1004", &["from 'default' to 'shop'"]);
    let answer = api.put(&path, &json!({"func_name": "bew", "runtime": "Custom", "timeout": 0})).await;
    answer.refused(400, "FSS.1002", &["from 'web' to 'bew'", "FSS.1005", "FSS.1008 timeout"]);
    api.put(&api.fgs("/functions/none/config"), &json!({})).await.refused(404, "FSS.1051", &["none"]);
}

#[tokio::test]
async fn pinned_functions_come_first_in_lists_until_they_are_not() {
    let api = Api::new().await;
    for name in ["a", "b", "c"] {
        api.create(name, json!({})).await.fine(200);
    }
    let names = async || -> Vec<String> {
        let list = api.get(&api.fgs("/functions")).await.fine(200);
        list["functions"].as_array().unwrap().iter().map(|one| one["func_name"].as_str().unwrap().into()).collect()
    };
    let before = api.get(&api.fgs("/functions/c/config")).await.fine(200);
    assert_eq!(api.put(&api.fgs("/functions/c/collect/true"), &json!(null)).await.fine(200), json!({}));
    assert_eq!(names().await, ["c", "a", "b"]);
    let after = api.get(&api.fgs("/functions/c/config")).await.fine(200);
    assert_eq!(after, before, "a pin changes neither revision nor time");
    let page = api.get(&api.fgs("/functions?maxitems=1")).await.fine(200);
    assert_eq!(
        (&page["functions"][0]["func_name"], &page["next_marker"], &page["count"]),
        (&json!("c"), &json!(1), &json!(3))
    );
    let urn = api.urn("c");
    api.put(&api.fgs(&format!("/functions/{urn}:latest/collect/false")), &json!({})).await.fine(200);
    assert_eq!(names().await, ["a", "b", "c"]);
    api.put(&api.fgs("/functions/c/collect/yes"), &json!({})).await.refused(400, "FSS.0400", &["'yes'"]);
    api.put(&api.fgs("/functions/d/collect/true"), &json!({})).await.refused(404, "FSS.1051", &["no function"]);
}

#[tokio::test]
async fn a_maximum_of_no_instances_disables_and_another_enables_again() {
    let api = Api::new().await;
    api.create("web", json!({"strategy_config": {"concurrency": 5, "concurrent_num": 7}})).await.fine(200);
    let path = api.fgs("/functions/web/config-max-instance");
    for (number, disabled) in [(0, true), (-1, false), (1000, false)] {
        let answer = api.put(&path, &json!({"max_instance_num": number})).await.fine(200);
        assert_eq!(answer["strategy_config"], json!({"concurrency": number, "concurrent_num": 7}));
        assert_eq!(api.store.functions(&api.credential.project)[0].latest.config.disabled(), disabled);
    }
    let refused = "max_instance_num is missing";
    api.put(&path, &json!({})).await.refused(400, "FSS.1026", &[refused]);
    for wrong in [-2, 1001] {
        let answer = api.put(&path, &json!({"max_instance_num": wrong})).await;
        answer.refused(400, "FSS.1026", &["max_instance_num must be -1 to 1000", &wrong.to_string()]);
    }
    api.put(&path, &json!({"max_instance_num": "5"})).await.refused(400, "FSS.1026", &["max_instance_num"]);
    api.put(&path, &json!({"max_instance_num": 5, "more": 1})).await.refused(400, "FSS.0400", &["'more'"]);
    api.put(&api.fgs("/functions/nobody/config-max-instance"), &json!({"max_instance_num": 1})).await.refused(
        404,
        "FSS.1051",
        &[],
    );
}

#[tokio::test]
async fn settings_of_log_hooks_and_memory_change_one_by_one() {
    let api = Api::new().await;
    let path = api.fgs("/functions/web/config");
    let created = api.create("web", json!({"pre_stop_handler": "stop", "pre_stop_timeout": 9})).await.fine(200);
    assert!(created.get("log_group_id").is_none() && created.get("lts_custom_tag").is_none());
    assert_eq!((&created["pre_stop_handler"], &created["pre_stop_timeout"]), (&json!("stop"), &json!(9)));
    assert_eq!(created["domain_id"], api.store.domain());

    let change = json!({"enable_lts_log": true, "lts_custom_tag": {"k": "v"}, "enable_auth_in_header": true});
    let changed = api.put(&path, &change).await.fine(200);
    assert_eq!(changed["log_group_id"], api.credential.project);
    assert_eq!((&changed["log_stream_id"], &changed["lts_custom_tag"]), (&created["func_id"], &json!({"k": "v"})));
    assert_eq!((&changed["enable_auth_in_header"], &changed["pre_stop_timeout"]), (&json!(true), &json!(9)));

    let change = json!({"pre_stop_handler": "", "lts_custom_tag": {}, "enable_dynamic_memory": true, "log_config": {"group_id": "g"}});
    let changed = api.put(&path, &change).await.fine(200);
    assert_eq!((&changed["pre_stop_handler"], changed.get("pre_stop_timeout")), (&json!(""), None));
    assert_eq!((&changed["log_group_id"], changed.get("lts_custom_tag")), (&json!("g"), None));
    let detail = api.get(&api.fgs("/functions/web/lts-log-detail")).await.fine(200);
    assert_eq!((&detail["group_id"], &detail["stream_id"]), (&json!("g"), &created["func_id"]));
    assert_eq!((&changed["enable_dynamic_memory"], &changed["enable_lts_log"]), (&json!(true), &json!(true)));
    let many: serde_json::Map<_, _> = (0..11).map(|number| (format!("k{number}"), json!("v"))).collect();
    api.put(&path, &json!({"lts_custom_tag": many})).await.refused(400, "FSS.0400", &["at most 10 tags, not 11"]);
    api.put(&path, &json!({"pre_stop_handler": "x"})).await.refused(
        400,
        "FSS.0400",
        &["pre_stop_timeout (1 to 90 s) is missing"],
    );
}
