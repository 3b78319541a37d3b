//! What is refused before it comes to a function, as the function's owner hears of it: in the function's log, and in its counts.
//!
//! Anybody can have requests refused as fast as a machine can answer, so a refusal writes no line of its own. It is counted at its API
//! and code, which takes a short lock and no memory; the first few reasons of a second are written at once with the request's id, and the rest of
//! that second is one line with their number when it is over. So there are at most [`LINES`] lines and one for each API, code and second,
//! and the counters are as many as APIs were refused in that second, times the codes there are. Nothing runs while nothing is refused.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};
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
    shards: [Mutex<HashMap<Key, Refused>>; SHARDS],
    hasher: RandomState,
    /// Told when the first is there.
    some: Notify,
}

/// An API or, where none is known, a version, by its place in memory, which the entry keeps; and a code.
type Key = (usize, &'static str);

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
    /// What was said, as hashes.
    said: [Option<u64>; LINES],
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
        let reason = self.hasher.hash_one(reason);
        // Places are multiples of 16 at least.
        let Some(shard) = self.shards.get((place >> 6) % SHARDS) else { return false };
        let mut shard = shard.lock();
        let refused = shard.entry((place, code)).or_insert_with(|| {
            self.some.notify_one();
            Refused {
                version: request.version.cloned(),
                api: request.api.cloned(),
                said: [None; LINES],
                count: 0,
                more: 0,
            }
        });
        refused.count += 1;
        for said in &mut refused.said {
            match said {
                Some(own) if *own == reason => break,
                Some(_) => {}
                None => {
                    *said = Some(reason);
                    return true;
                }
            }
        }
        refused.more += 1;
        false
    }

    /// Says how many there were since the last time.
    pub(crate) fn tell(&self, telemetry: &Telemetry) {
        for shard in &self.shards {
            let refused = std::mem::take(&mut *shard.lock());
            for ((_, code), refused) in refused {
                refused.tell(code, telemetry);
            }
        }
    }
}

impl Refused {
    fn tell(&self, code: &str, telemetry: &Telemetry) {
        let api = at(self.api.as_ref());
        let Some(version) = &self.version else {
            tracing::warn!(code, count = self.count, "gateway.refused{api}, whose function is gone");
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
