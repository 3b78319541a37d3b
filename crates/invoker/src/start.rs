//! Which start comes next, and when a version that keeps failing may try again.

mod back_off;
mod queue;

pub(crate) use back_off::Failures;
pub(crate) use queue::{StartQueue, Turn};
