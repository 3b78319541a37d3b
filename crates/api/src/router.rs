//! Which handler serves which operation.

use std::collections::{BTreeMap, HashSet};

use axum::Router;
use axum::handler::Handler;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{MethodFilter, MethodRouter, get, on};
use wire::Operation;

use crate::signature::{Gate, Policy};
use crate::state::State;
use crate::{actions, answer, apig, console, cts, fgs, funcd, iam, signature, unimplemented};

/// Every operation of the API over `state`.
pub fn router(state: State) -> Router {
    let mut routes = Routes::new(state.clone());
    fgs::routes(&mut routes);
    iam::routes(&mut routes);
    apig::routes(&mut routes);
    cts::routes(&mut routes);
    funcd::routes(&mut routes);
    let there = routes.operations.clone();
    unimplemented::routes(&mut routes);
    console::routes(routes.router)
        .route(wire::funcd::info::HEALTH.path, get(funcd::info::health))
        .route(wire::funcd::packages::DOWNLOAD.path, get(fgs::download))
        .route(wire::funcd::openapi::SHOW.path, funcd::openapi::show(there))
        .fallback(answer::no_such_path)
        .method_not_allowed_fallback(answer::wrong_method)
        .layer(from_fn(console::welcome))
        .layer(from_fn(answer::finish))
        .with_state(state)
}

/// Operations as they are registered.
#[derive(Debug)]
pub(crate) struct Routes {
    state: State,
    router: Router<State>,
    served: HashSet<(&'static str, String)>,
    /// In the order in which they were registered.
    operations: Vec<Operation>,
    /// The first spelling of each path: the specification calls the same parameter by two names, the router knows one.
    paths: BTreeMap<String, String>,
}

impl Routes {
    fn new(state: State) -> Self {
        Self { state, router: Router::new(), served: HashSet::new(), operations: Vec::new(), paths: BTreeMap::new() }
    }

    /// An operation with a small body.
    pub(crate) fn on<H, T>(&mut self, operation: Operation, handler: H) -> &mut Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        self.on_with(operation, Policy::small(&operation), handler)
    }

    /// An operation with limits of its own.
    pub(crate) fn on_with<H, T>(&mut self, operation: Operation, policy: Policy, handler: H) -> &mut Self
    where
        H: Handler<T, State>,
        T: 'static,
    {
        let Ok(filter) = method(operation.method) else {
            tracing::error!(operation = operation.id, method = operation.method, "api.method_unknown");
            return self;
        };
        let shape = shape(operation.path);
        if !self.served.insert((operation.method, shape.clone())) {
            return self;
        }
        self.operations.push(operation);
        let path = self.paths.entry(shape).or_insert_with(|| operation.path.to_owned()).clone();
        let Some(rule) = actions::of(operation.id) else {
            // A test walks them all; nobody may what has no row.
            tracing::error!(operation = operation.id, "api.operation_without_action");
            return self;
        };
        let gate = Gate { state: self.state.clone(), operation, policy, rule };
        let service: MethodRouter<State> = on(filter, handler).layer(from_fn_with_state(gate, signature::authenticate));
        self.router = std::mem::take(&mut self.router).route(&path, service);
        self
    }
}

fn method(name: &str) -> Result<MethodFilter, ()> {
    let method: http::Method = name.parse().map_err(|_| ())?;
    MethodFilter::try_from(method).map_err(|_| ())
}

/// A path without the names of its parameters.
fn shape(path: &str) -> String {
    let segment = |segment| if str::starts_with(segment, '{') { "{}" } else { segment };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}
