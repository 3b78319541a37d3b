//! What the gateway publishes: APIs as they are edited, versions of them that never change, and which of those is reachable where.

pub(crate) mod apis;
pub(crate) mod place;
pub(crate) mod publications;
