//! All that the data plane looks at, in one immutable value: which host, method and path leads to which version.
//!
//! The control plane builds a new [`Snapshot`] after each committed change and swaps it in; readers never lock.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::alias::Choice;
use crate::apig::policies::{Book, Bound};
use crate::apig::responses::Templates;
use crate::apig::{ApiRef, Definition, Protocol, Published};
use crate::function::{Function, Version};
use crate::reserve::Reserve;
use crate::trigger::{Group, MatchMode};
use crate::urn::{FunctionId, Qualifier};

mod callers;
mod challenges;
mod domains;
mod policies;
mod site;
mod table;

pub use callers::{Auth, Callers, Fingerprint};
pub use challenges::Challenges;
pub use domains::{Certificate, Domain, Domains};
pub use policies::Policies;
use site::Site;

/// The state of the control plane at one generation.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// Grows with every committed change.
    pub generation: u64,
    functions: HashMap<FunctionId, Arc<Function>>,
    hosts: HashMap<String, Arc<Site>>,
    /// Of custom domains, by what follows `*.`.
    wildcards: HashMap<String, Arc<Site>>,
    default_host: Arc<Site>,
    reserves: Vec<Reserve>,
    domains: Arc<Domains>,
    policies: Arc<Book>,
    /// Responses of groups, by host; the bare address is empty.
    responses: HashMap<String, Arc<Templates>>,
    callers: Arc<Callers>,
}

/// One published API, with the version or alias it calls already resolved.
#[derive(Debug)]
pub struct Route {
    /// Whose it is.
    pub api: Arc<ApiRef>,
    /// The path, without a trailing slash unless it is `/`; parameters are in braces.
    pub path: String,
    /// Exact or prefix.
    pub match_mode: MatchMode,
    /// `None` is any method.
    pub method: Option<http::Method>,
    /// Who may call it.
    pub auth: Auth,
    /// How clients call it.
    pub protocol: Protocol,
    /// Whether the function speaks HTTP/2.
    pub http2: bool,
    /// How long the back end may take.
    pub timeout: Duration,
    /// What is checked of its requests, and added to them; mostly nothing.
    pub definition: Option<Arc<Definition>>,
    /// What it calls; `None` while there is no such function, version or alias.
    pub choice: Option<Choice>,
    /// The latest version of the function, while there is that: whose owner is told what is refused, also where the version or alias
    /// that is called is gone.
    pub latest: Option<Arc<Version>>,
    /// What applies to its calls; mostly nothing.
    pub policies: Option<Arc<Policies>>,
}

impl Snapshot {
    /// Puts functions, groups and what is published together. An API whose group is missing is left out.
    pub fn build(generation: u64, functions: Vec<Arc<Function>>, groups: &[Group], published: &[Published]) -> Self {
        Self::build_with(generation, functions, groups, published, Arc::default())
    }

    /// The same, with the policies that are bound to what is published.
    pub fn build_with(
        generation: u64,
        functions: Vec<Arc<Function>>,
        groups: &[Group],
        published: &[Published],
        policies: Arc<Book>,
    ) -> Self {
        let mut bound = policies.apply();
        let functions: HashMap<_, _> = functions.into_iter().map(|function| (function.id.clone(), function)).collect();
        let mut snapshot = Self { generation, functions, policies, ..Self::default() };
        let groups: HashMap<(&str, &str), &Group> =
            groups.iter().map(|group| ((group.project.as_str(), group.id.as_str()), group)).collect();
        // A group's own host is the group's also while it has no API: neither a wildcard's nor the bare address.
        let hosts = groups.values().filter_map(|group| group.domain.as_deref());
        let mut sites: HashMap<&str, Site> = hosts.map(|host| (host, Site::default())).collect();
        for published in published {
            let Some(group) = groups.get(&(published.api.project.as_str(), published.api.group_id.as_str())) else {
                continue;
            };
            let site = sites.entry(group.domain.as_deref().unwrap_or_default()).or_default();
            site.insert(&published.api.env_name, Arc::new(snapshot.route_of(published, &mut bound)));
        }
        snapshot.responses = bound.hosts(groups.values().copied());
        snapshot.default_host = Arc::new(sites.remove("").unwrap_or_default());
        snapshot.hosts = sites.into_iter().map(|(domain, site)| (domain.to_owned(), Arc::new(site))).collect();
        snapshot
    }

    /// With the instances that are kept.
    pub fn with_reserves(self, reserves: Vec<Reserve>) -> Self {
        Self { reserves, ..self }
    }

    /// With custom domains, where the groups that have them answer too.
    pub fn with_domains(mut self, domains: Arc<Domains>) -> Self {
        for domain in domains.iter() {
            let site = match &domain.host {
                Some(host) => self.hosts.get(host).cloned().unwrap_or_default(),
                // The bare address is everybody's; the domain is not.
                None => Arc::new(self.default_host.of_project(&domain.project)),
            };
            match domain.name.strip_prefix("*.") {
                Some(parent) => self.wildcards.insert(parent.to_owned(), site),
                None => self.hosts.insert(domain.name.clone(), site),
            };
        }
        for host in domains.closed() {
            self.hosts.insert(host.clone(), Arc::default());
        }
        Self { domains, ..self }
    }

    /// The custom domains.
    pub fn domains(&self) -> &Arc<Domains> {
        &self.domains
    }

    /// With who may call what is not open.
    pub fn with_callers(self, callers: Arc<Callers>) -> Self {
        Self { callers, ..self }
    }

    /// Who may call what is not open.
    pub fn callers(&self) -> &Arc<Callers> {
        &self.callers
    }

    /// The instances that are kept, by version and alias.
    pub fn reserves(&self) -> &[Reserve] {
        &self.reserves
    }

    fn route_of(&self, published: &Published, bound: &mut Bound) -> Route {
        let definition = &published.definition;
        let function = self.functions.get(&published.function);
        let trimmed = published.path.trim_end_matches('/');
        Route {
            api: Arc::clone(&published.api),
            path: if trimmed.is_empty() { "/".to_owned() } else { trimmed.to_owned() },
            match_mode: definition.match_mode,
            method: definition.method.as_deref().and_then(|method| method.parse().ok()),
            auth: Auth::of(definition),
            protocol: definition.protocol(),
            http2: definition.http2,
            timeout: Duration::from_millis(u64::from(definition.timeout_ms)),
            policies: bound.of(&published.api, definition.response_id.as_deref()),
            definition: (!definition.is_plain()).then(|| Arc::clone(definition)),
            latest: function.map(|function| Arc::clone(&function.latest)),
            choice: function.and_then(|function| function.choice(&definition.qualifier())),
        }
    }

    /// Every policy there is.
    pub fn policies(&self) -> &Arc<Book> {
        &self.policies
    }

    /// What a client gets in place of the gateway's errors at a host (no port) where no API answers.
    pub fn responses(&self, host: &str) -> Option<&Arc<Templates>> {
        if self.responses.is_empty() {
            return None;
        }
        let mut host = host.to_ascii_lowercase();
        if let Some(domain) = self.domains.find(&host) {
            host = domain.host.clone()?;
        }
        match self.hosts.contains_key(&host) || host.ends_with(".localhost") {
            true => self.responses.get(&host),
            false => self.responses.get(""),
        }
    }

    /// Whether a host (no port) is the one that a group got with its name, and no domain that was bound to it.
    pub fn is_subdomain(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        self.hosts.contains_key(&host) && self.domains.find(&host).is_none()
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

    /// The API that answers `method` and `path` at `host` (no port; letters of either case) in the environment RELEASE. Which one that
    /// is of several: exact before prefix, longer before shorter, a literal part before a parameter, a named method before any.
    pub fn route(&self, host: &str, method: &http::Method, path: &str) -> Option<&Arc<Route>> {
        self.route_in(host, None, method, path)
    }

    /// The same in the environment with this name (`X-Stage`); without one, in RELEASE.
    pub fn route_in(&self, host: &str, stage: Option<&str>, method: &http::Method, path: &str) -> Option<&Arc<Route>> {
        self.site(host).find(stage, method, path)
    }

    fn site(&self, host: &str) -> &Site {
        if let Some(site) = self.hosts.get(host) {
            return site;
        }
        if host.bytes().any(|b| b.is_ascii_uppercase()) {
            let own = host.to_ascii_lowercase();
            return self.hosts.get(&own).map_or_else(|| self.unknown_host(&own), AsRef::as_ref);
        }
        self.unknown_host(host)
    }

    /// A wildcard's, if there is one for the host. A host nobody has a group for is the gateway's bare address, except below `.localhost`, where a wrong name
    /// must not reach another function.
    fn unknown_host(&self, host: &str) -> &Site {
        static NONE: LazyLock<Site> = LazyLock::new(Site::default);
        if !self.wildcards.is_empty()
            && let Some((_, parent)) = host.split_once('.')
            && let Some(site) = self.wildcards.get(parent)
        {
            return site;
        }
        if host.ends_with(".localhost") { &NONE } else { &self.default_host }
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
