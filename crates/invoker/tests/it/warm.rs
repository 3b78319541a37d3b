//! Warm requests over loopback and nothing else, for a count of instructions: no sandbox, no root.

use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream as StdStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::future::BoxFuture;
use http::Request;
use http_body_util::BodyExt as _;
use invoker::{Around, Config, Event, Invoker, Launch, Launched, Memory, Order, Process, Socket, Usage};
use model::function::{Code, Config as Settings, Entry, Function, Version};
use model::invoke::{Invocation, Invoke as _, Source};
use model::snapshot::{Snapshot, Snapshots};
use model::urn::{FunctionId, Qualifier};
use telemetry::Telemetry;
use tokio::runtime::Handle;
use tokio::sync::watch;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\ndate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nhello";

/// Answers everything that ends in an empty line.
fn serve(listener: &TcpListener) -> io::Result<()> {
    let (mut stream, _) = listener.accept()?;
    stream.set_nodelay(true)?;
    let mut bytes = [0; 4096];
    let mut had = 0;
    loop {
        let read = stream.read(&mut bytes[had..])?;
        if read == 0 {
            return Ok(());
        }
        had += read;
        if bytes[..had].ends_with(b"\r\n\r\n") {
            stream.write_all(ANSWER)?;
            had = 0;
        }
    }
}

struct Loopback(SocketAddr);

impl Launch for Loopback {
    fn memory(&self) -> io::Result<Memory> {
        Ok(Memory::default())
    }

    fn launch(&self, _: Order) -> BoxFuture<'static, Result<Launched, model::Error>> {
        let process = Arc::new(Loopback(self.0));
        let events = futures_util::stream::iter([Event::Ready]).chain(futures_util::stream::pending()).boxed();
        Box::pin(async move { Ok(Launched { process, events }) })
    }
}

impl Process for Loopback {
    fn connect(&self) -> BoxFuture<'static, io::Result<Socket>> {
        let address = self.0;
        Box::pin(async move {
            let stream = StdStream::connect(address)?;
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            Ok(Box::new(tokio::net::TcpStream::from_std(stream)?) as Socket)
        })
    }

    fn terminate(&self) {}

    fn kill(&self) {}

    fn usage(&self) -> Usage {
        Usage::default()
    }

    fn freeze(&self) -> io::Result<()> {
        Ok(())
    }

    fn is_frozen(&self) -> bool {
        false
    }

    fn thaw(&self) -> io::Result<()> {
        Ok(())
    }

    fn page_out(&self, _: &AtomicBool) -> io::Result<u64> {
        Ok(0)
    }
}

#[tokio::test(flavor = "current_thread")]
#[ignore = "it measures: run it under callgrind"]
async fn warm() {
    let count: u64 = std::env::var("WARM_REQUESTS").ok().and_then(|text| text.parse().ok()).unwrap_or(1000);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::Builder::new().name("server".into()).spawn(move || serve(&listener)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let telemetry = Telemetry::open(telemetry::Config::new(folder.path())).unwrap();
    let (_generation, receiver) = watch::channel(0);
    let snapshots = Arc::new(Snapshots::default());
    let function =
        FunctionId { region: "r-1".into(), project: "p".into(), package: "default".into(), name: "f".into() };
    let code = Code {
        code_type: "zip".into(),
        filename: "index.zip".into(),
        sha256: String::new(),
        sha512: String::new(),
        url: String::new(),
        size: 0,
        root: PathBuf::from("/code"),
        entry: Entry::Direct,
    };
    let config = Settings::new("http", "bootstrap");
    let version = Arc::new(Version { function, qualifier: Qualifier::Latest, revision: 1, config, code });
    let published = Function::new("f", model::time::now(), Arc::clone(&version));
    snapshots.publish(Snapshot::build(1, vec![Arc::new(published)], &[], &[]));
    let around = Around { launcher: Arc::new(Loopback(address)), snapshots, generation: receiver, telemetry };
    let invoker = Invoker::new(Config::default(), around, Handle::current());
    for number in 0..count {
        let mut request = Request::new(model::invoke::empty());
        *request.uri_mut() = "/some/path?query=1".parse().unwrap();
        let headers = request.headers_mut();
        headers.insert("host", "f.example".parse().unwrap());
        headers.insert("user-agent", "measure/1.0".parse().unwrap());
        headers.insert("accept", "*/*".parse().unwrap());
        headers.insert("x-forwarded-for", "127.0.0.1".parse().unwrap());
        let response = invoker
            .invoke(Invocation {
                request_id: format!("request-{number}").into(),
                version: Arc::clone(&version),
                request,
                upgrade: false,
                http2: false,
                hints: None,
                timeout: Duration::from_secs(20),
                source: Source::Gateway,
                held: Duration::ZERO,
            })
            .await
            .unwrap();
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "hello");
    }
}
