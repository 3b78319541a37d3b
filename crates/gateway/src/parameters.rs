//! What an API's definition does with a request: its parameters are checked, and what it maps is added. Most definitions do nothing.

use http::Request;
use model::apig::mapping::{self, Known};
use model::invoke::Body;
use model::snapshot::Route;

use crate::connection::Client;
use crate::failure::Failure;

/// The request as the definition makes it.
pub(crate) fn apply(
    route: &Route,
    id: &str,
    client: &Client,
    request: Request<Body>,
) -> Result<Request<Body>, Failure> {
    let Some(definition) = &route.definition else { return Ok(request) };
    let (mut parts, body) = request.into_parts();
    let source_ip = client.ip.to_str().unwrap_or_default();
    let known = Known { api: &route.api, source_ip, request_id: id, at: model::time::now() };
    mapping::apply(definition, &route.path, known, &mut parts).map_err(Failure::parameters)?;
    Ok(Request::from_parts(parts, body))
}
