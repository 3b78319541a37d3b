//! Where the person at this machine asks the running service for what no remote client may: a socket in the data folder that only
//! its owner can reach. One request a connection, a line of JSON; one answer.

use std::io::{self, BufRead as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener as StdListener, UnixStream as StdStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

/// Name of the socket in the data folder.
pub(crate) const SOCKET: &str = "control.sock";
/// Bytes of a request.
const LONGEST: u64 = 16 * 1024;
/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(5);
/// After `accept` failed for want of descriptors.
const PAUSE: Duration = Duration::from_millis(100);

/// What is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Request {
    /// Let this program take over.
    Upgrade { binary: PathBuf },
    /// Make a link that signs the first user in at the console.
    Console,
}

/// What is answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    /// The process that serves now.
    Upgraded { pid: u32 },
    /// The address with the link.
    Console { url: String },
    /// It is as before.
    Refused { why: String },
}

/// A request to take over, and whom to answer. While it lives every other one is refused.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) binary: PathBuf,
    stream: UnixStream,
    _only: OwnedSemaphorePermit,
}

impl Asked {
    /// Answers; whoever went away before does without.
    pub(crate) async fn answer(mut self, answer: &Answer) {
        if let Err(error) = write(&mut self.stream, answer).await {
            tracing::debug!(%error, "control.not_answered");
        }
    }
}

/// Listens in the data folder. A socket that another process left there is replaced, whole or not at all.
pub(crate) fn listen(folder: &Path) -> Result<UnixListener> {
    // By descriptor: the path may be longer than an address can be.
    let place = std::fs::File::open(folder)?;
    let new = format!("{SOCKET}.{}", std::process::id());
    match std::fs::remove_file(folder.join(&new)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let listener = StdListener::bind(through(&place, &new)).context("cannot listen in the data folder")?;
    std::fs::set_permissions(folder.join(&new), std::fs::Permissions::from_mode(0o600))?;
    std::fs::rename(folder.join(&new), folder.join(SOCKET))?;
    listener.set_nonblocking(true)?;
    Ok(UnixListener::from_std(listener)?)
}

/// Asks the running service of a data folder. Blocks.
pub(crate) fn ask(options: &cli::Options, request: &Request, patience: Duration) -> Result<Answer> {
    let data_dir = cli::data_dir::resolve(options)?;
    let folder = std::fs::File::open(&data_dir).with_context(|| {
        format!("no data folder {}: name that of the running funcd with --data-dir", data_dir.display())
    })?;
    let mut stream = StdStream::connect(through(&folder, SOCKET)).with_context(|| {
        format!("no funcd runs on {} that this user may ask: `funcd up` starts one", data_dir.display())
    })?;
    stream.set_read_timeout(Some(patience))?;
    let mut line = serde_json::to_vec(request)?;
    line.push(b'\n');
    stream.write_all(&line)?;
    let mut answer = String::new();
    io::BufReader::new(stream).read_line(&mut answer).context("the running funcd did not answer")?;
    if answer.is_empty() {
        bail!("the running funcd ended meanwhile, or is an older one that does not know this; `funcd up` starts one");
    }
    serde_json::from_str(&answer).context("the running funcd speaks another language")
}

/// A path below an open folder, of bounded length.
fn through(folder: &std::fs::File, name: &str) -> PathBuf {
    use std::os::fd::AsRawFd as _;
    PathBuf::from(format!("/proc/self/fd/{}/{name}", folder.as_raw_fd()))
}

/// Makes the address with a link.
pub(crate) type MakeLink = Arc<dyn Fn() -> String + Send + Sync>;

/// Passes requests to take over on, one at a time, and answers the others, until `stop`.
pub(crate) async fn serve(
    listener: UnixListener,
    asked: mpsc::Sender<Asked>,
    make_link: MakeLink,
    stop: CancellationToken,
) {
    let only = Arc::new(Semaphore::new(1));
    let mut reading = tokio::task::JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return,
            Some(_) = reading.join_next(), if !reading.is_empty() => continue,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                reading.spawn(take(stream, Arc::clone(&only), asked.clone(), Arc::clone(&make_link)));
            }
            Err(error) => {
                tracing::warn!(%error, "control.accept_failed");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

async fn take(stream: UnixStream, only: Arc<Semaphore>, asked: mpsc::Sender<Asked>, make_link: MakeLink) {
    let read = tokio::time::timeout(PATIENCE, read(stream)).await;
    let (mut stream, request) = match read {
        Ok(Ok(request)) => request,
        Ok(Err(error)) => return tracing::debug!(%error, "control.request_unreadable"),
        Err(_) => return,
    };
    let binary = match request {
        Request::Upgrade { binary } => binary,
        Request::Console => {
            let _ = write(&mut stream, &Answer::Console { url: make_link() }).await;
            return;
        }
    };
    let Ok(only) = only.try_acquire_owned() else {
        let why = "another upgrade is under way".to_owned();
        let _ = write(&mut stream, &Answer::Refused { why }).await;
        return;
    };
    // A service that ends takes nothing more; the client sees the connection close.
    let _ = asked.send(Asked { binary, stream, _only: only }).await;
}

async fn read(mut stream: UnixStream) -> Result<(UnixStream, Request)> {
    let mut line = String::new();
    BufReader::new((&mut stream).take(LONGEST)).read_line(&mut line).await?;
    let request = serde_json::from_str(&line)?;
    Ok((stream, request))
}

async fn write(stream: &mut UnixStream, answer: &Answer) -> Result<()> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    stream.write_all(&line).await?;
    Ok(stream.shutdown().await?)
}
