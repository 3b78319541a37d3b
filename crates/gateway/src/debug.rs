//! An API called for a test: through the phases of any request, but looked up in a Snapshot of the caller's own, where an API may be
//! that is not published.

use std::sync::Arc;

use bytes::Bytes;
use http::{Request, Response};
use model::invoke;
use model::snapshot::Snapshot;

use crate::connection::Peer;
use crate::heads;
use crate::request::{self, Asked};
use crate::shared::Shared;

/// Calls APIs for tests.
#[derive(Clone, Debug)]
pub struct Debugger(Arc<Shared>);

impl Debugger {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self(shared)
    }

    /// The answer to a request of somebody on this host, who comes by https if it is `secure`. Whatever the gateway refuses is an
    /// answer, too. Calls are counted against the limits of policies as those of clients are.
    pub async fn call(self, snapshot: Snapshot, secure: bool, request: Request<Bytes>) -> Response<invoke::Body> {
        let peer = Arc::new(Peer::for_test(self.0, snapshot, secure));
        let asked = Asked { peer, upload: None, unread: false, websocket: false, http2: false, hints: None };
        let request = request.map(|body| if body.is_empty() { invoke::empty() } else { invoke::full(body) });
        let mut response = request::serve(asked, request).await.whole();
        heads::sent(&mut response);
        response.map(invoke::body)
    }
}
