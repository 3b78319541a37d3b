//! All that the data plane looks at, in one immutable value: which host, method and path leads to which version.
//!
//! The control plane builds a new [`Snapshot`] after each committed change and swaps it in; readers never lock.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::alias::Choice;
use crate::function::{Function, Version};
use crate::reserve::Reserve;
use crate::trigger::{Auth, Group, MatchMode, Trigger};
use crate::urn::{FunctionId, Qualifier};

mod policies;

pub use policies::Policies;

/// The state of the control plane at one generation.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Grows with every committed change.
    pub generation: u64,
    functions: HashMap<FunctionId, Arc<Function>>,
    hosts: HashMap<String, Vec<Route>>,
    default_host: Vec<Route>,
    reserves: Vec<Reserve>,
}

/// One published API, with the version or alias it calls already resolved.
#[derive(Debug)]
pub struct Route {
    /// The path, without a trailing slash unless it is `/`.
    pub path: String,
    /// Exact or prefix.
    pub match_mode: MatchMode,
    /// `None` is any method.
    pub method: Option<http::Method>,
    /// Who may call it.
    pub auth: Auth,
    /// How long the back end may take.
    pub timeout: Duration,
    /// What it calls.
    pub choice: Choice,
    /// The trigger that made it.
    pub trigger_id: String,
    /// What applies to its calls; mostly nothing.
    pub policies: Option<Arc<Policies>>,
}

impl Snapshot {
    /// Puts functions, groups and triggers together. A trigger whose function or group is missing is left out.
    pub fn build(generation: u64, functions: Vec<Arc<Function>>, groups: &[Group], triggers: &[Trigger]) -> Self {
        let functions: HashMap<_, _> = functions.into_iter().map(|function| (function.id.clone(), function)).collect();
        let mut snapshot = Self { generation, functions, ..Self::default() };
        let groups: HashMap<(&str, &str), &Group> =
            groups.iter().map(|group| ((group.project.as_str(), group.id.as_str()), group)).collect();
        for trigger in triggers {
            let Some(group) = groups.get(&(trigger.function.project.as_str(), trigger.api.group_id.as_str())) else {
                continue;
            };
            let Some(route) = snapshot.route_of(trigger) else { continue };
            match &group.domain {
                None => snapshot.default_host.push(route),
                Some(domain) => snapshot.hosts.entry(domain.clone()).or_default().push(route),
            }
        }
        snapshot.default_host.sort_by_key(Route::rank);
        for routes in snapshot.hosts.values_mut() {
            routes.sort_by_key(Route::rank);
        }
        snapshot
    }

    /// With the instances that are kept.
    pub fn with_reserves(self, reserves: Vec<Reserve>) -> Self {
        Self { reserves, ..self }
    }

    /// The instances that are kept, by version and alias.
    pub fn reserves(&self) -> &[Reserve] {
        &self.reserves
    }

    fn route_of(&self, trigger: &Trigger) -> Option<Route> {
        let choice = self.functions.get(&trigger.function)?.choice(&trigger.qualifier)?;
        let trimmed = trigger.api.path.trim_end_matches('/');
        Some(Route {
            path: if trimmed.is_empty() { "/".to_owned() } else { trimmed.to_owned() },
            match_mode: trigger.api.match_mode,
            method: trigger.api.method.as_deref().and_then(|method| method.parse().ok()),
            auth: trigger.api.auth,
            timeout: Duration::from_millis(u64::from(trigger.api.timeout_ms)),
            choice,
            trigger_id: trigger.id.clone(),
            policies: None,
        })
    }

    /// The version a qualifier stands for now; of an alias the main one. A request goes where [`Route::choice`] says.
    pub fn resolve(&self, function: &FunctionId, qualifier: &Qualifier) -> Option<Arc<Version>> {
        self.functions.get(function)?.version(qualifier).cloned()
    }

    /// A function by its name.
    pub fn function(&self, id: &FunctionId) -> Option<&Arc<Function>> {
        self.functions.get(id)
    }

    /// All functions, in no order.
    pub fn functions(&self) -> impl Iterator<Item = &Arc<Function>> {
        self.functions.values()
    }

    /// The API that answers `method` and `path` at `host` (no port; letters of either case), the most specific first:
    /// exact before prefix, longer before shorter, a named method before any.
    pub fn route(&self, host: &str, method: &http::Method, path: &str) -> Option<&Route> {
        let own;
        let routes = match self.hosts.get(host) {
            Some(routes) => routes,
            None if host.bytes().any(|b| b.is_ascii_uppercase()) => {
                own = host.to_ascii_lowercase();
                self.hosts.get(&own).unwrap_or_else(|| self.unknown_host(&own))
            }
            None => self.unknown_host(host),
        };
        routes.iter().find(|route| route.matches(method, path))
    }

    /// A host nobody has a group for is the gateway's bare address, except below `.localhost`, where a wrong name
    /// must not reach another function.
    fn unknown_host(&self, host: &str) -> &Vec<Route> {
        static NONE: Vec<Route> = Vec::new();
        if host.ends_with(".localhost") { &NONE } else { &self.default_host }
    }
}

impl Route {
    fn matches(&self, method: &http::Method, path: &str) -> bool {
        if self.method.as_ref().is_some_and(|own| own != method) {
            return false;
        }
        match path.strip_prefix(self.path.as_str()) {
            Some("" | "/") => true,
            Some(rest) => self.match_mode == MatchMode::Prefix && (self.path == "/" || rest.starts_with('/')),
            None => false,
        }
    }

    fn rank(&self) -> (bool, std::cmp::Reverse<usize>, bool) {
        (self.match_mode == MatchMode::Prefix, std::cmp::Reverse(self.path.len()), self.method.is_none())
    }
}

/// The current [`Snapshot`], shared by everybody who looks.
#[derive(Debug, Default)]
pub struct Snapshots(ArcSwap<Snapshot>);

impl Snapshots {
    /// The state now; cheap, never blocks.
    pub fn load(&self) -> arc_swap::Guard<Arc<Snapshot>> {
        self.0.load()
    }

    /// Swaps a newer state in.
    pub fn publish(&self, snapshot: Snapshot) {
        self.0.store(Arc::new(snapshot));
    }
}

#[cfg(test)]
mod tests;
