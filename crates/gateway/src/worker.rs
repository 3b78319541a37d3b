//! The serving threads: each has a runtime of its own and serves its connections from first to last byte.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::mpsc::Sender;

use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};

use crate::connection;
use crate::listener::Accepted;
use crate::refusals;
use crate::shared::Shared;
use crate::stream::Stream;

/// Connections that may wait for their thread.
const QUEUE: usize = 1024;

/// What the accepting thread knows of a serving one.
#[derive(Clone, Debug)]
pub(crate) struct Handle {
    pub(crate) queue: mpsc::Sender<Accepted>,
    /// Its open connections.
    pub(crate) load: Arc<AtomicUsize>,
}

/// Starts a serving thread. `alive` is dropped when it ends.
pub(crate) fn start(number: usize, shared: Arc<Shared>, alive: Sender<()>) -> io::Result<Handle> {
    let (queue, receiver) = mpsc::channel(QUEUE);
    let runtime = Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name(format!("gateway-{number}")).spawn(move || {
        // One of them speaks for all.
        match number {
            0 => runtime.block_on(serve_and_tell(receiver, shared)),
            _ => runtime.block_on(serve(receiver, shared)),
        }
        runtime.shutdown_background();
        drop(alive);
    })?;
    Ok(Handle { queue, load: Arc::default() })
}

async fn serve_and_tell(queue: mpsc::Receiver<Accepted>, shared: Arc<Shared>) {
    tokio::select! {
        () = serve(queue, Arc::clone(&shared)) => {}
        () = refusals::tell(&shared) => {}
    }
}

/// Serves until told to stop, or until nobody can send a connection any more and the last one has ended.
async fn serve(mut queue: mpsc::Receiver<Accepted>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    let mut fed = true;
    while fed || !connections.is_empty() {
        tokio::select! {
            biased;
            () = shared.stop.cancelled() => return,
            Some(ended) = connections.join_next(), if !connections.is_empty() => log_panic(ended),
            accepted = queue.recv(), if fed => match accepted {
                Some(accepted) => take(accepted, &mut connections, &shared),
                None => fed = false,
            },
        }
    }
}

fn take(accepted: Accepted, connections: &mut JoinSet<()>, shared: &Arc<Shared>) {
    let Accepted { socket, peer, secure, slot } = accepted;
    match TcpStream::from_std(socket.into()) {
        Ok(stream) if secure => {
            connections.spawn(connection::run_tls(stream, peer, Arc::clone(shared), slot));
        }
        Ok(stream) => {
            connections.spawn(connection::run(Stream::Plain(stream), peer, Arc::clone(shared), slot));
        }
        Err(error) => tracing::warn!(%error, "gateway.connection_failed"),
    }
}

fn log_panic(ended: Result<(), JoinError>) {
    if let Err(error) = ended
        && error.is_panic()
    {
        tracing::error!(%error, "gateway.connection_panicked");
    }
}
