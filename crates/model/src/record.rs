//! What one invocation did and cost; kept by telemetry, one per request.

use std::borrow::Cow;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::invoke::Source;

/// One finished invocation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// `X-CFF-Request-Id`.
    pub request_id: Arc<str>,
    /// URN without qualifier.
    pub function: Arc<str>,
    /// `latest` or a published name.
    pub version: Arc<str>,
    /// Revision of the version.
    pub revision: u64,
    /// Which instance served it, if one did.
    pub instance: Option<Arc<str>>,
    /// Who asked.
    pub source: Source,
    /// Request method.
    pub method: Cow<'static, str>,
    /// Request path without query.
    pub path: String,
    /// Status the caller got.
    pub status: u16,
    /// Name of the error kind when it failed on our side or the function's.
    pub error: Option<Cow<'static, str>>,
    /// When it arrived.
    pub started: Timestamp,
    /// Where the time went.
    pub timings: Timings,
    /// Request body bytes.
    pub request_bytes: u64,
    /// Response body bytes.
    pub response_bytes: u64,
    /// Memory of the instance after the request, bytes.
    pub memory_bytes: u64,
    /// Memory that the version has, MB; 0 in records of before it was kept.
    #[serde(default)]
    pub memory_mb: u32,
}

/// Where the time of one invocation went, in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timings {
    /// Before it arrived, and not in `total_us`: what whoever asked did with the request's head, such as the gateway's routes,
    /// authentication and policies. 0 in records of before it was kept.
    #[serde(default)]
    pub gateway_us: u64,
    /// Waiting for a slot, cold start included.
    pub queue_us: u64,
    /// Of which: making the sandbox, when this request started an instance.
    pub sandbox_us: u64,
    /// Of which: from the process's start until its port listened.
    pub boot_us: u64,
    /// Of which: until the instance was awake, when it was frozen.
    #[serde(default)]
    pub thaw_us: u64,
    /// From the request's first byte to the user's server until its response head.
    pub first_byte_us: u64,
    /// From arrival to the response's last byte.
    pub total_us: u64,
}

impl Timings {
    /// All of it, what was before its arrival too: how long the request took for whoever sent it.
    pub fn whole_us(&self) -> u64 {
        self.gateway_us.saturating_add(self.total_us)
    }
}

/// What the caller's side may want to know at the time of the response head.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Which instance answers.
    pub instance: Arc<str>,
    /// What is known so far; `total_us` is not.
    pub timings: Timings,
    /// Whether this request waited for a new instance.
    pub cold: bool,
    /// Memory of the instance, bytes.
    pub memory_bytes: u64,
}
