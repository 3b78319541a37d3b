//! The initializer of an HTTP function: one POST to `/init` before the first request (`behaviour.md` 1.1).

use std::sync::Arc;

use http::{Method, Request, header};
use http_body_util::{BodyExt as _, Limited};
use model::Kind;

use super::{Failure, Instance};
use crate::connection;
use crate::headers::{self, Switch};
use crate::pool::Pool;

/// Bytes of an answer that are read; nobody looks at them.
const ANSWER_BYTES: usize = 64 * 1024;

/// Calls the initializer once. The caller limits the time.
pub(super) async fn call(pool: Arc<Pool>, instance: Arc<Instance>) -> Result<(), Failure> {
    let failed = |what: String| {
        let message = format!("function initialization failed: POST /init {what}");
        Failure::new(Kind::ExitedAtStart, message.clone()).message(message)
    };
    let socket = instance.connect().await.map_err(|error| failed(format!("could not connect: {error}")))?;
    let connection = connection::open(socket, &pool.site.tasks).await;
    let mut connection = connection.map_err(|error| failed(format!("could not be sent: {error}")))?;
    let mut request = Request::new(model::invoke::full("{}"));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = http::Uri::from_static("/init");
    request.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    headers::request(&mut request, &pool.stamp, &uuid::Uuid::new_v4().to_string(), Switch::Denied);
    let response =
        connection.send(request).await.map_err(|unsent| failed(format!("was not answered: {}", unsent.error())))?;
    let status = response.status();
    drop(Limited::new(response.into_body(), ANSWER_BYTES).collect().await);
    if status.is_success() { Ok(()) } else { Err(failed(format!("answered {status}"))) }
}
