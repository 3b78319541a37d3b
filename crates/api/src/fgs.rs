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
mod quotas;
mod tags;
mod templates;
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
    quotas::routes(routes);
    templates::routes(routes);
    invocation::routes(routes);
}
