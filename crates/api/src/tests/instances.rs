//! Instances of a function; one that is there and one that ended stand in for the invoker's.

use super::*;
use model::instances::{Cause, Ended, Identity, Instances, Running};
use model::urn::Qualifier;

fn identity(id: &str, version: Qualifier) -> Identity {
    Identity {
        id: id.to_owned(),
        version,
        revision: 3,
        cause: Cause::Request,
        decided: "2026-01-02T03:04:05Z".parse().unwrap(),
        start: Some((Duration::from_millis(5), Duration::from_micros(70_001))),
        memory_bytes: 4096,
    }
}

/// Those of every function but `idle`.
pub(super) fn seen(function: &str) -> Instances {
    if function.ends_with(":idle") {
        return Instances::default();
    }
    let starting = Identity {
        cause: Cause::Reserved,
        start: None,
        memory_bytes: 0,
        ..identity("i2", Qualifier::Version("v1".to_owned()))
    };
    let running = [(identity("i1", Qualifier::Latest), "busy", 2), (starting, "starting", 0)];
    let running = running.map(|(identity, state, in_flight)| Running { identity, state, reserved: false, in_flight });
    let ended = Ended {
        identity: identity("i0", Qualifier::Latest),
        at: "2026-01-02T03:05:05Z".parse().unwrap(),
        reason: "exited",
        detail: format!("its process ended with exit code 3 ({function})"),
    };
    Instances { running: running.into(), ended: vec![ended] }
}

#[tokio::test]
async fn instances_are_shown_with_why_they_came_and_went() {
    let api = Api::new().await;
    let place = |rest: &str| format!("/v2/{}/funcd/functions/{rest}", api.credential.project);
    api.create("web", json!({})).await.fine(200);
    api.create("idle", json!({})).await.fine(200);
    let shown = api.get(&place("web/instances")).await.fine(200);
    let started = "2026-01-02T03:04:05Z";
    assert_eq!(
        shown["instances"],
        json!([
            {
                "id": "i1", "version": "latest", "revision": 3, "cause": "request", "started": started, "sandbox_us": 5000,
                "boot_us": 70001, "memory_bytes": 4096, "state": "busy", "reserved": false, "in_flight": 2,
            },
            {
                "id": "i2", "version": "v1", "revision": 3, "cause": "reserved", "started": started, "state": "starting",
                "reserved": false, "in_flight": 0,
            },
        ])
    );
    let ended = &shown["ended"][0];
    assert_eq!((&ended["id"], &ended["reason"]), (&json!("i0"), &json!("exited")));
    assert_eq!(ended["ended"], "2026-01-02T03:05:05Z");
    // The function is named without its version, whichever way the caller named it.
    let urn = api.urn("web");
    assert_eq!(ended["detail"], format!("its process ended with exit code 3 ({urn})"));
    let same = api.get(&place(&format!("{urn}:latest/instances"))).await.fine(200);
    assert_eq!(same, shown);
    let none = api.get(&place("idle/instances")).await.fine(200);
    assert_eq!(none, json!({"instances": [], "ended": []}));
    api.get(&place("none/instances")).await.refused(404, "FSS.1051", &["none"]);
    api.get(&place("p1:default:web:latest/instances")).await.refused(403, "FSS.0403", &["another project"]);
}
