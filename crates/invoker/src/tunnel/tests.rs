use std::pin::Pin;

use http::{Request, Response, StatusCode};
use hyper::service::service_fn;
use model::Error;
use model::invoke::{Body, empty};
use tokio::io::{AsyncReadExt as _, DuplexStream};
use tokio::time::sleep;

use super::*;
use crate::testing::{Behaviour, World, ms, secs, speaks, version};
use crate::{Config, Invoker};

/// A server that switches and then says everything twice.
fn echoes(protocol: &'static str) -> Behaviour {
    speaks(move |mut stream| async move {
        let mut bytes = [0; 4096];
        drop(stream.read(&mut bytes).await);
        let head = format!("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: {protocol}\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        while let Ok(read @ 1..) = stream.read(&mut bytes).await {
            let twice = bytes[..read].repeat(2);
            stream.write_all(&twice).await.unwrap();
        }
    })
}

/// A client's connection through a gateway that passes everything to the invoker.
fn connect(world: &World, version: &Arc<model::function::Version>) -> DuplexStream {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let (invoker, version): (Invoker, _) = (world.invoker.clone(), Arc::clone(version));
    let service = service_fn(move |mut request: Request<hyper::body::Incoming>| {
        let (invoker, version) = (invoker.clone(), Arc::clone(&version));
        async move {
            let client = hyper::upgrade::on(&mut request);
            let mut request: Request<Body> = request.map(model::invoke::body);
            request.extensions_mut().insert(client);
            let invocation = model::invoke::Invocation {
                request_id: "id".into(),
                version,
                request,
                upgrade: true,
                hints: None,
                timeout: secs(20),
                source: model::invoke::Source::Gateway,
            };
            let answer = model::invoke::Invoke::invoke(&invoker, invocation).await;
            Ok::<_, Error>(answer.unwrap_or_else(|error| {
                let mut response = Response::new(empty());
                *response.status_mut() = StatusCode::from_u16(error.kind.status()).unwrap();
                response
            }))
        }
    });
    let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(far), service);
    let task: Pin<Box<dyn Future<Output = ()> + Send>> = Box::pin(async { drop(connection.with_upgrades().await) });
    world.invoker.pools.site.tasks.spawn(task);
    near
}

async fn head(client: &mut DuplexStream) -> String {
    client
        .write_all(b"GET /chat HTTP/1.1\r\nhost: h\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n")
        .await
        .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await.unwrap());
    }
    String::from_utf8(head).unwrap()
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_tunnels_both_ways_and_holds_its_slot_until_it_ends() {
    let world = World::new(Config::default(), echoes("websocket"));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let mut client = connect(&world, &version);
    let head = head(&mut client).await;
    assert!(head.starts_with("HTTP/1.1 101 ") && head.contains("upgrade: websocket"), "{head}");
    for _ in 0..3 {
        client.write_all(b"ping").await.unwrap();
        let mut answer = [0; 8];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"pingping");
    }
    assert_eq!(world.states(), ["busy 1"]);
    drop(client);
    sleep(ms(10)).await;
    assert_eq!(world.states(), ["idle 0"]);
    let records = world.records(&version).await;
    let record = &records[0];
    assert_eq!((record.status, record.error.as_deref()), (101, None));
    assert_eq!((record.request_bytes, record.response_bytes), (12, 24));
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_is_cut_at_the_function_s_timeout() {
    let world = World::new(Config::default(), echoes("websocket"));
    let version = version("f", 1, |config| config.timeout_seconds = 5);
    world.publish(&[&version]);
    let mut client = connect(&world, &version);
    head(&mut client).await;
    let began = Instant::now();
    assert_eq!(client.read(&mut [0; 1]).await.unwrap(), 0);
    assert_eq!(began.elapsed().as_secs(), 5);
    sleep(ms(10)).await;
    assert_eq!(world.records(&version).await[0].error.as_deref(), Some("timed_out"));
    assert_eq!(world.states(), ["idle 0"]);
}

#[tokio::test(start_paused = true)]
async fn a_switch_to_something_else_is_refused() {
    let world = World::new(Config::default(), echoes("irc"));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let head = head(&mut connect(&world, &version)).await;
    assert!(head.starts_with("HTTP/1.1 502 "), "{head}");
    assert_eq!(world.states(), ["idle 0"]);
}
