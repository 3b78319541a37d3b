//! What an instance says, line by line into its function's log, together with our own words about it.

use std::sync::Arc;

use model::time;
use telemetry::{Line, LineSplitter, Stream, Telemetry};
use tokio::time::Instant;

use super::Instance;
use crate::launch::Event;
use crate::pool::Pool;

/// The log of one instance.
pub(super) struct Output {
    pool: Arc<Pool>,
    instance: Arc<Instance>,
    stdout: LineSplitter,
    stderr: LineSplitter,
    began: Instant,
}

impl Output {
    pub(super) fn new(pool: &Arc<Pool>, instance: &Arc<Instance>) -> Self {
        let telemetry: &Telemetry = &pool.site.telemetry;
        Self {
            pool: Arc::clone(pool),
            instance: Arc::clone(instance),
            stdout: telemetry.splitter(),
            stderr: telemetry.splitter(),
            began: Instant::now(),
        }
    }

    /// Logs what the process wrote; other events are not output.
    pub(super) fn hear(&mut self, event: &Event) {
        let Self { pool, instance, stdout, stderr, began } = self;
        let (bytes, splitter, stream) = match event {
            Event::Stdout(bytes) => (bytes, stdout, Stream::Stdout),
            Event::Stderr(bytes) => (bytes, stderr, Stream::Stderr),
            Event::Ready | Event::Elsewhere(_) | Event::OutOfMemory | Event::Exited { .. } => return,
        };
        let request_id = pool.request_of(instance.number);
        splitter.feed(bytes, began.elapsed(), &mut |text| log(pool, instance, stream, request_id.as_deref(), text));
    }

    /// Our own word.
    pub(super) fn system(&self, text: String) {
        log(&self.pool, &self.instance, Stream::System, None, text);
    }

    /// Lines without an end.
    pub(super) fn finish(&mut self) {
        let Self { pool, instance, stdout, stderr, .. } = self;
        stdout.finish(&mut |text| log(pool, instance, Stream::Stdout, None, text));
        stderr.finish(&mut |text| log(pool, instance, Stream::Stderr, None, text));
    }
}

fn log(pool: &Pool, instance: &Instance, stream: Stream, request_id: Option<&str>, text: String) {
    pool.site.telemetry.log(Line {
        at: time::now(),
        function: pool.urn.clone(),
        version: pool.version.qualifier.to_string(),
        instance: instance.id.to_string(),
        stream,
        request_id: request_id.map(str::to_owned),
        tags: pool.tags.clone(),
        text,
    });
}
