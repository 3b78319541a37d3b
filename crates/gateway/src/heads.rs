//! The heads of a request and of its answer, taken where the function's owner wants to see them ([`telemetry::Captures`]): the request's as
//! the client sent it, the answer's as it is sent to the client. Where nobody wants any, a request pays a load and a branch here, and a
//! branch where the answer's head is written.

use std::sync::Arc;

use http::header::{CONTENT_LENGTH, DATE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, response};
use http_body::Body as _;
use http1::body::Framing;
use http1::write;
use model::function::Version;
use model::heads::{Answered, Asked, Fields, Heads, Names};
use model::urn::FunctionId;

use crate::connection::Peer;
use crate::fields::{CFF_REQUEST_ID, REQUEST_ID};
use crate::reply;
use crate::shared::Shared;

/// What is taken of one request. It is kept when it is dropped, if the request was let in: those that are not have no record that one
/// could look at, and anybody can send as many of them as they like.
#[derive(Debug)]
pub(crate) struct Taken {
    shared: Arc<Shared>,
    function: FunctionId,
    names: Arc<Names>,
    admitted: bool,
    heads: Option<Heads>,
}

/// Takes a request's head, if somebody wants to see it. To be called before anything is taken out of it.
#[inline]
pub(crate) fn take<B>(peer: &Peer, version: &Version, id: &Arc<str>, request: &Request<B>) -> Option<Box<Taken>> {
    let names = peer.shared.captures.wanted(&version.function)?;
    Some(taken(peer, version, Arc::clone(id), request, names))
}

#[cold]
fn taken<B>(peer: &Peer, version: &Version, id: Arc<str>, request: &Request<B>, names: Arc<Names>) -> Box<Taken> {
    let uri = request.uri();
    let mut asked = Asked::new(request.method().as_str(), uri.path(), uri.query());
    for (name, value) in request.headers() {
        asked.fields.add(name.as_str(), value.as_bytes(), &names);
    }
    Box::new(Taken {
        shared: Arc::clone(&peer.shared),
        function: version.function.clone(),
        names,
        admitted: false,
        heads: Some(Heads { request_id: id, asked, answered: None }),
    })
}

impl Taken {
    /// The request goes to the function.
    pub(crate) fn admit(&mut self) {
        self.admitted = true;
    }

    /// The answer's head is sent, and framed like this.
    #[cold]
    fn answered(mut self: Box<Self>, status: StatusCode, headers: &HeaderMap, framing: Option<Framing>) {
        let mut fields = Fields::default();
        for (name, value) in headers {
            // The framing says both.
            if *name != CONTENT_LENGTH && *name != TRANSFER_ENCODING {
                fields.add(name.as_str(), value.as_bytes(), &self.names);
            }
        }
        match framing {
            Some(Framing::Length(length)) => {
                fields.add(CONTENT_LENGTH.as_str(), length.to_string().as_bytes(), &self.names);
            }
            Some(Framing::Chunked) => fields.add(TRANSFER_ENCODING.as_str(), b"chunked", &self.names),
            Some(Framing::ToClose) | None => {}
        }
        if let Some(heads) = &mut self.heads {
            heads.answered = Some(Answered { status: status.as_u16(), fields });
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(heads) = self.heads.take().filter(|_| self.admitted) {
            self.shared.captures.keep(&self.function, &self.names, heads);
        }
    }
}

/// The same for an answer whose head others write, who say date and length where that is not said: so it is said here.
pub(crate) fn sent(response: &mut Response<reply::Body>) {
    let Some(taken) = response.body_mut().heads.take() else { return };
    response.headers_mut().entry(DATE).or_insert_with(date);
    let said = response.headers().get(CONTENT_LENGTH).and_then(|length| http1::field::decimal(length.as_bytes()));
    let length = said.or_else(|| response.body().size_hint().exact().filter(|_| !response.body().is_end_stream()));
    taken.answered(response.status(), response.headers(), length.map(Framing::Length));
}

/// The same for an answer that was just written by HTTP/1, with what is written beside its fields.
#[cold]
pub(crate) fn written(taken: Box<Taken>, head: &mut response::Parts, id: &HeaderValue, framing: Option<Framing>) {
    head.headers.insert(REQUEST_ID, id.clone());
    head.headers.insert(CFF_REQUEST_ID, id.clone());
    head.headers.entry(DATE).or_insert_with(date);
    taken.answered(head.status, &head.headers, framing);
}

/// Now, as answers say it.
fn date() -> HeaderValue {
    let now = u64::try_from(model::time::now().as_second()).unwrap_or(0);
    HeaderValue::try_from(write::http_date(now)).unwrap_or_else(|_| HeaderValue::from_static(""))
}
