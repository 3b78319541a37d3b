//! Identity and access management: the operations that are there.

use crate::router::Routes;

/// Registers them.
pub(crate) fn routes(_: &mut Routes) {}
