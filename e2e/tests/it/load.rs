//! Several clients at once: slots per instance, and redeploys that no request notices.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bytes::Bytes;
use http::Method;
use libtest_mimic::{Failed, Trial};

use crate::apps::{APPS, deploy};
use crate::client::{Connection, run};
use crate::harness::shared;

const CLIENTS: usize = 32;
const TURNS: usize = 20;

pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for app in ["express5", "go"] {
        for concurrent in ["1", "50"] {
            trials.push(Trial::test(
                format!("load::{app} with {CLIENTS} clients, {concurrent} at once an instance"),
                move || many_clients(app, concurrent),
            ));
        }
    }
    for (app, _) in APPS {
        trials.push(Trial::test(format!("load::{app} is redeployed under load without a failed request"), move || {
            redeploy(app)
        }));
    }
    trials
}

fn many_clients(app: &'static str, concurrent: &'static str) -> Result<(), Failed> {
    let host = deploy(app, &format!("load-{app}-{concurrent}"), &["--concurrency", concurrent, "--max-instances", "8"]);
    let funcd = shared();
    let answers = run(async {
        let mut clients = tokio::task::JoinSet::new();
        for client in 0..CLIENTS {
            clients.spawn(one_client(client, host.clone(), funcd.gateway));
        }
        clients.join_all().await.into_iter().sum::<usize>()
    });
    assert_eq!(answers, CLIENTS * TURNS);
    Ok(())
}

async fn one_client(client: usize, host: String, gateway: std::net::SocketAddr) -> usize {
    let mut connection = Connection::open(gateway, &host).await;
    for turn in 0..TURNS {
        let path = format!("/json?client={client}&turn={turn}");
        let answer = connection.send(Method::GET, &path, &[], Bytes::new()).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.json()["query"].to_string().contains(&client.to_string()), "another's answer: {answer:?}");
    }
    TURNS
}

fn redeploy(app: &'static str) -> Result<(), Failed> {
    let name = format!("roll-{app}");
    let host = deploy(app, &name, &["--concurrency", "10", "--max-instances", "4", "--env", "APP_VERSION=one"]);
    let funcd = shared();
    let (stop, done) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (stop, done, host, gateway) = (Arc::clone(&stop), Arc::clone(&done), host.clone(), funcd.gateway);
            std::thread::spawn(move || run(versions(stop, done, host, gateway)))
        })
        .collect();
    crate::harness::wait("requests flow", std::time::Duration::from_secs(60), || done.load(Ordering::Relaxed) > 20);
    deploy(app, &name, &["--concurrency", "10", "--max-instances", "4", "--env", "APP_VERSION=two"]);
    let before = done.load(Ordering::Relaxed);
    crate::harness::wait("requests flow on", std::time::Duration::from_secs(60), || {
        done.load(Ordering::Relaxed) > before + 20
    });
    stop.store(true, Ordering::Relaxed);
    let seen: BTreeSet<String> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    assert_eq!(seen.into_iter().collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!(run(version(&host, funcd.gateway)), "two", "the deploy was acknowledged");
    Ok(())
}

async fn versions(
    stop: Arc<AtomicBool>,
    done: Arc<AtomicUsize>,
    host: String,
    gateway: std::net::SocketAddr,
) -> Vec<String> {
    let mut seen = Vec::new();
    let mut connection = Connection::open(gateway, &host).await;
    let mut switched = false;
    while !stop.load(Ordering::Relaxed) {
        let answer = connection.send(Method::GET, "/version", &[], Bytes::new()).await.expect("no connection breaks");
        assert_eq!(answer.status, 200, "a request failed during the redeploy: {answer:?}");
        let version = answer.text().trim().to_owned();
        assert!(!(switched && version == "one"), "a later request was served by the old version");
        switched |= version == "two";
        seen.push(version);
        done.fetch_add(1, Ordering::Relaxed);
    }
    seen
}

async fn version(host: &str, gateway: std::net::SocketAddr) -> String {
    let mut connection = Connection::open(gateway, host).await;
    connection.send(Method::GET, "/version", &[], Bytes::new()).await.unwrap().text().trim().to_owned()
}
