//! What functions said and what their invocations cost: kept on disk by size and age, shown live, never in a request's way.
//! Lines are user data: they can fill their own budget, but neither the disk, nor memory, nor another line.
//!
//! The life of a line:
//! 1. An instance's output is cut into lines within its byte budget by a [`LineSplitter`]: a flood becomes one "bytes dropped" line.
//! 2. [`Telemetry::log`] puts the [`Line`] into the recent lines of its function ([`Telemetry::tail`]), hands it to those who
//!    [`Telemetry::follow`], and queues it; a full queue drops and counts.
//! 3. The one writer thread appends it as one JSON line to the newest segment of its function's folder; a segment that is full or
//!    old is closed and a new one begun.
//! 4. [`Telemetry::lines`] reads segments from their end until it has what was asked for.
//! 5. The oldest segments go when the function's budget is used up, or its lines are too old, or it is forgotten.
//!
//! A [`model::record::Record`] lives the same way in segments of its own, so a chatty function does not push out its history; the
//! writer also shows it to those who [`Telemetry::follow_records`].
//!
//! The writer also counts: what the records of a minute came to is kept for a month by function and project
//! ([`Telemetry::minutes`]), what those of a month came to for a year by project ([`Telemetry::months`]).
//!
//! Heads of requests are not in records; while a function's owner wants to see them they are kept beside, in memory only
//! ([`Telemetry::captures`]).
//!
//! When another process takes over the folder, this one writes everything and gives later entries to it ([`Telemetry::leave_to`]).
//!
//! No recording call waits for a disk or a reader; no name from outside becomes a path; no text can end its JSON line or put a
//! control character into a file; no byte of output is lost without being counted; nothing here knows HTTP or instances.
#![forbid(unsafe_code)]

mod entry;
mod heads;
mod heir;
mod line;
mod splitter;

mod telemetry;

mod live;
mod query;
mod queue;
mod segment;
mod tally;
mod writer;

pub use heads::{Captures, State as CaptureState, TooMany};
pub use heir::{Entry, Heir};
pub use line::{LINE_BYTES, Line, Stream};
pub use query::{Found, Query};
pub use splitter::LineSplitter;
pub use tally::{Minute, Month, minute_of};
pub use telemetry::{Config, Error, Telemetry};
