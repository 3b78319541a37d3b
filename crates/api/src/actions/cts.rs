//! The audit trail's operations, as the vendor's trace service names their actions.

/// Operation and action, decided by the path alone.
pub(super) const CHECKED: &[(&str, &str)] = &[("ListTraces", "cts:trace:list"), ("VerifyTraces", "cts:trace:list")];
