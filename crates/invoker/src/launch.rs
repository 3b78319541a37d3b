//! The seam below the scheduler: how an instance's process is started, watched, reached and ended. Real over the sandbox
//! ([`Sandboxed`]), scripted in tests, so that all timing is tested without root under paused time.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use model::Error;
use model::function::Version;
use tokio::io::{AsyncRead, AsyncWrite};

mod compile;
mod reach;
mod sandboxed;
mod spec;
mod watch;

pub use compile::ByteCode;
pub use sandbox::Memory;
pub use sandboxed::Sandboxed;

/// Starts processes.
pub trait Launch: Send + Sync + 'static {
    /// Starts the process of one instance: done when it was executed, or cannot be. Dropping the future, or what it returns,
    /// ends the process.
    fn launch(&self, order: Order) -> BoxFuture<'static, Result<Launched, Error>>;
    /// What the host has to spare now. Reads files: not for the hot path.
    ///
    /// # Errors
    /// It does not say.
    fn memory(&self) -> io::Result<Memory>;
}

/// What to start.
#[derive(Clone, Debug)]
pub struct Order {
    /// Name of the instance, `[a-z0-9-]{1,40}`, never used twice.
    pub id: String,
    /// What it serves.
    pub version: Arc<Version>,
}

/// A process that was started.
pub struct Launched {
    /// How to reach and end it.
    pub process: Arc<dyn Process>,
    /// What happens to it; ends when it is gone and everything it wrote was read. Who stops reading blocks its output.
    pub events: BoxStream<'static, Event>,
}

impl fmt::Debug for Launched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Launched").finish_non_exhaustive()
    }
}

/// A running process and its port.
pub trait Process: Send + Sync + 'static {
    /// A new connection to 127.0.0.1:8000 inside, registered with the runtime of the calling thread.
    fn connect(&self) -> BoxFuture<'static, io::Result<Socket>>;
    /// Asks the process to end (SIGTERM).
    fn terminate(&self);
    /// Ends everything of it (SIGKILL); returns at once.
    fn kill(&self);
    /// What it uses now. May read files: not for the hot path.
    fn usage(&self) -> Usage;
    /// Begins to stop everything of it where it is. Blocks for up to milliseconds.
    ///
    /// # Errors
    /// It cannot be stopped; it runs on.
    fn freeze(&self) -> io::Result<()>;
    /// Whether everything of it has stopped. Reads a file: not for the hot path.
    fn is_frozen(&self) -> bool;
    /// Lets it run again. Blocks for tens of microseconds, seldom for milliseconds.
    ///
    /// # Errors
    /// It is gone, or cannot be saved.
    fn thaw(&self) -> io::Result<()>;
    /// Moves the memory of a process that is frozen to the host's swap, until `stop`; answers how many bytes. Blocks for as
    /// long as that takes.
    ///
    /// # Errors
    /// It is gone, or the host cannot.
    fn page_out(&self, stop: &AtomicBool) -> io::Result<u64>;
}

/// A connection to the user's server.
pub type Socket = Box<dyn Io>;

/// A stream of bytes both ways. Its shutdown says at once that no more will be sent (half-close); the other side may still
/// answer.
pub trait Io: AsyncRead + AsyncWrite + Send + Unpin {
    /// Whether the other side has closed it, or sent what nobody asked for; looks without waiting and without reading.
    fn is_spent(&self) -> bool;

    /// Tells the other side now what has come from it, rather than with what is sent to it next.
    fn acknowledge(&self);

    /// The same, for the runtime of the calling thread, which from now on polls it.
    ///
    /// # Errors
    /// It cannot be registered there; it is closed then.
    fn adopted(self: Box<Self>) -> io::Result<Socket>;
}

/// What happens to a process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// 127.0.0.1:8000 can be connected to.
    Ready,
    /// It listens somewhere else, such as `127.0.0.1:3000`.
    Elsewhere(String),
    /// It wrote to standard output.
    Stdout(Bytes),
    /// It wrote to standard error.
    Stderr(Bytes),
    /// The memory limit was hit and something in it was killed.
    OutOfMemory,
    /// The process that was started ended.
    Exited {
        /// Its exit code, if it ended by itself.
        code: Option<i32>,
        /// The signal that ended it.
        signal: Option<i32>,
    },
}

/// What a process uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Bytes of memory now.
    pub memory_bytes: u64,
    /// Processes killed by the memory limit so far.
    pub oom_kills: u64,
}
