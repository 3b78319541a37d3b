use super::*;

#[tokio::test]
async fn the_machine_is_shown_as_it_was_found() {
    let api = Api::new().await;
    let own = |rest: &str| format!("/v2/{}/funcd{rest}", api.credential.project);
    let doctor = api.get(&own("/doctor")).await.fine(200);
    let verdicts: Vec<_> =
        doctor["findings"].as_array().unwrap().iter().map(|one| (&one["name"], &one["verdict"])).collect();
    assert_eq!(verdicts, [(&json!("kernel"), &json!("ok")), (&json!("swap"), &json!("degraded"))]);
    let nodes = api.get(&own("/nodes")).await.fine(200);
    let node = &nodes["nodes"][0];
    assert_eq!(
        (&node["name"], &node["processors"], &node["memory"]),
        (&json!("here"), &json!(2), &json!({"total": 8, "free": 3}))
    );
    assert!(node.get("disk").is_none(), "{node}");
}
