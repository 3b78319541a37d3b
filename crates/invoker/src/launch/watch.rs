//! Everything that a jail's descriptors say, as one stream of events.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use sandbox::{Jail, Listen};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;
use tokio::time::{Instant, MissedTickBehavior};

use super::{Event, reach};

/// How often a port is tried where the kernel does not say that somebody listens.
const POLL: Duration = Duration::from_millis(1);
/// Bytes read from a pipe at once.
const CHUNK: usize = 16 * 1024;
/// How long output is read after the sandbox is gone: its pipes are closed then, unless somebody else got hold of them.
const LINGER: Duration = Duration::from_millis(500);

/// One descriptor of a jail, which the jail keeps open as long as somebody watches it.
struct Of(Arc<Jail>, fn(&Jail) -> Option<&OwnedFd>);

impl AsRawFd for Of {
    fn as_raw_fd(&self) -> RawFd {
        (self.1)(&self.0).map_or(-1, AsRawFd::as_raw_fd)
    }
}

/// A descriptor, or `None` when there is nothing more to expect from it.
type Source = Option<AsyncFd<Of>>;

/// The descriptors of a jail, registered with the runtime of the calling task.
pub(super) struct Watch {
    jail: Arc<Jail>,
    pidfd: Source,
    exits: Source,
    listens: Source,
    oom: Source,
    stdout: Source,
    stderr: Source,
    poll: Option<tokio::time::Interval>,
    gone: Option<Instant>,
}

impl Watch {
    pub(super) fn new(jail: Arc<Jail>) -> io::Result<Self> {
        #[allow(
            deprecated,
            reason = "what replaces it is unsafe; `Of` keeps the jail, and so the descriptor, as it must"
        )]
        let source = |of: fn(&Jail) -> Option<&OwnedFd>| -> io::Result<Source> {
            of(&jail).map(|_| AsyncFd::with_interest(Of(Arc::clone(&jail), of), Interest::READABLE)).transpose()
        };
        let poll = jail.listens.is_none().then(|| {
            let mut interval = tokio::time::interval(POLL);
            interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
            interval
        });
        Ok(Self {
            pidfd: source(|jail| Some(&jail.pidfd))?,
            exits: source(|jail| Some(&jail.events))?,
            listens: source(|jail| jail.listens.as_ref())?,
            oom: source(Jail::oom_fd)?,
            stdout: source(|jail| Some(&jail.stdout))?,
            stderr: source(|jail| Some(&jail.stderr))?,
            poll,
            gone: None,
            jail,
        })
    }

    /// Waits until the program runs. A call of `listen` says so as well, and may be seen first.
    ///
    /// # Errors
    /// Why it does not.
    pub(super) async fn executed(&mut self) -> Result<(), sandbox::Error> {
        let gone = || sandbox::Error::Gone { what: "the sandbox ended while it started".to_owned() };
        loop {
            let Self { jail, exits, listens, .. } = self;
            let event = tokio::select! {
                biased;
                event = take(exits, || jail.next_event()) => event,
                () = called(listens) => return Ok(()),
            };
            match event {
                Some(sandbox::Event::Executed) => return Ok(()),
                Some(sandbox::Event::Failed(failure)) => return Err(failure.into()),
                Some(sandbox::Event::Exited { .. }) => return Err(gone()),
                None if exits.is_none() => return Err(gone()),
                None => {}
            }
        }
    }

    /// Everything that happens from now on.
    pub(super) fn events(self) -> impl Stream<Item = Event> + Send {
        futures_util::stream::unfold(self, |mut watch| async move { watch.next().await.map(|event| (event, watch)) })
    }

    /// The next event; `None` when the sandbox is gone and all that it said is read.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let over = self.exits.is_none() && self.stdout.is_none() && self.stderr.is_none();
            if self.gone.is_some_and(|gone| over || gone.elapsed() >= LINGER) {
                return None;
            }
            if let Some(event) = self.step().await {
                return Some(event);
            }
        }
    }

    /// Waits for one descriptor and takes what it has.
    async fn step(&mut self) -> Option<Event> {
        let Self { jail, pidfd, exits, listens, oom, stdout, stderr, poll, gone } = self;
        let linger = gone.map(|gone| gone + LINGER);
        // Output comes last: who floods it must not hide that the process ended.
        tokio::select! {
            biased;
            exit = take(exits, || jail.next_event()) => exit.and_then(exited),
            () = readable(oom) => {
                *oom = None;
                killed(jail).await.then_some(Event::OutOfMemory)
            }
            listen = take(listens, || jail.next_listen()) => listen.and_then(heard),
            () = reachable(poll, jail) => {
                *poll = None;
                Some(Event::Ready)
            }
            () = readable(pidfd) => {
                *pidfd = None;
                *gone = Some(Instant::now());
                None
            }
            () = until(linger) => None,
            event = said(jail, stdout, stderr) => event,
        }
    }
}

/// What was written to either pipe, in turn.
async fn said(jail: &Jail, stdout: &mut Source, stderr: &mut Source) -> Option<Event> {
    tokio::select! {
        read = read(stdout, &jail.stdout) => read.map(Event::Stdout),
        read = read(stderr, &jail.stderr) => read.map(Event::Stderr),
    }
}

fn exited(exit: sandbox::Event) -> Option<Event> {
    match exit {
        // Known by a call of `listen` already.
        sandbox::Event::Executed => None,
        sandbox::Event::Exited { code, signal } => Some(Event::Exited { code, signal }),
        sandbox::Event::Failed(_) => Some(Event::Exited { code: None, signal: None }),
    }
}

fn heard(listen: Listen) -> Option<Event> {
    match listen {
        Listen::Ready => Some(Event::Ready),
        Listen::Elsewhere(address) => Some(Event::Elsewhere(address.to_string())),
        Listen::Other => None,
    }
}

/// Waits until a descriptor is readable and takes one thing from it; a descriptor that fails is given up.
async fn take<T>(source: &mut Source, mut attempt: impl FnMut() -> io::Result<T>) -> Option<T> {
    let Some(fd) = source else { return std::future::pending().await };
    let taken = match fd.readable().await {
        Ok(mut guard) => match guard.try_io(|_| attempt()) {
            Ok(taken) => taken,
            Err(_would_block) => return None,
        },
        Err(error) => Err(error),
    };
    match taken {
        Ok(taken) => Some(taken),
        Err(error) if error.kind() == io::ErrorKind::Interrupted => None,
        Err(_) => {
            *source = None;
            None
        }
    }
}

async fn read(source: &mut Source, pipe: &OwnedFd) -> Option<Bytes> {
    let attempt = || {
        let mut chunk = vec![0; CHUNK];
        let read = rustix::io::read(pipe, &mut chunk)?;
        chunk.truncate(read);
        Ok(Bytes::from(chunk))
    };
    let chunk = take(source, attempt).await?;
    if chunk.is_empty() {
        *source = None;
        return None;
    }
    Some(chunk)
}

/// Whether the memory limit killed something. The kernel may speak of the limit a moment before it counts the kill, and on
/// cgroup v1 it also speaks when the group is removed, which is no kill.
async fn killed(jail: &Jail) -> bool {
    for _ in 0..10 {
        if jail.usage().oom_kills > 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    false
}

async fn readable(source: &mut Source) {
    match source {
        Some(fd) => drop(fd.readable().await),
        None => std::future::pending().await,
    }
}

/// Waits for a call of `listen`. That nobody is left who could call it, which is seen in the same way, is none: why it is so comes
/// from the sandbox's first process, a moment later.
async fn called(source: &mut Source) {
    let Some(fd) = source else { return std::future::pending().await };
    match fd.ready(Interest::READABLE).await {
        Ok(guard) if !guard.ready().is_read_closed() => {}
        _ => std::future::pending().await,
    }
}

/// Tries to connect until it works.
async fn reachable(poll: &mut Option<tokio::time::Interval>, jail: &Jail) {
    let Some(interval) = poll else { return std::future::pending().await };
    loop {
        interval.tick().await;
        let Ok(socket) = jail.socket() else { continue };
        if reach::connect(socket).await.is_ok() {
            return;
        }
    }
}

async fn until(deadline: Option<Instant>) {
    match deadline {
        Some(deadline) => tokio::time::sleep_until(deadline).await,
        None => std::future::pending().await,
    }
}
