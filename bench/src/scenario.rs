//! What is measured, a module each.

pub(crate) mod cold;
pub(crate) mod warm;
