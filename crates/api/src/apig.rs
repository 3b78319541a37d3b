//! The API gateway: the operations that are there, and what they have in common.

mod acls;
mod apis;
mod app_auths;
mod app_codes;
mod apps;
mod authorizers;
mod bound;
mod choose;
mod domains;
mod environments;
mod groups;
mod instances;
mod page;
mod plugins;
mod publications;
mod responses;
mod rule;
mod secret;
mod throttles;
mod variables;

pub(crate) use instances::Instance;
pub(crate) use page::Page;

use crate::router::Routes;

/// Registers them.
pub(crate) fn routes(routes: &mut Routes) {
    instances::routes(routes);
    groups::routes(routes);
    domains::routes(routes);
    environments::routes(routes);
    variables::routes(routes);
    apis::routes(routes);
    publications::routes(routes);
    apps::routes(routes);
    app_codes::routes(routes);
    app_auths::routes(routes);
    authorizers::routes(routes);
    throttles::routes(routes);
    acls::routes(routes);
    plugins::routes(routes);
    responses::routes(routes);
}

/// A time as the gateway writes it; nothing for one that is not known.
pub(crate) fn time(at: jiff::Timestamp) -> String {
    if at == jiff::Timestamp::UNIX_EPOCH { String::new() } else { at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string() }
}

/// A count on the wire.
pub(crate) fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
