use super::*;
use model::invoke::Source;
use model::record::{Record, Timings};
use telemetry::{Line, Stream};

impl Api {
    fn funcd(&self, rest: &str) -> String {
        format!("/v2/{}/funcd{rest}", self.credential.project)
    }

    fn line(&self, text: &str) -> Line {
        Line {
            at: model::time::now(),
            function: self.urn("web"),
            version: "latest".into(),
            instance: "i1".into(),
            stream: Stream::Stderr,
            request_id: Some("r1".into()),
            tags: None,
            text: text.to_owned(),
        }
    }
}

#[tokio::test]
async fn info_tells_what_a_client_needs() {
    let api = Api::new().await;
    let info = api.get(&api.funcd("/info")).await.fine(200);
    assert_eq!((&info["region"], &info["project_id"]), (&json!("local-1"), &json!(api.credential.project)));
    assert_eq!((&info["gateway_url"], &info["gateway_port"]), (&json!("http://127.0.0.1:8080"), &json!(8080)));
    let tls = (&info["gateway_tls_url"], &info["gateway_tls_port"]);
    assert_eq!(tls, (&json!("https://127.0.0.1:8443"), &json!(8443)));
    let groups = api.store.groups(&api.credential.project).await.unwrap();
    assert_eq!(info["default_group_id"], groups[0].id);
    assert_eq!(info["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn logs_are_the_newest_lines_oldest_first() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    for text in ["one", "two\u{1b}[0m", "three"] {
        api.telemetry.log(api.line(text));
    }
    let telemetry = api.telemetry.clone();
    tokio::task::spawn_blocking(move || telemetry.flush()).await.unwrap();
    let answer = api.get(&api.funcd("/functions/web/logs?limit=2")).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"));
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.iter().map(|line| line["text"].as_str().unwrap()).collect::<Vec<_>>(), ["two\u{1b}[0m", "three"]);
    assert_eq!(
        (&lines[0]["stream"], &lines[0]["instance"], &lines[0]["request_id"]),
        (&json!("stderr"), &json!("i1"), &json!("r1"))
    );
    assert!(!text.contains('\u{1b}'));
    let wrong = api.get(&api.funcd("/functions/web/logs?limit=0&since=x&follow=1")).await;
    wrong.refused(400, "FSS.1001", &["limit must be 1 to 10000, not 0", "since", "follow"]);
    api.get(&api.funcd("/functions/none/logs")).await.refused(404, "FSS.1051", &["none"]);
}

#[tokio::test]
async fn requests_are_their_records() {
    let api = Api::new().await;
    api.create("web", json!({})).await.fine(200);
    api.telemetry.record(Record {
        request_id: "r1".into(),
        function: api.urn("web").into(),
        version: "latest".into(),
        revision: 3,
        instance: Some("i1".into()),
        source: Source::Gateway,
        method: "GET".into(),
        path: "/".into(),
        status: 200,
        error: None,
        started: model::time::now(),
        timings: Timings {
            gateway_us: 7,
            queue_us: 1,
            sandbox_us: 2,
            boot_us: 3,
            thaw_us: 6,
            first_byte_us: 4,
            total_us: 5,
        },
        request_bytes: 6,
        response_bytes: 7,
        memory_bytes: 8,
        memory_mb: 128,
    });
    let telemetry = api.telemetry.clone();
    tokio::task::spawn_blocking(move || telemetry.flush()).await.unwrap();
    let answer = api.get(&api.funcd("/functions/web/requests?request_id=r1")).await.fine(200);
    let record = &answer["requests"][0];
    assert_eq!(
        (&record["request_id"], &record["source"], &record["status"]),
        (&json!("r1"), &json!("gateway"), &json!(200))
    );
    assert_eq!(
        record["timings"],
        json!({"gateway_us": 7, "queue_us": 1, "sandbox_us": 2, "boot_us": 3, "thaw_us": 6, "first_byte_us": 4, "total_us": 5})
    );
    let none = api.get(&api.funcd("/functions/web/requests?request_id=r2")).await.fine(200);
    assert_eq!(none, json!({"requests": []}));
}

#[tokio::test]
async fn runtimes_are_listed_and_installed_from_a_named_place() {
    let api = Api::new().await;
    let list = api.get(&api.funcd("/runtimes")).await.fine(200);
    let node = list["runtimes"].as_array().unwrap().iter().find(|row| row["id"] == "nodejs18.15").unwrap();
    assert_eq!(node["executable"], "/opt/function/runtime/nodejs18.15/rtsp/nodejs/bin/node");
    let install = |id: &str, body: Value| {
        let path = api.funcd(&format!("/runtimes/{id}"));
        let api = &api;
        async move { api.post(&path, &body).await }
    };
    install("nodejs0.1", json!({})).await.refused(400, "FSS.1005", &["no runtime 'nodejs0.1'"]);
    install("nodejs18.15", json!({"from": "here"})).await.refused(400, "FSS.0400", &["absolute path", "'here'"]);
    let empty = api.home.path().join("empty");
    std::fs::create_dir(&empty).unwrap();
    install("nodejs18.15", json!({"from": empty})).await.refused(424, "FSS.0424", &["nodejs18.15"]);
    // Whoever looks later sees why.
    let list = api.get(&api.funcd("/runtimes")).await.fine(200);
    let node = list["runtimes"].as_array().unwrap().iter().find(|row| row["id"] == "nodejs18.15").unwrap();
    assert!(node["failed"].as_str().unwrap().contains("nodejs18.15"), "{node}");
    assert!(node.get("installing").is_none(), "{node}");
}
