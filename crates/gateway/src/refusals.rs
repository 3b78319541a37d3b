//! What is refused before it comes to a function, as the function's owner hears of it: in the function's log, and in its counts.
//!
//! Anybody can have requests refused as fast as a machine can answer, so a refusal writes no line of its own. It is counted at its API
//! and code, which takes a short lock and no memory; the first few reasons of a second are written at once with the request's id, and the rest of
//! that second is one line with their number when it is over. So there are at most [`LINES`] lines and one for each API, code and second,
//! and the counters are as many as APIs were refused in that second, times the codes there are. Nothing runs while nothing is refused.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;
use std::time::Duration;

use model::apig::ApiRef;
use model::function::Version;
use parking_lot::Mutex;
use telemetry::{Line, Stream, Telemetry};
use tokio::sync::Notify;

use crate::failure::Failure;
use crate::shared::Shared;

/// Different reasons that are written in full in a second, for each API and code.
const LINES: usize = 4;
/// How long refusals are put together.
const TOGETHER: Duration = Duration::from_secs(1);
const SHARDS: usize = 16;

/// What was refused since the last time somebody was told.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    shards: [Mutex<Shard>; SHARDS],
    /// Told when the first is there.
    some: Notify,
}

type Shard = HashMap<Key, Refused, BuildHasherDefault<Places>>;

/// An API or, where none is known, a version, by its place in memory, which the entry keeps; and a code, by its own.
type Key = (usize, usize);

/// No client chooses a place in memory, so a product is hash enough.
#[derive(Debug, Default)]
struct Places(u64);

impl Hasher for Places {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, place: usize) {
        self.0 = (self.0.rotate_left(32) ^ place as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}

/// A request that is refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Request<'a> {
    pub(crate) id: &'a str,
    /// What it called; none while the API's function is gone.
    pub(crate) version: Option<&'a Arc<Version>>,
    /// How it came there, where that is known.
    pub(crate) api: Option<&'a Arc<ApiRef>>,
}

#[derive(Debug)]
struct Refused {
    version: Option<Arc<Version>>,
    api: Option<Arc<ApiRef>>,
    code: &'static str,
    /// The reasons that were written.
    said: Vec<Box<str>>,
    /// How many there were.
    count: u64,
    /// For how many of them no line was written.
    more: u64,
}

impl Refusals {
    /// Counts a refusal, and gives whether its reason is to be written now.
    fn count(&self, request: Request<'_>, code: &'static str, reason: &str) -> bool {
        let place = match (request.api, request.version) {
            (Some(api), _) => Arc::as_ptr(api).addr(),
            (None, Some(version)) => Arc::as_ptr(version).addr(),
            (None, None) => 0,
        };
        let Some(shard) = self.shards.get((place >> 6) % SHARDS) else { return false };
        let mut shard = shard.lock();
        let refused = shard.entry((place, code.as_ptr().addr())).or_insert_with(|| {
            self.some.notify_one();
            Refused {
                version: request.version.cloned(),
                api: request.api.cloned(),
                code,
                said: Vec::new(),
                count: 0,
                more: 0,
            }
        });
        refused.count += 1;
        let known = refused.said.iter().any(|said| **said == *reason);
        if known || refused.said.len() >= LINES {
            refused.more += 1;
            return false;
        }
        refused.said.push(reason.into());
        true
    }

    /// Says how many there were since the last time.
    pub(crate) fn tell(&self, telemetry: &Telemetry) {
        for shard in &self.shards {
            let refused = std::mem::take(&mut *shard.lock());
            refused.into_values().for_each(|refused| refused.tell(telemetry));
        }
    }
}

impl Refused {
    fn tell(&self, telemetry: &Telemetry) {
        let (api, code) = (at(self.api.as_ref()), self.code);
        let Some(version) = &self.version else {
            tracing::warn!(code, count = self.count, api = api.trim_start(), "gateway.refused_without_function");
            return;
        };
        telemetry.refused(version.function.to_string().into(), self.count);
        if self.more > 0 {
            say(
                telemetry,
                version,
                None,
                format!("refused with {code}: {} more calls{api} within a second", self.more),
            );
        }
    }
}

/// Notes that a request is refused, for the owner of what it called.
pub(crate) fn note(shared: &Shared, request: Request<'_>, failure: &Failure, reason: &str) {
    let first = shared.refusals.count(request, failure.code, reason);
    if let Some(version) = request.version.filter(|_| first) {
        let text = format!("refused with {}: {reason}{}", failure.code, at(request.api));
        say(&shared.telemetry, version, Some(request.id), text);
    }
}

fn at(api: Option<&Arc<ApiRef>>) -> String {
    api.map(|api| format!(" (API {} in {})", api.name, api.env_name)).unwrap_or_default()
}

/// Writes into a function's log.
pub(crate) fn say(telemetry: &Telemetry, version: &Version, id: Option<&str>, text: String) {
    telemetry.log(Line {
        at: model::time::now(),
        function: version.function.to_string(),
        version: version.qualifier.to_string(),
        instance: String::new(),
        stream: Stream::System,
        request_id: id.map(str::to_owned),
        tags: None,
        text,
    });
}

/// Tells owners from time to time, while there is something to tell. What the last second had is told when the gateway stops.
pub(crate) async fn tell(shared: &Shared) {
    loop {
        shared.refusals.some.notified().await;
        tokio::time::sleep(TOGETHER).await;
        shared.refusals.tell(&shared.telemetry);
    }
}
