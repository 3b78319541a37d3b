//! A request of our own to the user's server: a hook of the instance's life.

use std::future::poll_fn;

use http::{HeaderValue, Method, Request, StatusCode, Uri, header};
use http1::body::Piece;

use super::Instance;
use crate::alarm::Alarm;
use crate::connection::Connection;
use crate::headers::{self, Switch};
use crate::pool::Pool;
use crate::upload::Upload;

/// Bytes of an answer that are read; nobody looks at them.
const ANSWER_BYTES: usize = 64 * 1024;

/// Sends one request and reads its answer; why there is none, in words for the owner. The caller limits the time.
pub(super) async fn ask(
    pool: &Pool,
    instance: &Instance,
    (method, path): (Method, &'static str),
    body: &'static str,
) -> Result<StatusCode, String> {
    let socket = instance.connect().await.map_err(|error| format!("could not connect: {error}"))?;
    let body = if body.is_empty() { model::invoke::empty() } else { model::invoke::full(body) };
    let (mut request, body) = Request::new(body).into_parts();
    request.method = method;
    request.uri = Uri::from_static(path);
    let mut upload = Upload::new(body, false);
    if !upload.is_empty() {
        request.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    headers::request(&mut request, upload.is_chunked(), Switch::Denied);
    let mut connection = Connection::new(socket, Alarm::default());
    connection.begin(&request, &pool.stamp, &uuid::Uuid::new_v4().to_string(), &upload);
    let head = poll_fn(|cx| connection.poll_head(cx, &mut upload, None)).await;
    let status = head.map_err(|error| format!("was not answered: {error}"))?.status;
    let mut left = ANSWER_BYTES;
    while let Ok(Piece::Data(bytes)) = poll_fn(|cx| connection.poll_piece(cx, &mut upload)).await
        && bytes.len() < left
    {
        left -= bytes.len();
    }
    Ok(status)
}
