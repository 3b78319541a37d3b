//! FunctionGraph: the operations that are there.

mod aliases;
mod check;
mod code;
mod concurrency;
mod config;
mod dependencies;
mod events;
mod functions;
mod installation;
mod invocation;
mod logs;
mod metrics;
mod quotas;
mod reserves;
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
    metrics::routes(routes);
    reserves::routes(routes);
    logs::routes(routes);
    installation::routes(routes);
}
