use futures_util::stream;
use http::Request;
use http_body_util::{BodyExt as _, StreamBody};
use model::invoke::{Invocation, Invoke as _, Source};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::time::sleep;

use super::*;
use crate::Config;
use crate::testing::{Behaviour, World, ms, secs, speaks, version};

const SWITCH: &[u8] = b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n";

/// A server that switches and then says everything twice, and `bye` when it has heard all.
fn echoes(switch: &'static [u8]) -> Behaviour {
    speaks(move |mut stream| async move {
        let mut bytes = [0; 4096];
        let read = stream.read(&mut bytes).await.unwrap();
        assert!(bytes[..read].ends_with(b"\r\n\r\n"), "nothing is sent before the switch");
        stream.write_all(switch).await.unwrap();
        while let Ok(read @ 1..) = stream.read(&mut bytes).await {
            let twice = bytes[..read].repeat(2);
            stream.write_all(&twice).await.unwrap();
        }
        drop(stream.write_all(b"bye").await);
    })
}

/// A server that switches, says this, ends its direction and answers to nothing; counts what it hears then.
fn leaves(heard: &Arc<Mutex<Vec<u8>>>) -> Behaviour {
    let heard = Arc::clone(heard);
    speaks(move |mut stream| {
        let heard = Arc::clone(&heard);
        async move {
            let mut bytes = [0; 4096];
            drop(stream.read(&mut bytes).await);
            stream.write_all(SWITCH).await.unwrap();
            stream.write_all(b"done").await.unwrap();
            stream.shutdown().await.unwrap();
            while let Ok(read @ 1..) = stream.read(&mut bytes).await {
                heard.lock().extend_from_slice(&bytes[..read]);
            }
        }
    })
}

/// The caller's end: what it sends, and what it hears.
struct Client {
    sends: Option<mpsc::Sender<&'static [u8]>>,
    hears: Body,
}

async fn connect(world: &World, version: &Arc<model::function::Version>) -> Result<Client, Error> {
    let (sends, sent) = mpsc::channel(16);
    // Said before the switch, to be heard after it.
    let frames = stream::unfold(sent, |mut sent: mpsc::Receiver<&'static [u8]>| async move {
        let bytes = sent.recv().await?;
        Some((Ok::<_, BodyError>(Frame::data(Bytes::from_static(bytes))), sent))
    });
    let mut request = Request::new(model::invoke::body(StreamBody::new(frames)));
    request.headers_mut().insert("connection", "upgrade".parse().unwrap());
    request.headers_mut().insert("upgrade", "websocket".parse().unwrap());
    let invocation = Invocation {
        request_id: "id".into(),
        version: Arc::clone(version),
        request,
        upgrade: true,
        http2: false,
        hints: None,
        timeout: secs(20),
        source: Source::Gateway,
        held: Duration::ZERO,
    };
    sends.send(b"").await.unwrap();
    let response = world.invoker.invoke(invocation).await?;
    assert_eq!(
        (response.status(), &response.headers()["upgrade"]),
        (http::StatusCode::SWITCHING_PROTOCOLS, &"websocket".parse::<http::HeaderValue>().unwrap())
    );
    Ok(Client { sends: Some(sends), hears: response.into_body() })
}

impl Client {
    async fn send(&self, bytes: &'static [u8]) {
        self.sends.as_ref().unwrap().send(bytes).await.unwrap();
    }

    async fn hear(&mut self) -> Option<Result<Bytes, Error>> {
        let frame = self.hears.frame().await?;
        Some(frame.map(|frame| frame.into_data().unwrap()).map_err(|error| *error.downcast().unwrap()))
    }
}

#[tokio::test(start_paused = true)]
async fn an_upgrade_tunnels_both_ways_and_holds_its_slot_until_it_ends() {
    let world = World::new(Config::default(), echoes(SWITCH));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let mut client = connect(&world, &version).await.unwrap();
    for _ in 0..3 {
        client.send(b"ping").await;
        assert_eq!(client.hear().await.unwrap().unwrap(), "pingping");
    }
    assert_eq!(world.states(), ["busy 1"]);
    client.sends = None;
    assert_eq!(client.hear().await.unwrap().unwrap(), "bye");
    assert!(client.hear().await.is_none());
    assert_eq!(world.states(), ["idle 0"]);
    let records = world.records(&version).await;
    let record = &records[0];
    assert_eq!((record.status, record.error.as_deref()), (101, None));
    assert_eq!((record.request_bytes, record.response_bytes), (12, 27));
    assert_eq!(world.puppet(0).connects.load(std::sync::atomic::Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn a_tunnel_is_cut_at_the_function_s_timeout() {
    let world = World::new(Config::default(), echoes(SWITCH));
    let version = version("f", 1, |config| config.timeout_seconds = 5);
    world.publish(&[&version]);
    let mut read = connect(&world, &version).await.unwrap();
    let began = Instant::now();
    assert_eq!(read.hear().await.unwrap().unwrap_err().kind, Kind::TimedOut);
    assert_eq!(began.elapsed().as_secs(), 5);
    assert!(read.hear().await.is_none());
    // Also for a caller who asks for nothing.
    let mut unread = connect(&world, &version).await.unwrap();
    sleep(ms(5_010)).await;
    assert_eq!(world.states(), ["idle 0"]);
    assert_eq!(unread.hear().await.unwrap().unwrap_err().kind, Kind::TimedOut);
    for record in world.records(&version).await {
        assert_eq!(record.error.as_deref(), Some("timed_out"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_switch_to_something_else_is_refused() {
    for switch in [
        &b"HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: irc\r\n\r\n"[..],
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ] {
        let world = World::new(Config::default(), echoes(switch));
        let version = version("f", 1, |_| {});
        world.publish(&[&version]);
        assert_eq!(connect(&world, &version).await.err().unwrap().kind, Kind::BadResponse);
        assert_eq!(world.states(), ["idle 0"]);
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_is_done_first_hears_the_rest_for_a_moment() {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let world = World::new(Config::default(), leaves(&heard));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let mut client = connect(&world, &version).await.unwrap();
    assert_eq!(client.hear().await.unwrap().unwrap(), "done");
    assert!(client.hear().await.is_none());
    client.send(b"the rest").await;
    sleep(ms(10)).await;
    assert_eq!((world.states(), heard.lock().as_slice()), (vec!["busy 1".to_owned()], &b"the rest"[..]));
    client.sends = None;
    sleep(ms(10)).await;
    assert_eq!(world.states(), ["idle 0"]);
    // And no longer than that.
    let mut client = connect(&world, &version).await.unwrap();
    assert_eq!(client.hear().await.unwrap().unwrap(), "done");
    assert!(client.hear().await.is_none());
    sleep(ms(990)).await;
    assert_eq!(world.states(), ["busy 1"]);
    sleep(ms(20)).await;
    assert_eq!(world.states(), ["idle 0"]);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_says_nothing_more_after_the_caller_is_done_is_left_in_a_second() {
    let silent = speaks(|mut stream| async move {
        drop(stream.read(&mut [0; 4096]).await);
        stream.write_all(SWITCH).await.unwrap();
        std::future::pending::<()>().await;
    });
    let world = World::new(Config::default(), silent);
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    let mut client = connect(&world, &version).await.unwrap();
    client.sends = None;
    let began = Instant::now();
    assert!(client.hear().await.is_none());
    assert_eq!((began.elapsed().as_secs(), world.states()), (1, vec!["idle 0".to_owned()]));
    assert_eq!(world.records(&version).await[0].error, None);
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_goes_away_closes_the_tunnel() {
    let world = World::new(Config::default(), echoes(SWITCH));
    let version = version("f", 1, |_| {});
    world.publish(&[&version]);
    drop(connect(&world, &version).await.unwrap());
    assert_eq!(world.states(), ["idle 0"]);
    assert_eq!(world.records(&version).await[0].error.as_deref(), Some("cancelled"));
}
