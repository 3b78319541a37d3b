//! The initializer of an HTTP function: one POST to `/init` before the first request (`behaviour.md` 1.1).

use std::future::poll_fn;
use std::sync::Arc;

use http::{Method, Request, header};
use http1::body::Piece;
use model::Kind;

use super::{Failure, Instance};
use crate::alarm::Alarm;
use crate::connection::Connection;
use crate::headers::{self, Switch};
use crate::pool::Pool;
use crate::upload::Upload;

/// Bytes of an answer that are read; nobody looks at them.
const ANSWER_BYTES: usize = 64 * 1024;

/// Calls the initializer once. The caller limits the time.
pub(super) async fn call(pool: Arc<Pool>, instance: Arc<Instance>) -> Result<(), Failure> {
    let failed = |what: String| {
        let message = format!("function initialization failed: POST /init {what}");
        Failure::new(Kind::ExitedAtStart, message.clone()).message(message)
    };
    let socket = instance.connect().await.map_err(|error| failed(format!("could not connect: {error}")))?;
    let (mut request, body) = Request::new(model::invoke::full("{}")).into_parts();
    request.method = Method::POST;
    request.uri = http::Uri::from_static("/init");
    request.headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    let mut upload = Upload::new(body, false);
    headers::request(&mut request, upload.is_chunked(), Switch::Denied);
    let mut connection = Connection::new(socket, Alarm::default());
    connection.begin(&request, &pool.stamp, &uuid::Uuid::new_v4().to_string(), &upload);
    let head = poll_fn(|cx| connection.poll_head(cx, &mut upload, None)).await;
    let status = head.map_err(|error| failed(format!("was not answered: {error}")))?.status;
    let mut left = ANSWER_BYTES;
    while let Ok(Piece::Data(bytes)) = poll_fn(|cx| connection.poll_piece(cx, &mut upload)).await
        && bytes.len() < left
    {
        left -= bytes.len();
    }
    if status.is_success() { Ok(()) } else { Err(failed(format!("answered {status}"))) }
}
