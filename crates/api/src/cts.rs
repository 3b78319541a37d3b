//! The audit trail, as the vendor's Cloud Trace Service shows it.

mod traces;

use crate::router::Routes;

/// Registers the operations.
pub(crate) fn routes(routes: &mut Routes) {
    traces::routes(routes);
}
