//! What funcd has beside the vendor's API.

pub(crate) mod info;
mod logs;
pub(crate) mod openapi;
mod requests;
mod runtimes;
mod session;

use crate::router::Routes;

/// Registers the operations.
pub(crate) fn routes(routes: &mut Routes) {
    info::routes(routes);
    logs::routes(routes);
    requests::routes(routes);
    runtimes::routes(routes);
    session::routes(routes);
}
