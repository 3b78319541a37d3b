//! Instances as their owner sees them: those that are there, and those that ended lately.

use std::time::Duration;

use jiff::Timestamp;

use crate::urn::Qualifier;

/// Why an instance was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Requests waited that no other had a place for.
    Request,
    /// The version is to have reserved ones.
    Reserved,
}

impl Cause {
    /// Name for lists.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Reserved => "reserved",
        }
    }
}

/// What is the same for an instance as long as there is any memory of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Its name.
    pub id: String,
    /// The version that it serves.
    pub version: Qualifier,
    /// Revision of the version.
    pub revision: u64,
    /// Why it was started.
    pub cause: Cause,
    /// When its start was decided on.
    pub decided: Timestamp,
    /// How long its sandbox took, and then its server until its port listened; `None` as long as that is not over.
    pub start: Option<(Duration, Duration)>,
    /// Bytes of memory when it was last measured; 0 before.
    pub memory_bytes: u64,
}

/// An instance at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// Which.
    pub identity: Identity,
    /// Name of its [`crate::instance::State`].
    pub state: &'static str,
    /// Whether it is a reserved one.
    pub reserved: bool,
    /// Requests that it serves.
    pub in_flight: u32,
}

/// An instance that is no more, or never was one because its start failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which.
    pub identity: Identity,
    /// When.
    pub at: Timestamp,
    /// Name of the [`crate::instance::Reason`].
    pub reason: &'static str,
    /// More about it, for its owner.
    pub detail: String,
}

/// The instances of a function.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Instances {
    /// Those that are there, the oldest first.
    pub running: Vec<Running>,
    /// Those that ended lately, the newest first.
    pub ended: Vec<Ended>,
}
