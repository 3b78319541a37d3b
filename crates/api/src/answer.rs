//! The outermost layer: every answer carries its request's id, and a failure is written in the shape of its path.

use axum::extract::Request;
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use http::{HeaderName, HeaderValue};
use wire::{ErrorBody, IamError, IamErrorBody};

use crate::error::{Error, Failure};

/// What clients report to their users.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request; also the id of the invocation, if it is one.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

/// Numbers the request, then finishes its answer.
pub(crate) async fn finish(mut request: Request, next: Next) -> Response {
    let id = uuid::Uuid::new_v4().to_string();
    request.extensions_mut().insert(RequestId(id.clone()));
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let mut response = next.run(request).await;
    if let Some(failure) = response.extensions_mut().remove::<Failure>() {
        let error = failure.into_error();
        log(&error, &id, method.as_str(), &uri);
        write(&mut response, &error, &id, is_iam(uri.path()));
    }
    // A package or a function's answer is what it says it is, not what a browser makes of it.
    response.headers_mut().insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Identity operations have their own shape of errors; the audit trail, although it is below `/v3`, has the usual one.
pub(crate) fn is_iam(path: &str) -> bool {
    path == "/" || (path.starts_with("/v3") && !path.ends_with("/traces"))
}

fn log(error: &Error, request_id: &str, method: &str, uri: &Uri) {
    let (code, message, path) = (error.code().text, error.message(), uri.path());
    match error.chain() {
        Some(cause) => tracing::error!(request_id, method, path, code, cause, "api.failed"),
        None => tracing::debug!(request_id, method, path, code, message, "api.refused"),
    }
}

fn write(response: &mut Response, error: &Error, request_id: &str, iam: bool) {
    let status = response.status();
    let body = match iam {
        false => serde_json::to_vec(&ErrorBody {
            error_code: error.code().text.to_owned(),
            error_msg: error.message().to_owned(),
            request_id: request_id.to_owned(),
        }),
        true => serde_json::to_vec(&IamErrorBody {
            error: IamError {
                code: status.as_u16(),
                message: error.message().to_owned(),
                title: status.canonical_reason().unwrap_or("Error").to_owned(),
            },
        }),
    };
    let headers = std::mem::take(response.headers_mut());
    *response = (status, body.unwrap_or_default()).into_response();
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response.headers_mut().extend(headers.into_iter().filter_map(|(name, value)| Some((name?, value))));
}

/// No operation at this path.
pub(crate) async fn no_such_path(uri: Uri) -> Error {
    let path = crate::problems::quoted(uri.path());
    Error::new(wire::codes::NO_SUCH_API, format!("there is no operation at path {path}"))
}

/// Operations at this path, but none with this method.
pub(crate) async fn wrong_method(method: http::Method, uri: Uri) -> Error {
    let path = crate::problems::quoted(uri.path());
    Error::new(wire::codes::WRONG_METHOD, format!("the operations at path {path} do not have method {method}"))
}
