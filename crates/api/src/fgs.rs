//! FunctionGraph: the operations that are there.

mod check;
mod code;
mod concurrency;
mod config;
mod functions;
mod invocation;
mod triggers;

use crate::router::Routes;

/// Registers them.
pub(crate) fn routes(routes: &mut Routes) {
    functions::routes(routes);
    code::routes(routes);
    config::routes(routes);
    concurrency::routes(routes);
    triggers::routes(routes);
    invocation::routes(routes);
}
