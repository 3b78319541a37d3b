//! What a browser asks before a page of another origin may call an API (<https://fetch.spec.whatwg.org/#cors-preflight-fetch>): answered
//! here where the API has a CORS plug-in, without credentials and without waking the function. Everything else goes on its way.

use http::header::{ACCESS_CONTROL_REQUEST_METHOD, ORIGIN};
use http::{Method, Request, Response, StatusCode};
use model::invoke;

use crate::access_list;
use crate::connection::Peer;
use crate::request;

/// The answer to a preflight, if it is one and an API has an answer.
pub(crate) fn answer<B>(peer: &Peer, request: &Request<B>) -> Option<Response<invoke::Body>> {
    if request.method() != Method::OPTIONS {
        return None;
    }
    let origin = request.headers().get(ORIGIN)?;
    let method = Method::from_bytes(request.headers().get(ACCESS_CONTROL_REQUEST_METHOD)?.as_bytes()).ok()?;
    let snapshot = peer.snapshots.load();
    // An API that takes OPTIONS itself decides; else the one that the page is going to call.
    let route =
        request::find(&snapshot, request, &Method::OPTIONS).or_else(|| request::find(&snapshot, request, &method))?;
    let policies = route.policies.as_ref()?;
    let cors = policies.cors.as_ref()?;
    access_list::admit_address(&policies.access, peer.client.address).ok()?;
    let mut response = Response::new(invoke::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    cors.preflight(origin, response.headers_mut());
    Some(response)
}
