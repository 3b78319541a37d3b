//! The tree against an oracle that asks every route and sorts those that match.

use std::cmp::Reverse;
use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::apig::ApiRef;

#[derive(Clone, Debug)]
pub(crate) struct Given {
    pub(crate) path: String,
    pub(crate) method: Option<http::Method>,
    pub(crate) match_mode: MatchMode,
}

pub(crate) fn route(number: usize, given: &Given) -> Arc<Route> {
    Arc::new(Route {
        api: Arc::new(ApiRef { api_id: number.to_string(), ..ApiRef::default() }),
        path: given.path.clone(),
        match_mode: given.match_mode,
        method: given.method.clone(),
        auth: crate::snapshot::Auth::None,
        protocol: crate::apig::Protocol::Http,
        http2: false,
        timeout: Duration::from_secs(1),
        policies: None,
        definition: None,
        choice: None,
        latest: None,
    })
}

pub(crate) fn matches(route: &Route, method: &http::Method, path: &str) -> bool {
    if route.method.as_ref().is_some_and(|own| own != method) {
        return false;
    }
    let Some(inside) = path.strip_prefix('/') else { return false };
    let own: Vec<_> = path::parts(&route.path).collect();
    let asked: Vec<&str> = inside.split('/').collect();
    let fits = own.iter().zip(&asked).all(|(own, asked)| match own {
        Part::Literal(text) => text == asked,
        Part::Parameter(_) => !asked.is_empty(),
    });
    // What follows may be nothing, or one slash, for an exact route.
    let rest = asked.get(own.len()..);
    fits && match route.match_mode {
        MatchMode::Exact => matches!(rest, Some([] | [""])),
        MatchMode::Prefix => rest.is_some(),
    }
}

pub(crate) fn rank(route: &Route) -> (bool, Reverse<usize>, Vec<bool>, bool) {
    let prefix = route.match_mode == MatchMode::Prefix;
    let parts: Vec<bool> = path::parts(&route.path).map(|part| matches!(part, Part::Parameter(_))).collect();
    (prefix, Reverse(if prefix { parts.len() } else { 0 }), parts, route.method.is_none())
}

pub(crate) fn given() -> impl Strategy<Value = Given> {
    let part = prop_oneof![Just("a"), Just("b"), Just("ab"), Just("{x}")];
    let path = prop::collection::vec(part, 0..4);
    let method = prop_oneof![Just(None), Just(Some(http::Method::GET)), Just(Some(http::Method::POST))];
    let mode = prop_oneof![Just(MatchMode::Exact), Just(MatchMode::Prefix)];
    (path, method, mode).prop_map(|(parts, method, match_mode)| Given {
        path: format!("/{}", parts.join("/")),
        method,
        match_mode,
    })
}

pub(crate) fn asked() -> impl Strategy<Value = String> {
    let part = prop_oneof![Just("a"), Just("b"), Just("ab"), Just(""), Just("c"), Just("{x}")];
    prop_oneof![
        9 => prop::collection::vec(part, 0..6).prop_map(|parts| format!("/{}", parts.join("/"))),
        1 => Just("*".to_owned()),
        1 => Just(String::new()),
    ]
}

proptest! {
    #[test]
    fn the_tree_finds_what_the_slow_search_finds(
        mut routes in prop::collection::vec(given(), 0..24),
        paths in prop::collection::vec(asked(), 1..24),
    ) {
        // The store lets one place be claimed once.
        let mut seen = std::collections::HashSet::new();
        routes.retain(|given| seen.insert((given.path.clone(), given.method.clone(), given.match_mode)));
        let routes: Vec<_> = routes.iter().enumerate().map(|(number, given)| route(number, given)).collect();
        let mut table = Table::default();
        for route in &routes {
            table.insert(Arc::clone(route));
        }
        for path in paths {
            for method in [http::Method::GET, http::Method::PUT] {
                let expect = routes.iter().filter(|route| matches(route, &method, &path)).min_by_key(|route| rank(route));
                let found = table.find(&method, &path);
                prop_assert_eq!(
                    found.map(|route| &route.api.api_id),
                    expect.map(|route| &route.api.api_id),
                    "{} {}", method, path
                );
            }
        }
    }
}
