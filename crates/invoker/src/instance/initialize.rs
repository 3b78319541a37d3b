//! The initializer of an HTTP function: one POST to `/init` before the first request (`behaviour.md` 1.1).

use std::sync::Arc;

use http::Method;
use model::Kind;

use super::ask::ask;
use super::{Failure, Instance};
use crate::pool::Pool;

/// Calls the initializer once. The caller limits the time.
pub(super) async fn call(pool: Arc<Pool>, instance: Arc<Instance>) -> Result<(), Failure> {
    let failed = |what: String| {
        let message = format!("function initialization failed: POST /init {what}");
        Failure::new(Kind::ExitedAtStart, message.clone()).message(message)
    };
    let status = ask(&pool, &instance, (Method::POST, "/init"), "{}").await.map_err(failed)?;
    if status.is_success() { Ok(()) } else { Err(failed(format!("answered {status}"))) }
}
