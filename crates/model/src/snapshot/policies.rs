//! What applies to calls of a published API beside its route.

use crate::apig::throttles::Throttle;

/// The policies of one API in one environment. An API without any has none of these, so that it costs its calls nothing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Policies {
    /// How often it may be called.
    pub throttle: Option<Throttle>,
}
