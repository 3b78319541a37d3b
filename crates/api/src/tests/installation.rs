use super::*;

#[tokio::test]
async fn types_flags_and_agencies_are_in_the_providers_shapes() {
    let api = Api::new().await;
    let runtimes = api.get(&api.fgs("/runtimetypes")).await.fine(200);
    assert_eq!(runtimes, json!([{"type": "http", "display_name": "HTTP"}]));
    let triggers = api.get(&api.fgs("/triggertypes")).await.fine(200);
    assert_eq!(triggers, json!(["APIG", "DEDICATEDGATEWAY"]));
    let feature = api.get(&api.fgs("/feature")).await.fine(200);
    assert_eq!((&feature["reserved_instance"], &feature["workflow"]), (&json!(true), &json!(false)));
    assert_eq!(api.get(&api.fgs("/service-trusted-agencies")).await.fine(200), json!([]));
}

#[tokio::test]
async fn all_triggers_of_a_project_are_listed_page_by_page() {
    let api = Api::new().await;
    for name in ["web", "shop", "blog"] {
        api.create(name, json!({})).await.fine(200);
        let group = api.store.groups(&api.credential.project).await.unwrap().remove(0).id;
        let body = json!({"trigger_type_code": "APIG", "event_data": {
            "name": name, "path": format!("/{name}"), "group_id": group, "env_name": "RELEASE", "protocol": "HTTP",
            "auth": "NONE", "req_method": "ANY", "match_mode": "SWA", "type": 1, "func_info": {"timeout": 5000}}});
        api.post(&api.fgs(&format!("/triggers/{name}")), &body).await.fine(201);
    }
    let (mut marker, mut seen) = (0, Vec::new());
    loop {
        let page = api.get(&api.fgs(&format!("/triggers?maxitems=2&marker={marker}"))).await.fine(200);
        let triggers = page["triggers"].as_array().unwrap();
        if triggers.is_empty() {
            break;
        }
        seen.extend(triggers.iter().map(|trigger| trigger["func_urn"].as_str().unwrap().to_owned()));
        assert_eq!((&triggers[0]["trigger_id"], &triggers[0]["type"]), (&triggers[0]["id"], &json!("APIG")));
        marker = page["next_marker"].as_i64().unwrap();
    }
    assert_eq!(seen, ["web", "shop", "blog"].map(|name| format!("{}:latest", api.urn(name))));
    let none = api.get(&api.fgs("/triggers?maxitems=500&trigger_type=TIMER")).await.fine(200);
    assert_eq!((&none["triggers"], &none["count"]), (&json!([]), &json!(0)));
    api.get(&api.fgs("/triggers?maxitems=501")).await.refused(400, "FSS.1001", &["maxitems must be 1 to 500"]);
}

#[tokio::test]
async fn the_log_of_a_function_is_a_stream_that_funcd_reads() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    assert_eq!(api.post(&api.fgs("/functions/enable-lts-logs"), &json!({})).await.fine(200), json!({}));
    let detail = api.get(&api.fgs("/functions/web/lts-log-detail")).await.fine(200);
    let project = &api.credential.project;
    assert_eq!(
        (&detail["group_id"], &detail["group_name"], &detail["stream_name"]),
        (&json!(project), &json!(format!("functiongraph.log.group.{project}")), &json!("web-default"))
    );
    let stream = detail["stream_id"].as_str().unwrap();
    let by_stream = api.get(&format!("/v2/{project}/funcd/functions/{stream}/logs")).await;
    assert_eq!((by_stream.status, by_stream.header("content-type")), (200, "application/x-ndjson"));
    api.get(&api.fgs("/functions/none/lts-log-detail")).await.refused(404, "FSS.1051", &["none"]);
}

#[tokio::test]
async fn a_stream_that_the_owner_named_is_read_by_its_id_while_it_is_one_function_s() {
    let api = Api::new().await;
    let log = json!({"group_id": "our-group", "group_name": "ours", "stream_id": "our-stream", "stream_name": "web"});
    api.create("web", json!({"log_config": log})).await.fine(200);
    let detail = api.get(&api.fgs("/functions/web/lts-log-detail")).await.fine(200);
    assert_eq!(detail["stream_id"], "our-stream");
    let logs = format!("/v2/{}/funcd/functions/our-stream/logs", api.credential.project);
    assert_eq!(api.get(&logs).await.status, 200);
    api.create("other", json!({"log_config": log})).await.fine(200);
    api.get(&logs).await.refused(404, "FSS.1051", &["our-stream"]);
}
