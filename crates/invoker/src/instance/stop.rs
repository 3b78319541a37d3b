//! The end of a healthy instance: its pre-stop hook, if it has one, then SIGTERM.
//!
//! An HTTP function has no handler in a language that could be called, so the hook is what the vendor's engine calls in images
//! (`behaviour.md` 1.1): GET `/shutdown`, again every 5 s, until it is answered with success or 404, the server hangs up, or
//! `pre_stop_timeout` is over.

use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use http::{Method, StatusCode};
use tokio::time::{sleep, timeout};

use super::Instance;
use super::ask::ask;
use crate::pool::Pool;

/// How long until the hook is called again.
const AGAIN: Duration = Duration::from_secs(5);

/// How far the end of an instance is.
pub(super) enum Stop {
    /// Nobody asked for it.
    NotAsked,
    /// The hook is being called; it ends with what is to be said about that.
    Hook(BoxFuture<'static, Option<String>>),
    /// The process was asked to end, or is to be.
    Asked,
}

impl Stop {
    /// Begins with the hook, if there is one to be called. `healthy`: an instance that hangs or was given up is not asked.
    pub(super) fn begin(&mut self, pool: &Arc<Pool>, instance: &Arc<Instance>, healthy: bool) {
        if !matches!(self, Self::NotAsked) {
            return;
        }
        *self = match pool.version.config.pre_stop_timeout().filter(|_| healthy) {
            Some(within) => Self::Hook(hook(Arc::clone(pool), Arc::clone(instance), within).boxed()),
            None => Self::Asked,
        };
    }

    /// Whether the process is to be asked now.
    pub(super) fn is_due(&self) -> bool {
        matches!(self, Self::Asked)
    }

    /// Ready when the hook is done, with what is to be said about it; never without one.
    pub(super) async fn hooked(&mut self) -> Option<String> {
        let Self::Hook(hook) = self else { return std::future::pending().await };
        let said = hook.await;
        *self = Self::Asked;
        said
    }
}

async fn hook(pool: Arc<Pool>, instance: Arc<Instance>, within: Duration) -> Option<String> {
    let called = async {
        loop {
            match ask(&pool, &instance, (Method::GET, "/shutdown"), "").await {
                Ok(status) if status.is_success() => return None,
                Ok(StatusCode::NOT_FOUND) => return Some("pre-stop: GET /shutdown answered 404".to_owned()),
                Ok(_) => sleep(AGAIN).await,
                Err(why) => return Some(format!("pre-stop: GET /shutdown {why}")),
            }
        }
    };
    let late = || Some(format!("pre-stop: GET /shutdown took longer than {} s", within.as_secs()));
    timeout(within, called).await.unwrap_or_else(|_| late())
}
