//! What is measured, a module each.

pub(crate) mod warm;
