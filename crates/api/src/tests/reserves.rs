use super::*;

/// What a change of the reserved instances of `web` answers.
async fn set(api: &Api, qualifier: &str, body: Value) -> Answer {
    api.put(&api.fgs(&format!("/functions/{}{qualifier}/reservedinstances", api.urn("web"))), &body).await
}

async fn reserved() -> Api {
    let api = Api::new().await;
    for name in ["web", "shop"] {
        api.create(name, json!({})).await.fine(200);
    }
    api
}

fn cron(name: &str, count: i64) -> Value {
    json!({"name": name, "cron": "0 0 9 * * *", "count": count, "start_time": 1_700_000_000, "expired_time": 4_000_000_000_i64})
}

#[tokio::test]
async fn what_was_set_is_answered_and_listed() {
    let api = reserved().await;
    let body = json!({"count": 2, "idle_mode": true, "tactics_config": {"cron_configs": [cron("day", 5)]}});
    let answer = set(&api, "", body).await.fine(200);
    let tactics = json!({"cron_configs": [cron("day", 5)]});
    assert_eq!(answer, json!({"count": 2, "idle_mode": true, "tactics_config": tactics}));
    let list = api.get(&api.fgs("/functions/reservedinstanceconfigs")).await.fine(200);
    let row = json!({"function_urn": api.urn("web"), "qualifier_type": "version", "qualifier_name": "latest",
                     "min_count": 2, "idle_mode": true, "tactics_config": tactics});
    let page = json!({"next_marker": 1, "previous_marker": 0, "current_count": 1});
    assert_eq!(list, json!({"reserved_instances": [row], "page_info": page, "count": 1}));
    let list = api.get(&api.fgs("/functions/reservedinstances")).await.fine(200);
    let row = json!({"func_urn": format!("{}:latest", api.urn("web")), "count": 5});
    assert_eq!(list, json!({"reservedinstances": [row], "page_info": page, "count": 1}));
    set(&api, ":latest", json!({"count": 0})).await.fine(200);
    let list = api.get(&api.fgs("/functions/reservedinstanceconfigs")).await.fine(200);
    assert_eq!((&list["reserved_instances"], &list["count"]), (&json!([]), &json!(0)));
}

#[tokio::test]
async fn pages_are_walked_until_one_is_empty() {
    let api = reserved().await;
    for name in ["web", "shop"] {
        api.put(&api.fgs(&format!("/functions/{name}/reservedinstances")), &json!({"count": 1})).await.fine(200);
    }
    for (path, field) in [("reservedinstanceconfigs", "reserved_instances"), ("reservedinstances", "reservedinstances")]
    {
        let (mut marker, mut sizes) = (0, Vec::new());
        while sizes.last() != Some(&0) {
            let page = api.get(&api.fgs(&format!("/functions/{path}?limit=1&marker={marker}"))).await.fine(200);
            assert_eq!(page["count"], 2);
            let size = page[field].as_array().unwrap().len();
            sizes.push(size);
            marker = page["page_info"]["next_marker"].as_i64().unwrap();
        }
        assert_eq!(sizes, [1, 1, 0], "{path}");
    }
    let urn = api.urn("shop");
    let of = |query: String| {
        let path = api.fgs(&format!("/functions/{query}"));
        let api = &api;
        async move { api.get(&path).await.fine(200)["count"].clone() }
    };
    assert_eq!(of(format!("reservedinstanceconfigs?function_urn={urn}&limit=100&marker=0")).await, 1);
    assert_eq!(of(format!("reservedinstanceconfigs?function_urn={urn}:v1")).await, 0);
    assert_eq!(of(format!("reservedinstances?urn={urn}:latest")).await, 1);
    assert_eq!(of(format!("reservedinstances?urn={urn}:v1")).await, 0);
    assert_eq!(of("reservedinstances?limit=0".to_owned()).await, 2);
    let wrong = api.get(&api.fgs("/functions/reservedinstanceconfigs?limit=501&marker=-1")).await;
    wrong.refused(400, "FSS.1001", &["limit must be 1 to 500", "marker"]);
    api.get(&api.fgs("/functions/reservedinstances?limit=-1")).await.refused(400, "FSS.1001", &["limit"]);
}

#[tokio::test]
async fn what_terraform_reads_of_a_function_is_all_of_it_and_nothing_that_was_not_set() {
    let api = reserved().await;
    api.post(&api.fgs("/functions/web/aliases"), &json!({"name": "live", "version": "latest"})).await.fine(200);
    set(&api, ":!live", json!({"count": 1, "idle_mode": true})).await.fine(200);
    // It names `latest` and means the function; a list of no policies would be a policy to it.
    let path = format!("/functions/reservedinstanceconfigs?function_urn={}:latest&limit=100&marker=0", api.urn("web"));
    let list = api.get(&api.fgs(&path)).await.fine(200);
    let row = json!({"function_urn": api.urn("web"), "qualifier_type": "alias", "qualifier_name": "live",
                     "min_count": 1, "idle_mode": true, "tactics_config": {}});
    assert_eq!(list["reserved_instances"], json!([row]));
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let api = reserved().await;
    set(&api, "", json!({})).await.refused(400, "FSS.0400", &["count is missing"]);
    set(&api, "", json!({"count": 401})).await.refused(400, "FSS.0400", &["count must be 0 to 400, not 401"]);
    let wrong = json!({"count": 2, "tactics_config": {
        "cron_configs": [{"name": "", "cron": "0 0 25 * * *", "count": 1, "start_time": 2, "expired_time": 1}, cron("x", 3), cron("x", 3)],
        "metric_configs": [{"name": "m", "type": "Concurrency", "threshold": 50, "min": 1}]}});
    let parts = [
        "metric_configs is not supported",
        "[0].name",
        "[0].cron: hour",
        "[0].count must be 2 to 400, not 1",
        "[0].start_time",
        "[2].name 'x' is there twice",
    ];
    set(&api, "", wrong).await.refused(400, "FSS.0400", &parts);
    set(&api, "", json!({"count": 1, "tactics_config": {"crons": []}})).await.refused(400, "FSS.0400", &["crons"]);
    set(&api, ":v9", json!({"count": 1})).await.refused(404, "FSS.1052", &["v9"]);
    set(&api, ":!prod", json!({"count": 1})).await.refused(404, "FSS.1053", &["prod"]);
    api.put(&api.fgs("/functions/none/reservedinstances"), &json!({"count": 1})).await.refused(
        404,
        "FSS.1051",
        &["none"],
    );
}
