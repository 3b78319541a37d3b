//! Hosts and environments against an oracle that asks of every API whether it answers a request, and sorts those that do.

use std::collections::HashSet;

use proptest::prelude::*;

use super::*;
use crate::snapshot::table::tests::{Given, asked, given, matches, rank, route};
use crate::trigger::RELEASE_ENV;

/// (id, project, its own host): two projects share the bare address, and each has groups of its own.
const GROUPS: [(&str, &str, Option<&str>); 5] = [
    ("bare-p", "p", None),
    ("bare-q", "q", None),
    ("one", "p", Some("one.localhost")),
    ("two", "p", Some("two.example")),
    ("three", "q", Some("three.example")),
];

/// Names that may be bound to groups.
const NAMES: [&str; 7] = [
    "shop.example",
    "*.shop.example",
    "x.shop.example",
    "*.example",
    "*.localhost",
    "deep.x.shop.example",
    "*.x.shop.example",
];

const STAGES: [&str; 3] = [RELEASE_ENV, "test", "prod"];

const HOSTS: [&str; 17] = [
    "one.localhost",
    "ONE.Localhost",
    "two.example",
    "three.example",
    "Three.Example",
    "shop.example",
    "x.shop.example",
    "y.shop.example",
    "Y.Shop.Example",
    "deep.x.shop.example",
    "other.x.shop.example",
    "a.y.shop.example",
    "else.example",
    "nobody.localhost",
    "a.nobody.localhost",
    "127.0.0.1",
    "",
];

/// An API of a group in an environment.
#[derive(Clone, Debug)]
struct Api {
    group: usize,
    stage: usize,
    given: Given,
}

/// What is bound: a group for each name, if any; and the hosts of groups that only their names answer for.
#[derive(Clone, Debug)]
struct Bound {
    names: [Option<usize>; NAMES.len()],
    closed: HashSet<usize>,
}

impl Bound {
    fn of(&self, name: &str) -> Option<usize> {
        NAMES.iter().position(|own| *own == name).and_then(|place| self.names[place])
    }

    /// Whether the APIs of a group answer at a host: it is a name bound to the group, or the group's own, or covered by a wildcard that is
    /// bound to it; else it is the bare address, which all groups without a host share.
    fn answers(&self, group: usize, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let own = |place: usize| GROUPS[place].2;
        // A name of the default group is its project's alone.
        if let Some(bound) = self.of(&host) {
            return bound == group;
        }
        if let Some(named) = (0..GROUPS.len()).find(|place| own(*place) == Some(host.as_str())) {
            return named == group && !self.closed.contains(&group);
        }
        let wildcard = host.split_once('.').and_then(|(_, parent)| self.of(&format!("*.{parent}")));
        if let Some(bound) = wildcard {
            return bound == group;
        }
        own(group).is_none() && !host.ends_with(".localhost")
    }
}

fn snapshot(apis: &[Api], bound: &Bound) -> Snapshot {
    let group = |(id, project, host): (&str, &str, Option<&str>)| Group {
        id: id.into(),
        project: project.into(),
        name: id.into(),
        domain: host.map(str::to_owned),
    };
    let web = function("web");
    let published: Vec<_> = apis
        .iter()
        .enumerate()
        .map(|(number, api)| {
            let (id, project, _) = GROUPS[api.group];
            let Given { path, method, match_mode } = &api.given;
            let method = method.as_ref().map(|method| method.to_string());
            let definition = Definition { method, match_mode: *match_mode, ..Definition::new(&web.id, id, path) };
            let mut published = Published::in_release(&number.to_string(), &web.id, definition);
            let api_ref = Arc::make_mut(&mut published.api);
            (api_ref.project, api_ref.env_name) = (project.to_owned(), STAGES[api.stage].to_owned());
            published
        })
        .collect();
    let domain = |(name, group): (&str, usize)| {
        let (id, project, host) = GROUPS[group];
        let (name, project, group_id) = (name.to_owned(), project.to_owned(), id.to_owned());
        Arc::new(Domain { name, project, group_id, host: host.map(str::to_owned), redirect: false, certificate: None })
    };
    let names = NAMES.into_iter().zip(bound.names).filter_map(|(name, group)| Some((name, group?)));
    let closed = bound.closed.iter().filter_map(|place| GROUPS[*place].2).map(str::to_owned).collect();
    let domains = names.map(domain).collect::<Domains>().with_closed(closed);
    Snapshot::build(1, vec![web], &GROUPS.map(group), &published).with_domains(Arc::new(domains))
}

fn apis() -> impl Strategy<Value = Vec<Api>> {
    let api = (0..GROUPS.len(), 0..STAGES.len(), given()).prop_map(|(group, stage, given)| Api { group, stage, given });
    prop::collection::vec(api, 0..32)
}

fn bound() -> impl Strategy<Value = Bound> {
    let names = prop::array::uniform7(prop::option::of(0..GROUPS.len()));
    let closed = prop::collection::hash_set(2..GROUPS.len(), 0..3);
    (names, closed).prop_map(|(names, closed)| Bound { names, closed })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]
    #[test]
    fn at_every_host_and_in_every_environment_the_api_answers_that_the_slow_search_finds(
        mut apis in apis(),
        bound in bound(),
        paths in prop::collection::vec(asked(), 1..6),
    ) {
        // The store lets one place at a host be claimed once in an environment.
        let mut seen = HashSet::new();
        apis.retain(|Api { group, stage, given }| {
            seen.insert((GROUPS[*group].2, *stage, given.path.clone(), given.method.clone(), given.match_mode))
        });
        let snapshot = snapshot(&apis, &bound);
        let routes: Vec<_> = apis.iter().enumerate().map(|(number, api)| route(number, &api.given)).collect();
        let stages = [None, Some("RELEASE"), Some("test"), Some("prod"), Some("nobody"), Some("release")];
        for (host, stage) in HOSTS.into_iter().flat_map(|host| stages.map(|stage| (host, stage))) {
            for (path, method) in paths.iter().flat_map(|path| [(path, http::Method::GET), (path, http::Method::PUT)]) {
                let expect = apis
                    .iter()
                    .zip(&routes)
                    .filter(|(api, _)| bound.answers(api.group, host) && STAGES[api.stage] == stage.unwrap_or(RELEASE_ENV))
                    .map(|(_, route)| route)
                    .filter(|route| matches(route, &method, path))
                    .min_by_key(|route| rank(route));
                let found = snapshot.route_in(host, stage, &method, path);
                prop_assert_eq!(
                    found.map(|route| &route.api.api_id),
                    expect.map(|route| &route.api.api_id),
                    "{} {} at {:?} in {:?}, bound {:?}", method, path, host, stage, bound
                );
            }
        }
    }
}
