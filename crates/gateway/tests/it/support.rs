//! A gateway on a free port, and a scripted function behind it.

use std::future::Future;
use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use gateway::{Config, Gateway, Limits};
use http::{Request, Response};
use http_body_util::BodyExt as _;
use model::apig::acls::{Addresses, Range};
use model::apig::parameter::{Location, Mapping, Origin, Parameter, System};
use model::apig::policies::Book;
use model::apig::{Definition, Published};
use model::function::{self, Code, Entry, Function, Version};
use model::invoke::{self, Body, Invocation, Invoke};
use model::snapshot::{Domain, Snapshot, Snapshots};
use model::trigger::{Auth, Group};
use model::urn::{FunctionId, Qualifier};
use telemetry::Telemetry;

use crate::client::{Client, Reply};

/// How long a test waits before it says that something never happened.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

type Answer = BoxFuture<'static, Result<Response<Body>, model::Error>>;

/// A function that is a closure.
struct Script<F>(F);

impl<F: Fn(Invocation) -> Answer + Send + Sync + 'static> Invoke for Script<F> {
    fn invoke(&self, invocation: Invocation) -> Answer {
        (self.0)(invocation)
    }
}

/// A gateway and all that it needs.
pub(crate) struct Server {
    pub(crate) gateway: Gateway,
    pub(crate) telemetry: Telemetry,
    snapshots: Arc<Snapshots>,
    _dir: tempfile::TempDir,
}

impl Server {
    /// With the default limits, but times that no test meets by accident: one that waits for a lost event must fail.
    pub(crate) fn new<F, R>(function: F) -> Self
    where
        F: Fn(Invocation) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Response<Body>, model::Error>> + Send + 'static,
    {
        let hour = Duration::from_secs(3600);
        let limits = Limits { head_timeout: hour, idle_timeout: hour, body_stall_timeout: hour, ..Limits::default() };
        Self::with(limits, function)
    }

    pub(crate) fn with<F, R>(limits: Limits, function: F) -> Self
    where
        F: Fn(Invocation) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Response<Body>, model::Error>> + Send + 'static,
    {
        Self::start(|config| config.limits = limits, Vec::new(), function)
    }

    /// With what `configure` makes of the defaults, and custom domains.
    pub(crate) fn start<F, R>(configure: impl FnOnce(&mut Config), domains: Vec<Arc<Domain>>, function: F) -> Self
    where
        F: Fn(Invocation) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Response<Body>, model::Error>> + Send + 'static,
    {
        let dir = tempfile::tempdir().unwrap();
        let telemetry = Telemetry::open(telemetry::Config::new(dir.path())).unwrap();
        let snapshots = Arc::new(Snapshots::default());
        snapshots.publish(snapshot().with_domains(Arc::new(domains.into_iter().collect())));
        let mut config = Config::new(SocketAddr::from(([127, 0, 0, 1], 0)));
        config.threads = NonZeroUsize::new(2).unwrap();
        configure(&mut config);
        let invoke = Arc::new(Script(move |invocation| function(invocation).boxed()));
        let around = (Arc::clone(&snapshots), crate::iam::directory());
        let gateway = Gateway::start(config, around, invoke, telemetry.clone()).unwrap();
        Self { gateway, telemetry, snapshots, _dir: dir }
    }

    /// Answers every request with what it was, see [`Seen`].
    pub(crate) fn echo() -> Self {
        Self::new(echo)
    }

    /// Publishes the same routes with other policies.
    pub(crate) fn apply(&self, book: Book) {
        self.snapshots.publish(snapshot_with(book));
    }

    pub(crate) fn connect(&self) -> Client {
        Client::connect(self.gateway.local_addr())
    }

    /// One request on a connection of its own.
    pub(crate) fn request(&self, bytes: &str) -> Reply {
        let mut client = self.connect();
        client.send(bytes);
        client.reply()
    }

    /// Other custom domains from now on.
    pub(crate) fn publish(&self, domains: Vec<Arc<Domain>>) {
        self.snapshots.publish(snapshot().with_domains(Arc::new(domains.into_iter().collect())));
    }

    /// Drains from a thread that has no runtime.
    pub(crate) fn drain(&self, grace: Duration) -> usize {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(self.gateway.drain(grace))
    }
}

/// What the function got, as the echo answers it.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) request_id: String,
    pub(crate) function: String,
    pub(crate) timeout_ms: u64,
}

impl Seen {
    /// All values of a header.
    pub(crate) fn header(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(own, _)| own == name).map(|(_, value)| value.as_str()).collect()
    }
}

/// Reads the request whole and answers with it.
pub(crate) async fn echo(invocation: Invocation) -> Result<Response<Body>, model::Error> {
    let Invocation { request_id, version, request, timeout, .. } = invocation;
    let (parts, body) = request.into_parts();
    let body = read(body).await?;
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let seen = Seen {
        method: parts.method.to_string(),
        uri: parts.uri.to_string(),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
        request_id: request_id.to_string(),
        function: version.function.name.clone(),
        timeout_ms: u64::try_from(timeout.as_millis()).unwrap(),
    };
    Ok(Response::new(invoke::full(serde_json::to_vec(&seen).unwrap())))
}

/// A body to its end; a broken one is what the invoker makes of it.
pub(crate) async fn read(body: Body) -> Result<Bytes, model::Error> {
    match body.collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) => Err(model::Error::new(model::Kind::Cancelled).detail(error.to_string())),
    }
}

/// Whose word about their clients counts.
pub(crate) fn proxies(text: &str) -> Addresses {
    Addresses::new(vec![Range::read(text).unwrap()])
}

/// A plain answer.
pub(crate) fn text(body: &'static str) -> Response<Body> {
    Response::new(invoke::full(body))
}

/// A body that the test feeds, and one that it reads.
pub(crate) fn channel() -> (tokio::sync::mpsc::Sender<Bytes>, Body) {
    let (sender, receiver) = tokio::sync::mpsc::channel(8);
    let frames = futures_util::stream::unfold(receiver, |mut receiver| async {
        let data: Bytes = receiver.recv().await?;
        Some((Ok::<_, std::io::Error>(http_body::Frame::data(data)), receiver))
    });
    (sender, invoke::body(http_body_util::StreamBody::new(frames)))
}

/// Three hosts: the bare address and `web.localhost` for anyone, `closed.localhost` for signed requests.
fn snapshot() -> Snapshot {
    snapshot_with(Book::default())
}

/// The same with policies.
fn snapshot_with(book: Book) -> Snapshot {
    let group = |id: &str, domain: Option<&str>| Group {
        id: id.into(),
        project: "p".into(),
        name: id.into(),
        domain: domain.map(str::to_owned),
    };
    let groups = [group("bare", None), group("web", Some("web.localhost")), group("closed", Some("closed.localhost"))];
    let names = ["api", "get", "web", "app", "iam", "decide"];
    let functions: Vec<_> = names.iter().map(|name| function(name)).collect();
    let apis = [
        published("api", "bare", None, "/", Auth::None),
        published("get", "bare", Some("GET"), "/user/get", Auth::None),
        published("web", "web", Some("POST"), "/only/post", Auth::None),
        published("app", "closed", None, "/app", Auth::App),
        simple(published("app", "closed", None, "/simple", Auth::App)),
        published("iam", "closed", None, "/iam", Auth::Iam),
        guarded(published("app", "closed", None, "/kept", Auth::Authorizer), "kept"),
        guarded(published("app", "closed", None, "/fresh", Auth::Authorizer), "fresh"),
        guarded(published("app", "closed", None, "/of/{tenant}", Auth::Authorizer), "fresh"),
        guarded(published("app", "closed", None, "/lost", Auth::Authorizer), "lost"),
        mapped(),
        published("gone", "web", None, "/gone", Auth::None),
        changed(published("get", "web", None, "/lost", Auth::None), |api| api.qualifier = "gone".into()),
        changed(published("get", "web", None, "/brief", Auth::None), |api| api.timeout_ms = 1),
        changed(published("get", "web", None, "/grpc", Auth::None), |api| api.protocol = "GRPCS".into()),
        staged(published("get", "web", None, "/only/test", Auth::None), "test"),
    ];
    let callers = crate::apps::callers().with_authorizers(crate::authorizers::authorizers());
    Snapshot::build_with(1, functions, &groups, &apis, Arc::new(book)).with_callers(Arc::new(callers))
}

fn id(name: &str) -> FunctionId {
    FunctionId { region: "r".into(), project: "p".into(), package: "default".into(), name: name.into() }
}

fn function(name: &str) -> Arc<Function> {
    let code = Code {
        code_type: "zip".into(),
        filename: "index.zip".into(),
        sha256: String::new(),
        url: String::new(),
        sha512: String::new(),
        size: 0,
        root: PathBuf::new(),
        entry: Entry::Shell,
    };
    let latest = Version {
        function: id(name),
        qualifier: Qualifier::Latest,
        revision: 1,
        config: function::Config::new("http", "bootstrap"),
        code,
    };
    Arc::new(Function::new(name, model::time::now(), Arc::new(latest)))
}

fn published(name: &str, group: &str, method: Option<&str>, path: &str, auth: Auth) -> Published {
    let id = id(name);
    let definition = Definition { auth, method: method.map(str::to_owned), ..Definition::new(&id, group, path) };
    Published::in_release(name, &id, definition)
}

/// `/users/{id}`, whose number must be one, and which the function gets as a header.
fn mapped() -> Published {
    let mut published = published("get", "web", None, "/users/{id}", Auth::None);
    let definition = Arc::make_mut(&mut published.definition);
    definition.parameters.push(Parameter {
        id: String::new(),
        name: "id".into(),
        location: Location::Path,
        number: true,
        required: true,
        default: String::new(),
        checked: true,
        enumerations: String::new(),
        range: (0, 0),
        length: (0, 0),
        pass_through: true,
        sample: String::new(),
        remark: String::new(),
    });
    for (name, origin) in [("x-user", Origin::Request("id".into())), ("x-source", Origin::System(System::SourceIp))] {
        let (id, location, remark) = (String::new(), Location::Header, String::new());
        definition.mappings.push(Mapping { id, name: name.into(), location, origin, remark });
    }
    published
}

/// The same with another definition.
fn changed(mut published: Published, change: impl FnOnce(&mut Definition)) -> Published {
    change(Arc::make_mut(&mut published.definition));
    published
}

/// The same, for whom this authorizer lets in.
fn guarded(mut published: Published, authorizer: &str) -> Published {
    Arc::make_mut(&mut published.definition).authorizer_id = Some(authorizer.into());
    published
}

/// The same, which takes AppCodes, too.
fn simple(mut published: Published) -> Published {
    Arc::make_mut(&mut published.definition).simple_auth = true;
    published
}

/// The same in another environment.
fn staged(mut published: Published, stage: &str) -> Published {
    Arc::make_mut(&mut published.api).env_name = stage.into();
    published
}

/// A request without a body.
pub(crate) fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n")
}

/// A request with a body.
pub(crate) fn post(path: &str, body: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Path of an invocation, to script by.
pub(crate) fn path(request: &Request<Body>) -> &str {
    request.uri().path()
}

/// What comes next; `None` when nobody is left to send.
#[track_caller]
pub(crate) fn soon<T>(receiver: &mut tokio::sync::mpsc::Receiver<T>) -> Option<T> {
    within(receiver.recv())
}

/// Waits for a future, but not forever.
#[track_caller]
pub(crate) fn within<F: Future>(future: F) -> F::Output {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, future).await }).expect("it never came")
}

/// Waits until `done` says so.
#[track_caller]
pub(crate) fn wait_until(what: &str, done: impl Fn() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "never: {what}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}
