use super::*;

#[tokio::test]
async fn an_app_is_made_shown_listed_changed_and_deleted() {
    let api = Api::new().await;
    let made = api.app("shop").await;
    assert_eq!((made["app_key"].as_str().unwrap().len(), made["app_secret"].as_str().unwrap().len()), (32, 32));
    assert_eq!((&made["status"], &made["creator"], &made["app_type"]), (&json!(1), &json!("USER"), &json!("apig")));
    let one = api.apig(&format!("/apps/{}", id(&made))).await;
    assert_eq!(api.get(&one).await.fine(200), made);
    let listed = api.get(&api.apig("/apps").await).await.fine(200);
    assert_eq!((&listed["total"], &listed["size"], &listed["apps"][0]["bind_num"]), (&json!(1), &json!(1), &json!(0)));
    let checked = api.get(&api.apig(&format!("/apps/validation/{}", id(&made))).await).await.fine(200);
    assert_eq!(checked, json!({"id": made["id"], "name": "shop", "remark": ""}));

    let body = json!({"name": "store", "remark": "r", "app_key": "key-of-mine", "app_secret": "secret!@#$%"});
    let changed = api.put(&one, &body).await.fine(200);
    for field in ["name", "remark", "app_key", "app_secret"] {
        assert_eq!(changed[field], body[field], "{field}");
    }
    let kept = api.put(&one, &json!({"name": "store"})).await.fine(200);
    assert_eq!((&kept["app_secret"], &kept["remark"]), (&body["app_secret"], &json!("r")), "what is not given stays");

    api.delete(&one).await.fine(204);
    for answer in [api.get(&one).await, api.put(&one, &body).await, api.delete(&one).await] {
        answer.refused(404, "APIG.3004", &["does not exist"]);
    }
}

#[tokio::test]
async fn a_secret_is_replaced_by_one_of_the_clients_or_a_new_one() {
    let api = Api::new().await;
    let made = api.app("shop").await;
    let path = api.apig(&format!("/apps/secret/{}", id(&made))).await;
    let other = api.put(&path, &json!({})).await.fine(200);
    assert_ne!(other["app_secret"], made["app_secret"]);
    assert_eq!(other["app_key"], made["app_key"]);
    let own = api.put(&path, &json!({"app_secret": "12345678"})).await.fine(200);
    assert_eq!(own["app_secret"], "12345678");
    api.put(&path, &json!({"app_secret": "short"})).await.refused(400, "APIG.2012", &["app_secret", "(not shown)"]);
}

#[tokio::test]
async fn everything_wrong_with_an_app_is_said_at_once_and_no_secret_with_it() {
    let api = Api::new().await;
    let body = json!({"name": "1a", "remark": "r".repeat(256), "app_key": "-key", "app_secret": "hunter2 ä", "x": 1});
    let answer = api.post(&api.apig("/apps").await, &body).await;
    let parts = ["name", "remark", "'-key'", "app_secret", "'x'"];
    answer.refused(400, "APIG.2012", &parts);
    assert!(!String::from_utf8_lossy(&answer.body).contains("hunter2"));
    let related = api.post(&api.apig("/apps").await, &json!({"name": "abc", "related_domain_id": "d"})).await;
    related.refused(400, "APIG.2012", &["related_domain_id is not supported yet"]);
    api.post(&api.apig("/apps").await, &json!({})).await.refused(400, "APIG.2001", &["name is missing"]);
}

#[tokio::test]
async fn names_are_unlike_in_a_project_and_keys_everywhere() {
    let api = Api::new().await;
    let first = api.app("shop").await;
    api.post(&api.apig("/apps").await, &json!({"name": "shop"})).await.refused(400, "APIG.3203", &["app shop exists"]);
    let body = json!({"name": "other", "app_key": first["app_key"]});
    api.post(&api.apig("/apps").await, &body).await.refused(400, "APIG.3203", &["app_key"]);
    let other = api.app("other").await;
    let path = api.apig(&format!("/apps/{}", id(&other))).await;
    api.put(&path, &json!({"name": "shop"})).await.refused(400, "APIG.3203", &["app shop exists"]);
    api.put(&path, &json!({"name": "other"})).await.fine(200);
}

#[tokio::test]
async fn lists_are_chosen_from_and_come_in_pages() {
    let api = Api::new().await;
    for name in ["aaa", "aab", "bbb"] {
        api.app(name).await;
    }
    for (query, expect) in [
        ("", vec!["bbb", "aab", "aaa"]),
        ("?name=aa", vec!["aab", "aaa"]),
        ("?name=aa&precise_search=name", vec![]),
        ("?name=aaa&precise_search=name", vec!["aaa"]),
        ("?limit=1&offset=1", vec!["aab"]),
        ("?creator=MARKET", vec![]),
    ] {
        let listed = api.get(&api.apig(&format!("/apps{query}")).await).await.fine(200);
        let names: Vec<_> =
            listed["apps"].as_array().unwrap().iter().map(|app| app["name"].as_str().unwrap()).collect();
        assert_eq!(names, expect, "{query}");
        assert_eq!(listed["size"], expect.len(), "{query}");
    }
    api.get(&api.apig("/apps?limit=501&offset=-1").await).await.refused(400, "APIG.2012", &["limit", "offset"]);
}

#[tokio::test]
async fn an_access_list_is_set_shown_and_removed() {
    let api = Api::new().await;
    let path = api.apig(&format!("/apps/{}/app-acl", id(&api.app("shop").await))).await;
    assert_eq!(api.get(&path).await.fine(200)["app_acl_type"], "");
    let body = json!({"app_acl_type": "DENY", "app_acl_values": ["192.0.2.1", "10.0.0.0/8", "192.0.2.5-192.0.2.9"]});
    let set = api.put(&path, &body).await.fine(201);
    assert_eq!((&set["app_acl_type"], &set["app_acl_values"]), (&body["app_acl_type"], &body["app_acl_values"]));
    assert_eq!(api.get(&path).await.fine(200), set);
    api.delete(&path).await.fine(204);
    assert_eq!(api.get(&path).await.fine(200)["app_acl_values"], json!([]));
    let wrong = json!({"app_acl_type": "ALLOW", "app_acl_values": ["example.com"]});
    api.put(&path, &wrong).await.refused(400, "APIG.2012", &["PERMIT or DENY, not 'ALLOW'", "'example.com'"]);
    api.put(&path, &json!({})).await.refused(400, "APIG.2012", &["app_acl_type", "1 to 100 addresses"]);
}

#[tokio::test]
async fn no_secret_of_an_app_is_in_the_data_folder() {
    let api = Api::new().await;
    let (secret, code) = ("unlike-anything-else-1", "c".repeat(64));
    let made = api.post(&api.apig("/apps").await, &json!({"name": "shop", "app_secret": secret})).await.fine(201);
    let codes = api.apig(&format!("/apps/{}/app-codes", id(&made))).await;
    api.post(&codes, &json!({"app_code": code})).await.fine(201);
    api.store.close().await;
    let mut files = 0;
    for entry in std::fs::read_dir(api.home.path()).unwrap().map(Result::unwrap).filter(|entry| entry.path().is_file())
    {
        let bytes = std::fs::read(entry.path()).unwrap();
        files += usize::from(bytes.windows(4).any(|window| window == b"shop"));
        for text in [secret, code.as_str()] {
            assert!(!bytes.windows(text.len()).any(|window| window == text.as_bytes()), "{:?}", entry.path());
        }
    }
    assert!(files > 0, "the app's name is where the secret would be");
}

#[tokio::test]
async fn apps_are_counted_by_whether_they_may_call_anything() {
    let api = Api::new().await;
    let (shop, one) = (api.app("shop").await, api.api_with("one", "APP").await);
    api.app("other").await;
    let path = api.apig("/resources/outline/apps").await;
    assert_eq!(api.get(&path).await.fine(200), json!({"authed_nums": 0, "unauthed_nums": 2}));
    let pair = json!({"env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "app_ids": [shop["id"]], "api_ids": [one]});
    api.post(&api.apig("/app-auths").await, &pair).await.fine(201);
    assert_eq!(api.get(&path).await.fine(200), json!({"authed_nums": 1, "unauthed_nums": 1}));
}
