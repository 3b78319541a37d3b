//! The policies of an API as they go along with one of its requests: from the phase that finds them to the answer that shows them.

use std::sync::Arc;

use http::header::ORIGIN;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use model::apig::ApiRef;
use model::apig::plugins::Seen;
use model::apig::responses::{self, Template, Templates};
use model::snapshot::{Policies, Route};

use crate::access_list;
use crate::caller::Caller;
use crate::connection::Peer;
use crate::failure::Failure;
use crate::throttle::{self, Remains};

/// Asks what is left of each limit (`debug`).
const MODE: HeaderName = HeaderName::from_static("x-apig-mode");

/// What applies to a request of an API that has policies.
#[derive(Debug)]
pub(crate) struct Applied {
    policies: Arc<Policies>,
    /// Whose they are.
    api: Arc<ApiRef>,
    /// The page that the request comes from, where somebody wants to know.
    origin: Option<HeaderValue>,
    /// What is left of each limit, where the client wants to know.
    remains: Option<Remains>,
    /// What templates may refer to, where there are any.
    facts: Option<Facts>,
}

/// What variables of templates stand for (`$context.`).
#[derive(Debug)]
struct Facts {
    method: http::Method,
    uri: http::Uri,
    source: String,
    app: Option<(Arc<str>, Arc<str>)>,
}

impl Facts {
    fn new<B>(peer: &Peer, request: &Request<B>) -> Self {
        let source = peer.client.address.to_string();
        Self { method: request.method().clone(), uri: request.uri().clone(), source, app: None }
    }
}

impl Applied {
    /// Looks at a request whose route has policies.
    pub(crate) fn begin<B>(route: &Route, peer: &Peer, request: &Request<B>) -> Option<Box<Self>> {
        let policies = Arc::clone(route.policies.as_ref()?);
        let headers = request.headers();
        let wanted = headers.get(MODE).is_some_and(|mode| mode.as_bytes().eq_ignore_ascii_case(b"debug"));
        let origin = policies.cors.as_ref().and_then(|_| headers.get(ORIGIN).cloned());
        let api = Arc::clone(&route.api);
        let facts = policies.responses.as_ref().map(|_| Facts::new(peer, request));
        Some(Box::new(Self { policies, api, origin, remains: wanted.then(Vec::new), facts }))
    }

    /// Looks at a request that no API answers, at a host whose group has responses of its own.
    pub(crate) fn of_host<B>(responses: Arc<Templates>, peer: &Peer, request: &Request<B>) -> Box<Self> {
        let policies = Arc::new(Policies { responses: Some(responses), ..Policies::default() });
        let facts = Some(Facts::new(peer, request));
        Box::new(Self { policies, api: Arc::default(), origin: None, remains: None, facts })
    }

    /// Lets the request pass by where it comes from.
    pub(crate) fn admit(&self, peer: &Peer) -> Result<(), Failure> {
        access_list::admit_address(&self.policies.access, peer.client.address)
    }

    /// Lets the request pass by who sent it, and counts it against the limits that it falls under.
    pub(crate) fn throttle<B>(&mut self, peer: &Peer, caller: &Caller, request: &Request<B>) -> Result<(), Failure> {
        if let Some(facts) = &mut self.facts {
            facts.app = caller.app.as_ref().map(|app| (Arc::clone(&app.id), Arc::clone(&app.name)));
        }
        access_list::admit_account(&self.policies.access, caller)?;
        match &self.policies.throttle {
            Some(limits) => {
                let (method, uri, headers) = (request.method(), request.uri(), request.headers());
                let seen = Seen { method, uri, headers, source: peer.client.address, api: &self.api };
                throttle::admit(&peer.shared.windows, limits, (caller, seen), self.remains.as_mut())
            }
            None => Ok(()),
        }
    }

    /// The API; one without an id is none.
    pub(crate) fn api(&self) -> Option<&Arc<ApiRef>> {
        Some(&self.api).filter(|api| !api.api_id.is_empty())
    }

    /// What the group answers in place of a failure.
    pub(crate) fn instead(&self, failure: &Failure, request_id: &str) -> Option<Instead> {
        let template = self.policies.responses.as_ref()?.of(failure.kind(), failure.status)?;
        let facts = self.facts.as_ref()?;
        let value = |name: &str| facts.value(name, &self.api, failure, request_id);
        Some(fill(template, value))
    }

    /// Adds what the policies say to the head of an answer, whoever made it.
    pub(crate) fn stamp(self, headers: &mut HeaderMap) {
        if let Some(changes) = &self.policies.headers {
            changes.apply(headers);
        }
        if let Some(cors) = &self.policies.cors {
            cors.stamp(self.origin.as_ref(), headers);
        }
        for (name, value) in self.remains.into_iter().flatten() {
            headers.insert(name, value);
        }
    }
}

/// An answer that a group has written for a failure.
#[derive(Debug)]
pub(crate) struct Instead {
    /// None is the failure's own.
    pub(crate) status: Option<http::StatusCode>,
    pub(crate) body: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

fn fill(template: &Template, value: impl Fn(&str) -> Option<String> + Copy) -> Instead {
    let header = |(name, parts): &(HeaderName, Vec<responses::Part>)| {
        Some((name.clone(), responses::header_value(parts, value)?))
    };
    Instead {
        status: template.status,
        body: responses::fill(&template.body, true, value),
        headers: template.headers.iter().filter_map(header).collect(),
    }
}

impl Facts {
    fn value(&self, name: &str, api: &ApiRef, failure: &Failure, request_id: &str) -> Option<String> {
        let text = match name {
            "apiId" => &api.api_id,
            "apiName" => &api.name,
            "appId" => &*self.app.as_ref()?.0,
            "appName" => &*self.app.as_ref()?.1,
            "requestId" => request_id,
            "stage" => &api.env_name,
            "sourceIp" => &self.source,
            "reqPath" => self.uri.path(),
            "reqUri" => self.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str),
            "reqMethod" => self.method.as_str(),
            "error.message" => &failure.message,
            "error.code" => failure.code,
            "error.type" => failure.kind(),
            _ => return None,
        };
        Some(text.to_owned())
    }
}
