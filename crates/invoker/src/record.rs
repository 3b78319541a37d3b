//! The record of one invocation: opened when it arrives, written once, whatever happens to it.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::Method;
use http::uri::PathAndQuery;
use jiff::Timestamp;
use model::function::Version;
use model::invoke::{Invocation, Source};
use model::record::{Outcome, Record, Timings};
use model::{Kind, time};
use tokio::time::Instant;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::instance::Instance;
use crate::pool::{Lease, Pool};
use crate::site::Site;
use crate::upload::Upload;

/// An invocation that is not over. Dropped without [`Entry::close`] it is one whose caller went away.
pub(crate) struct Entry {
    site: Arc<Site>,
    open: bool,
    pub(crate) request_id: Arc<str>,
    version: Arc<Version>,
    source: Source,
    method: Method,
    target: Option<PathAndQuery>,
    status: u16,
    started: Timestamp,
    timings: Timings,
    response_bytes: u64,
    pub(crate) arrived: Instant,
    /// Who answers, when it got a slot.
    slot: Option<(Arc<Pool>, Arc<Instance>)>,
    cold: bool,
    pub(crate) upload: Upload,
    _open: TaskTrackerToken,
}

impl Entry {
    pub(crate) fn open(site: &Arc<Site>, invocation: &Invocation) -> Self {
        let Invocation { request_id, version, request, source, held, .. } = invocation;
        Self {
            site: Arc::clone(site),
            open: true,
            request_id: Arc::clone(request_id),
            version: Arc::clone(version),
            source: *source,
            method: request.method().clone(),
            target: request.uri().path_and_query().cloned(),
            status: 0,
            started: time::now(),
            timings: Timings { gateway_us: micros(*held), ..Timings::default() },
            response_bytes: 0,
            arrived: Instant::now(),
            slot: None,
            cold: false,
            upload: Upload::default(),
            _open: site.invocations.token(),
        }
    }

    /// It got a slot, now.
    pub(crate) fn leased(&mut self, lease: &Lease, now: Instant) {
        self.timings.queue_us = micros(now.saturating_duration_since(self.arrived));
        self.timings.thaw_us = lease.thawed.map_or(0, micros);
        // It waited for this instance if that was not ready when it came.
        let arrived_at = self.site.at(self.arrived);
        if let Some(birth) = lease.instance.birth.get().filter(|birth| birth.at >= arrived_at) {
            self.cold = true;
            self.timings.sandbox_us = micros(birth.sandbox);
            self.timings.boot_us = micros(birth.boot);
        }
        self.slot = Some((Arc::clone(&lease.pool), Arc::clone(&lease.instance)));
    }

    /// The head of the response came, `first_byte` after the request was sent.
    pub(crate) fn answered(&mut self, status: u16, first_byte: Duration) -> Outcome {
        self.status = status;
        self.timings.first_byte_us = micros(first_byte);
        let instance = self.slot.as_ref().map(|(_, instance)| instance);
        let memory = |instance: &Arc<Instance>| match self.source {
            // Its callers are not told, and need not wait.
            Source::Gateway => instance.memory(),
            _ => instance.memory_at_once(self.site.now()),
        };
        Outcome {
            instance: instance.map(|instance| Arc::clone(&instance.id)).unwrap_or_default(),
            timings: self.timings,
            cold: self.cold,
            memory_bytes: instance.map_or(0, memory),
        }
    }

    /// Bytes of the response body that were passed on.
    pub(crate) fn received(&mut self, bytes: u64) -> u64 {
        self.response_bytes += bytes;
        self.response_bytes
    }

    /// It is over: well, or with an error that the caller gets to see as a status if no head was sent before.
    pub(crate) fn close(&mut self, error: Option<Kind>) {
        if !std::mem::take(&mut self.open) {
            return;
        }
        if self.status == 0 {
            self.status = error.map_or(0, Kind::status);
        }
        let now = Instant::now();
        self.timings.total_us = micros(now.saturating_duration_since(self.arrived));
        let record = self.record(error);
        let rest = match &self.slot {
            Some((_, instance)) => instance.settle(record, self.site.at(now), self.site.config.memory_age),
            None => Some(record),
        };
        if let Some(record) = rest {
            self.site.telemetry.record(record);
        }
    }

    fn record(&self, error: Option<Kind>) -> Record {
        let names = match &self.slot {
            Some((pool, _)) => pool.names.clone(),
            None => Names::of(&self.version),
        };
        let version = self.slot.as_ref().map_or(&self.version, |(pool, _)| &pool.version);
        Record {
            request_id: Arc::clone(&self.request_id),
            function: names.function,
            version: names.version,
            revision: version.revision,
            instance: self.slot.as_ref().map(|(_, instance)| Arc::clone(&instance.id)),
            source: self.source,
            method: name(&self.method),
            path: self.target.as_ref().map_or("/", PathAndQuery::path).to_owned(),
            status: self.status,
            error: error.map(|kind| Cow::Borrowed(kind.name())),
            started: self.started,
            timings: self.timings,
            request_bytes: self.upload.bytes,
            response_bytes: self.response_bytes,
            memory_bytes: 0,
            memory_mb: version.config.memory_mb,
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.close(Some(Kind::Cancelled));
    }
}

/// What records call a version, made once for all of them.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// URN without qualifier.
    function: Arc<str>,
    version: Arc<str>,
}

impl Names {
    /// URN without qualifier.
    pub(crate) fn function(&self) -> &Arc<str> {
        &self.function
    }

    pub(crate) fn of(version: &Version) -> Self {
        Self { function: version.function.to_string().into(), version: version.qualifier.to_string().into() }
    }
}

fn name(method: &Method) -> Cow<'static, str> {
    Cow::Borrowed(match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::PATCH => "PATCH",
        _ => return Cow::Owned(method.to_string()),
    })
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
