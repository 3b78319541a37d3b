//! A world without a sandbox: functions are closures, their ports are in memory, and time stands still until all wait.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{FutureExt as _, StreamExt as _};
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use model::function::{Code, Config as Settings, Entry, Function, Version};
use model::invoke::{Body, Invocation, Invoke as _, Source};
use model::snapshot::{Snapshot, Snapshots};
use model::urn::{FunctionId, Qualifier};
use model::{Error, Kind};
use parking_lot::Mutex;
use telemetry::{Query, Telemetry};
use tokio::io::DuplexStream;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::launch::{Event, Io, Launch, Launched, Memory, Order, Process, Socket, Usage};
use crate::{Around, Config, Invoker};

mod server;

/// What a user's server does with a connection.
pub(crate) type Server = Arc<dyn Fn(DuplexStream) -> BoxFuture<'static, ()> + Send + Sync>;

/// How the processes of a function behave.
#[derive(Clone)]
pub(crate) struct Behaviour {
    /// What it does after its start, and when.
    pub(crate) start: Vec<(Duration, Event)>,
    pub(crate) server: Server,
    /// Whether it ignores SIGTERM.
    pub(crate) stubborn: bool,
    /// What `usage` says.
    pub(crate) usage: Usage,
    /// Whether a part of it does not stop when it is frozen.
    pub(crate) restless: bool,
    /// Whether it cannot be thawed.
    pub(crate) hibernates: bool,
}

/// A process of the world.
pub(crate) struct Puppet {
    behaviour: Behaviour,
    events: mpsc::Sender<Event>,
    gone: CancellationToken,
    tasks: TaskTracker,
    pub(crate) connects: AtomicUsize,
    pub(crate) terminated: AtomicUsize,
    pub(crate) killed: AtomicUsize,
    frozen: AtomicBool,
    /// How often it was told to stop.
    pub(crate) froze: AtomicUsize,
    pub(crate) paged_out: AtomicUsize,
}

impl Puppet {
    pub(crate) fn is_gone(&self) -> bool {
        self.gone.is_cancelled()
    }

    pub(crate) fn is_frozen(&self) -> bool {
        self.frozen.load(Ordering::Relaxed)
    }

    /// Something happens to the process.
    pub(crate) fn happens(&self, event: Event) {
        if matches!(event, Event::Exited { .. }) {
            self.gone.cancel();
        }
        // Nobody listens any more once the invoker has given the process up.
        drop(self.events.try_send(event));
    }
}

struct Puppets(Arc<Puppet>);

impl Process for Puppets {
    fn connect(&self) -> BoxFuture<'static, io::Result<Socket>> {
        let puppet = Arc::clone(&self.0);
        async move {
            if puppet.is_gone() {
                return Err(io::ErrorKind::ConnectionRefused.into());
            }
            assert!(!puppet.frozen.load(Ordering::Relaxed), "a request for a frozen process");
            puppet.connects.fetch_add(1, Ordering::Relaxed);
            let (near, far) = tokio::io::duplex(64 * 1024);
            let served = (puppet.behaviour.server)(far);
            puppet.tasks.spawn(puppet.gone.clone().run_until_cancelled_owned(served));
            Ok(Box::new(near) as Socket)
        }
        .boxed()
    }

    fn terminate(&self) {
        assert!(!self.0.frozen.load(Ordering::Relaxed), "a frozen process does not hear SIGTERM");
        self.0.terminated.fetch_add(1, Ordering::Relaxed);
        if !self.0.behaviour.stubborn && !self.0.is_gone() {
            self.0.happens(Event::Exited { code: Some(143), signal: None });
        }
    }

    fn kill(&self) {
        self.0.killed.fetch_add(1, Ordering::Relaxed);
        if !self.0.is_gone() {
            self.0.happens(Event::Exited { code: None, signal: Some(9) });
        }
    }

    fn usage(&self) -> Usage {
        self.0.behaviour.usage
    }

    fn freeze(&self) -> io::Result<()> {
        self.0.froze.fetch_add(1, Ordering::Relaxed);
        self.0.frozen.store(true, Ordering::Relaxed);
        Ok(())
    }

    fn is_frozen(&self) -> bool {
        self.0.frozen.load(Ordering::Relaxed) && !self.0.behaviour.restless
    }

    fn thaw(&self) -> io::Result<()> {
        self.0.frozen.store(false, Ordering::Relaxed);
        if self.0.behaviour.hibernates { Err(io::ErrorKind::Other.into()) } else { Ok(()) }
    }

    fn page_out(&self, _stop: &AtomicBool) -> io::Result<u64> {
        assert!(self.is_frozen(), "paged out while it ran");
        self.0.paged_out.fetch_add(1, Ordering::Relaxed);
        Ok(self.0.behaviour.usage.memory_bytes)
    }
}

impl Io for DuplexStream {
    /// Nothing in memory is on its way.
    fn is_spent(&self) -> bool {
        false
    }

    /// What was taken is known.
    fn acknowledge(&self) {}

    /// It is no runtime's.
    fn adopted(self: Box<Self>) -> io::Result<Socket> {
        Ok(self)
    }
}

/// Launches puppets.
#[derive(Default)]
pub(crate) struct Stage {
    behaviour: Mutex<Option<Behaviour>>,
    /// What the host has to spare.
    pub(crate) memory: Mutex<Memory>,
    pub(crate) puppets: Mutex<Vec<Arc<Puppet>>>,
    tasks: TaskTracker,
}

impl Launch for Stage {
    fn memory(&self) -> io::Result<Memory> {
        Ok(*self.memory.lock())
    }

    fn launch(&self, _order: Order) -> BoxFuture<'static, Result<Launched, Error>> {
        let (events, happened) = mpsc::channel(64);
        let puppet = Arc::new(Puppet {
            behaviour: self.behaviour.lock().clone().unwrap(),
            events,
            gone: CancellationToken::new(),
            tasks: self.tasks.clone(),
            connects: AtomicUsize::new(0),
            terminated: AtomicUsize::new(0),
            killed: AtomicUsize::new(0),
            frozen: AtomicBool::new(false),
            froze: AtomicUsize::new(0),
            paged_out: AtomicUsize::new(0),
        });
        self.puppets.lock().push(Arc::clone(&puppet));
        let actor = Arc::clone(&puppet);
        self.tasks.spawn(puppet.gone.clone().run_until_cancelled_owned(async move {
            for (after, event) in actor.behaviour.start.clone() {
                tokio::time::sleep(after).await;
                actor.happens(event);
            }
            std::future::pending::<()>().await;
        }));
        let gone = puppet.gone.clone();
        let events = futures_util::stream::unfold(happened, |mut happened| async {
            let event = happened.recv().await?;
            Some((event, happened))
        });
        let events = events.take_until(async move {
            gone.cancelled().await;
            // What was said before the end is heard.
            tokio::time::sleep(Duration::from_millis(1)).await;
        });
        async move { Ok(Launched { process: Arc::new(Puppets(puppet)), events: events.boxed() }) }.boxed()
    }
}

/// An invoker and everything around it.
pub(crate) struct World {
    pub(crate) invoker: Invoker,
    pub(crate) stage: Arc<Stage>,
    pub(crate) telemetry: Telemetry,
    /// What is kept from the next [`World::publish`] on.
    pub(crate) reserves: Mutex<Vec<model::reserve::Reserve>>,
    /// Whether servers are spoken to in HTTP/2.
    pub(crate) http2: bool,
    /// Who asks.
    pub(crate) source: Source,
    snapshots: Arc<Snapshots>,
    generation: watch::Sender<u64>,
    _folder: tempfile::TempDir,
}

impl World {
    pub(crate) fn new(config: Config, behaviour: Behaviour) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let telemetry = Telemetry::open(telemetry::Config::new(folder.path())).unwrap();
        let (generation, receiver) = watch::channel(0);
        let stage = Arc::new(Stage::default());
        *stage.behaviour.lock() = Some(behaviour);
        let snapshots = Arc::new(Snapshots::default());
        let around = Around {
            launcher: Arc::clone(&stage) as Arc<dyn Launch>,
            snapshots: Arc::clone(&snapshots),
            generation: receiver,
            telemetry: telemetry.clone(),
        };
        let invoker = Invoker::new(config, around, Handle::current());
        let reserves = Mutex::default();
        Self {
            invoker,
            stage,
            telemetry,
            reserves,
            http2: false,
            source: Source::Gateway,
            snapshots,
            generation,
            _folder: folder,
        }
    }

    /// From now on processes behave like this.
    pub(crate) fn behave(&self, behaviour: Behaviour) {
        *self.stage.behaviour.lock() = Some(behaviour);
    }

    /// Makes these the current versions of their functions, and of no other.
    pub(crate) fn publish(&self, versions: &[&Arc<Version>]) {
        let at = model::time::now();
        let function =
            |version: &&Arc<Version>| Arc::new(Function::new(version.function.name.clone(), at, Arc::clone(version)));
        let generation = *self.generation.borrow() + 1;
        let snapshot = Snapshot::build(generation, versions.iter().map(function).collect(), &[], &[]);
        self.snapshots.publish(snapshot.with_reserves(self.reserves.lock().clone()));
        self.generation.send_replace(generation);
    }

    /// Sends a GET and reads the whole response.
    pub(crate) async fn get(&self, version: &Arc<Version>) -> Result<(u16, String), Error> {
        self.send(version, Request::new(model::invoke::empty())).await
    }

    pub(crate) async fn send(&self, version: &Arc<Version>, request: Request<Body>) -> Result<(u16, String), Error> {
        read(self.invoke(version, request).await?).await
    }

    /// As [`World::get`], by a caller who waits only so long.
    pub(crate) async fn get_within(&self, version: &Arc<Version>, patience: Duration) -> Result<(u16, String), Error> {
        let response = self.invoke_within(version, Request::new(model::invoke::empty()), patience).await?;
        read(response).await
    }

    pub(crate) fn invoke(&self, version: &Arc<Version>, request: Request<Body>) -> Invoked {
        self.invoke_within(version, request, secs(20))
    }

    pub(crate) fn invoke_within(&self, version: &Arc<Version>, request: Request<Body>, timeout: Duration) -> Invoked {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        self.invoker.invoke(Invocation {
            request_id: format!("request-{}", NEXT.fetch_add(1, Ordering::Relaxed)).into(),
            version: Arc::clone(version),
            request,
            timeout,
            upgrade: false,
            http2: self.http2,
            hints: None,
            source: self.source,
            held: ms(7),
        })
    }

    /// Processes that were ever started.
    pub(crate) fn launched(&self) -> usize {
        self.stage.puppets.lock().len()
    }

    /// Processes that run.
    pub(crate) fn alive(&self) -> usize {
        self.stage.puppets.lock().iter().filter(|puppet| !puppet.is_gone()).count()
    }

    pub(crate) fn puppet(&self, at: usize) -> Arc<Puppet> {
        Arc::clone(&self.stage.puppets.lock()[at])
    }

    /// `state in_flight` of every instance.
    pub(crate) fn states(&self) -> Vec<String> {
        let status = |status: crate::Status| format!("{} {}", status.state, status.in_flight);
        self.invoker.instances().into_iter().map(status).collect()
    }

    pub(crate) async fn records(&self, version: &Version) -> Vec<model::record::Record> {
        // The drivers complete them, a moment after their starts.
        tokio::time::sleep(ms(2)).await;
        self.telemetry.flush();
        self.telemetry.records(&version.function.to_string(), &Query::default()).unwrap()
    }

    pub(crate) fn lines(&self, version: &Version) -> Vec<telemetry::Line> {
        self.telemetry.tail(&version.function.to_string(), 100)
    }
}

pub(crate) type Invoked = BoxFuture<'static, Result<Response<Body>, Error>>;

/// Status and whole body.
pub(crate) async fn read(response: Response<Body>) -> Result<(u16, String), Error> {
    let (head, body) = response.into_parts();
    let body = body.collect().await.map_err(|error| *error.downcast::<Error>().unwrap())?;
    Ok((head.status.as_u16(), String::from_utf8(body.to_bytes().to_vec()).unwrap()))
}

/// A version of a function with the given settings.
pub(crate) fn version(name: &str, revision: u64, set: impl FnOnce(&mut Settings)) -> Arc<Version> {
    let mut config = Settings::new("http", "bootstrap");
    config.timeout_seconds = 10;
    set(&mut config);
    let code = Code {
        code_type: "zip".into(),
        filename: "index.zip".into(),
        sha256: format!("{revision:064}"),
        sha512: String::new(),
        url: String::new(),
        size: 0,
        root: PathBuf::from("/code"),
        entry: Entry::Shell,
    };
    let function = FunctionId { region: "r".into(), project: "p".into(), package: "default".into(), name: name.into() };
    Arc::new(Version { function, qualifier: Qualifier::Latest, revision, config, code })
}

/// Ready 50 ms after its start, answers each request by `answer`.
pub(crate) fn serves<F>(answer: impl Fn(Request<Body>) -> F + Clone + Send + Sync + 'static) -> Behaviour
where
    F: Future<Output = Response<Body>> + Send + 'static,
{
    speaks(move |stream| server::serve(stream, answer.clone()))
}

/// Ready 50 ms after its start, does with connections what `server` does.
pub(crate) fn speaks<F>(server: impl Fn(DuplexStream) -> F + Send + Sync + 'static) -> Behaviour
where
    F: Future<Output = ()> + Send + 'static,
{
    let server: Server = Arc::new(move |stream| server(stream).boxed());
    Behaviour {
        start: vec![(ms(50), Event::Ready)],
        server,
        stubborn: false,
        usage: Usage::default(),
        restless: false,
        hibernates: false,
    }
}

/// Answers each connection's first request with these bytes and closes it.
pub(crate) fn says(bytes: &'static [u8]) -> Behaviour {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    speaks(move |mut stream| async move {
        let mut head = [0; 8192];
        drop(stream.read(&mut head).await);
        drop(stream.write_all(bytes).await);
    })
}

/// Reads the request, says this, and then neither reads nor answers for ever.
pub(crate) fn deaf(bytes: &'static [u8]) -> Behaviour {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    speaks(move |mut stream| async move {
        drop(stream.read(&mut [0; 8192]).await);
        drop(stream.write_all(bytes).await);
        std::future::pending::<()>().await;
    })
}

/// Answers each read with these bytes until the other side is done.
pub(crate) async fn repeat(stream: &mut DuplexStream, answer: impl Fn(&[u8]) -> &'static [u8]) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let mut bytes = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut bytes).await {
        stream.write_all(answer(&bytes[..read])).await.unwrap();
    }
}

/// Answers `hello` after so many milliseconds.
pub(crate) fn hello(millis: u64) -> Behaviour {
    serves(move |_| async move {
        tokio::time::sleep(ms(millis)).await;
        text("hello")
    })
}

/// Never gets ready; this happens instead.
pub(crate) fn starts(events: Vec<(Duration, Event)>) -> Behaviour {
    Behaviour { start: events, ..hello(0) }
}

pub(crate) fn text(text: impl Into<Bytes>) -> Response<Body> {
    Response::new(model::invoke::full(text))
}

pub(crate) fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// The kind of an error, `None` for a response.
pub(crate) fn kind<T>(result: Result<T, Error>) -> Option<Kind> {
    result.err().map(|error| error.kind)
}

pub(crate) fn ok(body: &str) -> (u16, String) {
    (StatusCode::OK.as_u16(), body.to_owned())
}
