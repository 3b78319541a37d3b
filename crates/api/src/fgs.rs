//! FunctionGraph: the operations that are there.

mod aliases;
mod check;
mod code;
mod concurrency;
mod config;
mod dependencies;
mod events;
mod functions;
mod invocation;
mod tags;
mod transfer;
mod triggers;
mod versions;

use crate::router::Routes;
pub(crate) use code::download;

/// Registers them.
pub(crate) fn routes(routes: &mut Routes) {
    functions::routes(routes);
    code::routes(routes);
    config::routes(routes);
    concurrency::routes(routes);
    versions::routes(routes);
    aliases::routes(routes);
    transfer::routes(routes);
    triggers::routes(routes);
    dependencies::routes(routes);
    events::routes(routes);
    tags::routes(routes);
    invocation::routes(routes);
}
