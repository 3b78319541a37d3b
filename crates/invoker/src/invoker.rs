//! The invoker itself: the phases of one invocation, in their order.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use http::Response;
use model::instances::Instances;
use model::invoke::{Body, Invocation, Invoke};
use model::snapshot::Snapshots;
use model::{Error, Kind};
use telemetry::Telemetry;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::time::Instant;

use crate::admit::admit;
use crate::call::{Answered, Call, NotAnswered, call};
use crate::config::Config;
use crate::headers::{self, Switch};
use crate::launch::Launch;
use crate::pool::Status;
use crate::pools::Pools;
use crate::pressure;
use crate::reconcile;
use crate::record::Entry;
use crate::reply::reply;
use crate::sample;
use crate::site::Site;
use crate::upload::Upload;

/// Answers invocations with instances that it starts, keeps and ends. Cheap to clone. Its tasks run until
/// [`Invoker::drain`] or [`Invoker::stop_now`].
#[derive(Clone)]
pub struct Invoker {
    pub(crate) pools: Arc<Pools>,
    pub(crate) stopping: watch::Sender<bool>,
}

/// What the invoker works with.
#[derive(Clone)]
pub struct Around {
    /// Starts processes.
    pub launcher: Arc<dyn Launch>,
    /// Which version of a function is the current one.
    pub snapshots: Arc<Snapshots>,
    /// Says that the snapshot changed.
    pub generation: watch::Receiver<u64>,
    /// Where logs and records go.
    pub telemetry: Telemetry,
}

impl Invoker {
    /// An invoker whose own tasks run on `handle`; invocations run on the runtime of whoever makes them.
    pub fn new(config: Config, around: Around, handle: Handle) -> Self {
        let Around { launcher, snapshots, generation, telemetry } = around;
        let (interval, sample) = (config.reconcile, config.sample);
        let site = Arc::new(Site::new(config, launcher, telemetry, handle));
        let pools = Arc::new(Pools::new(Arc::clone(&site), snapshots));
        let stopping = watch::Sender::new(false);
        site.run(pressure::watch(Arc::downgrade(&pools), stopping.subscribe()));
        site.run(sample::watch(Arc::downgrade(&pools), stopping.subscribe(), sample));
        site.run(reconcile::watch(Arc::downgrade(&pools), generation, stopping.subscribe(), interval));
        Self { pools, stopping }
    }

    /// All instances of this node.
    pub fn instances(&self) -> Vec<Status> {
        self.pools.all().iter().flat_map(|pool| pool.instances()).collect()
    }

    /// The instances of a function, by its URN without qualifier: those of this node that are there, and that ended lately.
    pub fn instances_of(&self, function: &str) -> Instances {
        let pools = self.pools.all();
        let mut running: Vec<_> =
            pools.iter().filter(|pool| pool.urn == function).flat_map(|pool| pool.running()).collect();
        running.sort_by_key(|one| one.identity.decided);
        Instances { running, ended: self.pools.site.ends.of(function) }
    }

    /// SHA-256 of every code package that an instance runs or may be started from without asking the store again.
    pub fn in_use_code(&self) -> HashSet<String> {
        let all = self.pools.all();
        all.iter().filter(|pool| pool.uses_code()).map(|pool| pool.version.code.tree().to_owned()).collect()
    }
}

impl Invoke for Invoker {
    fn invoke(&self, invocation: Invocation) -> BoxFuture<'static, Result<Response<Body>, Error>> {
        let pools = Arc::clone(&self.pools);
        let stopping = *self.stopping.borrow();
        Box::pin(async move {
            let mut entry = Entry::open(&pools.site, &invocation);
            if stopping {
                entry.close(Some(Kind::Draining));
                return Err(Error::new(Kind::Draining));
            }
            match answer(&pools, invocation, &mut entry).await {
                Ok(answered) => reply(answered, entry),
                Err(error) => {
                    entry.close(Some(error.kind));
                    Err(error)
                }
            }
        })
    }
}

/// Admits a request and calls an instance; an instance that cannot be reached is replaced once.
async fn answer(pools: &Pools, invocation: Invocation, entry: &mut Entry) -> Result<Answered, Error> {
    let Invocation { version, request, upgrade, http2, hints, timeout, .. } = invocation;
    let deadline = entry.arrived + timeout;
    // There is nothing to switch to in HTTP/2.
    let upgrade = upgrade && !http2;
    let switch = if upgrade { Switch::Allowed } else { Switch::Denied };
    let (mut request, body) = request.into_parts();
    entry.upload = Upload::new(body, upgrade);
    let upgrade = headers::request(&mut request, entry.upload.is_chunked() || http2, switch);
    let mut unreachable = None;
    loop {
        let lease = admit(pools, Arc::clone(&version), &entry.request_id, deadline).await?;
        let sent = Instant::now();
        entry.leased(&lease, sent);
        let request_id = Arc::clone(&entry.request_id);
        let (upgrade, hints) = (upgrade.clone(), hints.clone());
        let asked = Call { lease, request, request_id, upgrade, hints, http2, sent, deadline };
        match call(asked, &mut entry.upload).await {
            Ok(answered) => return Ok(answered),
            Err(NotAnswered::Failed(error)) => return Err(error),
            Err(NotAnswered::Unreachable(_, error)) if unreachable.is_some() => return Err(error),
            Err(NotAnswered::Unreachable(unsent, error)) => {
                request = *unsent;
                unreachable = Some(error);
            }
        }
    }
}

impl fmt::Debug for Invoker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invoker").field("site", &self.pools.site).finish_non_exhaustive()
    }
}

impl fmt::Debug for Around {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Around").field("snapshots", &self.snapshots).finish_non_exhaustive()
    }
}
