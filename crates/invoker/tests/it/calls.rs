//! Requests to real servers.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Method, Request};
use http_body_util::BodyExt as _;
use invoker::Config;
use model::Kind;

use crate::world::{World, until};

const PYTHON: &str = "exec /usr/bin/python3 -u server.py\n";

#[tokio::test]
async fn a_function_sees_the_platform_s_headers() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(PYTHON, |_| {});
    let (_, text) = world.get(&version, "/headers").await.unwrap();
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    for (name, value) in [
        ("x-cff-func-name", "f"),
        ("x-cff-func-version", "latest"),
        ("x-cff-memory", "256"),
        ("x-cff-package", "default"),
        ("x-cff-project-id", "p"),
        ("x-cff-region", "r-1"),
        ("x-cff-timeout", "20"),
        ("host", "127.0.0.1:8000"),
    ] {
        assert_eq!(found[name], value, "{text}");
    }
    let id = found["x-cff-request-id"].as_str().unwrap();
    until("the record is written", || !world.records(&version).is_empty()).await;
    assert_eq!(&*world.records(&version)[0].request_id, id);
    world.end().await;
}

#[tokio::test]
async fn what_a_function_says_is_logged_with_its_request() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(PYTHON, |_| {});
    world.get(&version, "/say/this").await.unwrap();
    let said = |text: &str| world.lines(&version).into_iter().find(|line| line.text == text);
    until("both lines are read", || said("said this").is_some() && said("complained this").is_some()).await;
    assert_eq!(said("said this").unwrap().request_id.as_deref(), Some(&*world.records(&version)[0].request_id));
    assert_eq!(said("complained this").unwrap().stream, telemetry::Stream::Stderr);
    world.end().await;
}

#[tokio::test]
async fn large_bodies_pass_both_ways() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(PYTHON, |config| config.memory_mb = 512);
    let (_, text) = world.get(&version, "/bytes/30000000").await.unwrap();
    assert_eq!(text.len(), 30_000_000);
    let mut request = Request::new(model::invoke::full(Bytes::from(vec![b'y'; 20_000_000])));
    *request.method_mut() = Method::POST;
    let response = world.send(&version, request).await.unwrap();
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "20000000");
    world.end().await;
}

#[tokio::test]
async fn a_process_that_ends_in_a_request_is_replaced() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(PYTHON, |_| {});
    world.get(&version, "/").await.unwrap();
    let error = world.get(&version, "/exit/7").await.unwrap_err();
    let detail = error.detail.unwrap();
    assert_eq!(error.kind, Kind::Exited, "{detail}");
    assert_eq!(detail, "its process ended with exit code 7");
    assert_eq!(world.get(&version, "/").await.unwrap().1, "hello");
    world.end().await;
}

#[tokio::test]
async fn a_request_that_needs_too_much_memory_is_told_so() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(PYTHON, |_| {});
    world.get(&version, "/").await.unwrap();
    let error = world.get(&version, "/eat/1000").await.unwrap_err();
    assert_eq!(error.kind, Kind::OutOfMemory, "{error:?}");
    assert_eq!(world.get(&version, "/eat/10").await.unwrap().1, "full");
    world.end().await;
}

#[tokio::test]
async fn a_request_over_the_timeout_ends_its_instance() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(PYTHON, |config| config.timeout_seconds = 1);
    world.get(&version, "/").await.unwrap();
    assert_eq!(world.get(&version, "/sleep/30").await.unwrap_err().kind, Kind::TimedOut);
    until("the instance is gone", || world.invoker.instances().is_empty()).await;
    assert_eq!(world.get(&version, "/").await.unwrap().1, "hello");
    world.end().await;
}

#[tokio::test]
async fn a_flood_of_output_neither_hides_a_timeout_nor_fills_the_log() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(PYTHON, |config| config.timeout_seconds = 2);
    assert_eq!(world.get(&version, "/flood").await.unwrap_err().kind, Kind::TimedOut);
    until("the instance is gone", || world.invoker.instances().is_empty()).await;
    let told = || world.lines(&version).iter().any(|line| line.text.contains("bytes dropped"));
    until("the owner reads that output was dropped", told).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_at_once_share_instances_as_the_settings_say() {
    let Some(world) = World::new(Config::default()) else { return };
    let version = world.deploy(PYTHON, |config| {
        config.concurrent_num = 8;
        config.max_instances = 2;
    });
    let clients = join_all((0..32).map(|_| async {
        for _ in 0..20 {
            assert_eq!(world.get(&version, "/").await.unwrap().1, "hello");
        }
    }));
    clients.await;
    assert!(world.invoker.instances().len() <= 2);
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redeploy_under_load_fails_no_request() {
    let Some(world) = World::new(Config::default()) else { return };
    let set = |config: &mut model::function::Config| {
        config.concurrent_num = 4;
        config.max_instances = 2;
    };
    let first = world.deploy(PYTHON, set);
    world.get(&first, "/").await.unwrap();
    let clients = join_all((0..8).map(|_| async {
        for _ in 0..30 {
            assert_eq!(world.get(&first, "/sleep/0.01").await.unwrap().1, "awake");
        }
    }));
    let deploys = async {
        for _ in 0..3 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            world.deploy(PYTHON, set);
        }
    };
    tokio::join!(clients, deploys);
    until("old instances are gone", || world.invoker.instances().iter().all(|status| status.revision == 4)).await;
    world.end().await;
}
