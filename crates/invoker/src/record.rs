//! The record of one invocation: opened when it arrives, written once, whatever happens to it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use model::invoke::Invocation;
use model::record::{Outcome, Record, Timings};
use model::{Kind, time};
use tokio::time::Instant;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::instance::Instance;
use crate::pool::Lease;
use crate::site::Site;
use crate::upload::Upload;

/// An invocation that is not over. Dropped without [`Entry::close`] it is one whose caller went away.
pub(crate) struct Entry {
    site: Arc<Site>,
    /// `None` when it is written.
    record: Option<Record>,
    pub(crate) arrived: Instant,
    arrived_at: Duration,
    instance: Option<Arc<Instance>>,
    cold: bool,
    pub(crate) upload: Arc<Upload>,
    _open: TaskTrackerToken,
}

impl Entry {
    pub(crate) fn open(site: &Arc<Site>, invocation: &Invocation) -> Self {
        let Invocation { request_id, version, request, source, .. } = invocation;
        let record = Record {
            request_id: request_id.clone(),
            function: version.function.to_string(),
            version: version.qualifier.to_string(),
            revision: version.revision,
            instance: None,
            source: *source,
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            status: 0,
            error: None,
            started: time::now(),
            timings: Timings::default(),
            request_bytes: 0,
            response_bytes: 0,
            memory_bytes: 0,
        };
        Self {
            record: Some(record),
            arrived: Instant::now(),
            arrived_at: site.now(),
            instance: None,
            cold: false,
            upload: Arc::default(),
            _open: site.invocations.token(),
            site: Arc::clone(site),
        }
    }

    /// It got a slot.
    pub(crate) fn leased(&mut self, lease: &Lease) {
        let Some(record) = &mut self.record else { return };
        let version = &lease.pool.version;
        record.version = version.qualifier.to_string();
        record.revision = version.revision;
        record.instance = Some(lease.instance.id.clone());
        record.timings.queue_us = micros(self.arrived.elapsed());
        record.timings.thaw_us = lease.thawed.map_or(0, micros);
        // It waited for this instance if that was not ready when it came.
        if let Some(birth) = lease.instance.birth.get().filter(|birth| birth.at >= self.arrived_at) {
            self.cold = true;
            record.timings.sandbox_us = micros(birth.sandbox);
            record.timings.boot_us = micros(birth.boot);
        }
        self.instance = Some(Arc::clone(&lease.instance));
    }

    /// The head of the response came, `first_byte` after the request was sent.
    pub(crate) fn answered(&mut self, status: u16, first_byte: Duration) -> Outcome {
        let Some(record) = &mut self.record else { return Outcome::default() };
        record.status = status;
        record.timings.first_byte_us = micros(first_byte);
        Outcome {
            instance: record.instance.clone().unwrap_or_default(),
            timings: record.timings,
            cold: self.cold,
            memory_bytes: self.instance.as_ref().map_or(0, |instance| instance.memory()),
        }
    }

    /// Bytes of the response body that were passed on.
    pub(crate) fn received(&mut self, bytes: u64) -> u64 {
        let Some(record) = &mut self.record else { return 0 };
        record.response_bytes += bytes;
        record.response_bytes
    }

    /// It is over: well, or with an error that the caller gets to see as a status if no head was sent before.
    pub(crate) fn close(&mut self, error: Option<Kind>) {
        let Some(mut record) = self.record.take() else { return };
        if let Some(kind) = error {
            record.error = Some(kind.name().to_owned());
            if record.status == 0 {
                record.status = kind.status();
            }
        }
        record.request_bytes = self.upload.bytes.load(Ordering::Relaxed);
        record.timings.total_us = micros(self.arrived.elapsed());
        let rest = match &self.instance {
            Some(instance) => instance.settle(record, self.site.now(), self.site.config.memory_age),
            None => Some(record),
        };
        if let Some(record) = rest {
            self.site.telemetry.record(record);
        }
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        self.close(Some(Kind::Cancelled));
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
