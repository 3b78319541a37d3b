//! Real web applications, built from their registries by `e2e/apps/<name>/build.sh`, each deployed by the CLI and called.

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use http::Method;
use http_body_util::BodyExt as _;
use libtest_mimic::{Failed, Trial};
use sha2::Digest as _;

use crate::client::{Connection, call, get, run};
use crate::harness::{root, shared};

/// The applications that answer the common contract, with the settings each needs.
pub(crate) const APPS: &[(&str, &[&str])] = &[
    ("express5", &["--memory", "256"]),
    ("koa", &["--memory", "256"]),
    ("fastapi", &["--memory", "256"]),
    ("flask", &["--memory", "256"]),
    ("spring-boot", &["--memory", "1024"]),
    ("go", &["--memory", "128"]),
    ("php", &["--memory", "128"]),
];

/// Where an application was built.
pub(crate) fn built(name: &str) -> PathBuf {
    let folder = std::env::var_os("E2E_APPS").map_or_else(|| root().join("target/apps"), PathBuf::from).join(name);
    assert!(folder.join("bootstrap").is_file(), "{} is not built: run e2e/apps/{name}/build.sh", folder.display());
    folder
}

/// Deploys one of [`APPS`]; cold starts of the JVM on a busy machine need a wider start limit than the default.
pub(crate) fn deploy(name: &str, host: &str, more: &[&str]) -> String {
    let settings = APPS.iter().find(|(app, _)| *app == name).unwrap().1;
    let mut arguments = settings.to_vec();
    arguments.extend(["--timeout", "60", "--start-timeout", "120"]);
    arguments.extend(more);
    shared().deploy(&built(name), host, &arguments)
}

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = vec![
        Trial::test("apps::seed", seed),
        Trial::test("apps::fastapi streams events as they come", events),
        Trial::test("apps::ws echoes over a WebSocket", web_socket),
    ];
    for (name, _) in APPS {
        trials.push(Trial::test(format!("apps::{name}"), move || contract(name)));
    }
    trials
}

/// The page's own sample at its host; `rest::` calls it at `/user/get`, as the page does.
fn seed() -> Result<(), Failed> {
    let funcd = shared();
    let host = funcd.deploy(&built("seed-node12"), "seed", &[]);
    let answer = get(funcd.gateway, &host, "/");
    assert_eq!(
        (answer.status, answer.text().as_str()),
        (200, "<html><body><h2>This is http function.</h2></body></html>")
    );
    assert_eq!(answer.headers["content-type"], "text/html");
    Ok(())
}

fn contract(name: &str) -> Result<(), Failed> {
    let funcd = shared();
    let host = deploy(name, &format!("app-{name}"), &["--env", "APP_VERSION=one"]);

    let page = get(funcd.gateway, &host, "/");
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.headers["content-type"].to_str().unwrap().starts_with("text/html"), "{page:?}");

    let json = get(funcd.gateway, &host, "/json?x=1").json();
    assert_eq!((json["method"].as_str(), json["path"].as_str()), (Some("GET"), Some("/json")), "{json}");

    let upload: Bytes = (0..5 << 20).map(|i: u32| (i % 249) as u8).collect::<Vec<u8>>().into();
    let digest = hex::encode(sha2::Sha256::digest(&upload));
    let answer = call(funcd.gateway, &host, Method::POST, "/upload", upload.clone()).json();
    assert_eq!(
        (answer["bytes"].as_u64(), answer["sha256"].as_str()),
        (Some(5 << 20), Some(digest.as_str())),
        "{answer}"
    );

    let wanted = 3 << 20;
    let download = get(funcd.gateway, &host, &format!("/download?bytes={wanted}"));
    assert_eq!((download.status, download.body.len()), (200, wanted));
    assert!(download.body.iter().enumerate().all(|(i, byte)| usize::from(*byte) == i % 251), "the content changed");

    let error = get(funcd.gateway, &host, "/error");
    assert_eq!(error.status, 500);
    assert!(
        !error.headers.contains_key("x-funcd-error"),
        "the application's own error page must come through: {error:?}"
    );
    assert_eq!(get(funcd.gateway, &host, "/version").text().trim(), "one");
    Ok(())
}

/// Each event arrives before the next one is sent: the server waits between them, so buffering would show as one chunk.
fn events() -> Result<(), Failed> {
    let funcd = shared();
    let host = deploy("fastapi", "app-events", &[]);
    run(async {
        let mut connection = Connection::open(funcd.gateway, &host).await;
        let mut response = connection.start(Method::GET, "/events?n=5", &[], Bytes::new()).await.unwrap();
        assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/event-stream"));
        let (mut chunks, mut text) = (0, String::new());
        while let Some(frame) = response.body_mut().frame().await {
            text.push_str(std::str::from_utf8(&frame.unwrap().into_data().unwrap()).unwrap());
            chunks += 1;
        }
        assert_eq!(text.matches("data:").count(), 5, "{text}");
        assert!(chunks >= 5, "events were gathered into {chunks} chunks");
    });
    Ok(())
}

fn web_socket() -> Result<(), Failed> {
    let funcd = shared();
    let host = funcd.deploy(&built("ws"), "app-ws", &["--memory", "256"]);
    run(async {
        let limit = Duration::from_secs(20);
        tokio::time::timeout(limit, crate::rest::web_socket_echo(funcd.gateway, &host, "through the tunnel"))
            .await
            .unwrap();
    });
    Ok(())
}
