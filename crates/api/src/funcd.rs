//! What funcd has beside the vendor's API.

mod follow;
mod headers;
mod history;
pub(crate) mod info;
mod instances;
mod logs;
pub(crate) mod openapi;
mod requests;
pub(crate) mod runtimes;
mod scope;
mod search;
mod session;
mod system;

use crate::router::Routes;

/// Registers the operations.
pub(crate) fn routes(routes: &mut Routes) {
    headers::routes(routes);
    history::routes(routes);
    info::routes(routes);
    instances::routes(routes);
    logs::routes(routes);
    requests::routes(routes);
    runtimes::routes(routes);
    session::routes(routes);
    system::routes(routes);
}
