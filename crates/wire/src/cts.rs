//! The audit trail in the shape of the vendor's Cloud Trace Service (CTS v3).

pub mod traces;
