//! Every policy there is, and what is bound to which published API.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;

use super::ApiRef;
use super::acls::{self, AccessList};
use super::plugins::{Content, Plugin};
use super::responses::{Responses, Templates};
use super::throttles::{self, Special, Throttle};
use crate::snapshot::Policies;
use crate::trigger::Group;

/// What a binding binds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A throttling policy: one for an API in an environment.
    Throttle,
    /// An access control policy: one of each entity type.
    Acl,
    /// A plug-in: one of each type.
    Plugin,
}

impl Kind {
    /// As it is stored.
    pub fn code(self) -> &'static str {
        match self {
            Self::Throttle => "throttle",
            Self::Acl => "acl",
            Self::Plugin => "plugin",
        }
    }

    /// From its stored form.
    pub fn of(code: &str) -> Option<Self> {
        [Self::Throttle, Self::Acl, Self::Plugin].into_iter().find(|own| own.code() == code)
    }
}

/// A policy at an API in an environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// 32 hexadecimal digits.
    pub id: String,
    /// What `policy_id` names.
    pub kind: Kind,
    /// The policy.
    pub policy_id: String,
    /// The API.
    pub api_id: String,
    /// The environment.
    pub env_id: String,
    /// When it was bound.
    pub created: Timestamp,
}

/// All of it, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Book {
    /// Throttling policies.
    pub throttles: BTreeMap<String, throttles::Policy>,
    /// Limits of single apps and users.
    pub specials: BTreeMap<String, Special>,
    /// Access control policies.
    pub acls: BTreeMap<String, acls::Policy>,
    /// Plug-ins.
    pub plugins: BTreeMap<String, Plugin>,
    /// Responses of groups.
    pub responses: BTreeMap<String, Responses>,
    /// What is bound where.
    pub bindings: BTreeMap<String, Binding>,
}

/// What applies to published APIs, looked up as routes are made.
#[derive(Debug, Default)]
pub struct Bound {
    apis: HashMap<(String, String), Policies>,
    groups: HashMap<(String, String), Arc<Templates>>,
    /// Responses that APIs may choose, by id, with the project and the group whose they are.
    chosen: HashMap<String, ((String, String), Arc<Templates>)>,
}

impl Book {
    /// The bindings of one kind, oldest first.
    pub fn bound(&self, kind: Kind) -> Vec<&Binding> {
        let mut found: Vec<_> = self.bindings.values().filter(|binding| binding.kind == kind).collect();
        found.sort_by(|a, b| (a.created, &a.id).cmp(&(b.created, &b.id)));
        found
    }

    /// How many APIs a policy is bound to.
    pub fn count(&self, kind: Kind, policy_id: &str) -> usize {
        self.bindings.values().filter(|binding| binding.kind == kind && binding.policy_id == policy_id).count()
    }

    /// The limits of single apps and users of one policy, oldest first.
    pub fn specials_of(&self, throttle_id: &str) -> Vec<&Special> {
        let mut found: Vec<_> = self.specials.values().filter(|special| special.throttle_id == throttle_id).collect();
        found.sort_by(|a, b| (a.applied, &a.id).cmp(&(b.applied, &b.id)));
        found
    }

    /// As routes want it.
    pub fn apply(&self) -> Bound {
        let mut bound = Bound::default();
        let mut bindings: Vec<_> = self.bindings.values().collect();
        // A rate limit takes the place of a throttling policy, so it comes last.
        bindings.sort_by_key(|binding| binding.kind == Kind::Plugin);
        for binding in bindings {
            let policies = bound.apis.entry((binding.api_id.clone(), binding.env_id.clone())).or_default();
            self.add(binding, policies);
        }
        for responses in self.responses.values() {
            let templates = Arc::new(Templates::new(responses));
            let group = (responses.project.clone(), responses.group_id.clone());
            if !responses.default {
                bound.chosen.insert(responses.id.clone(), (group, templates));
            } else if !templates.is_empty() {
                bound.groups.insert(group, templates);
            }
        }
        bound
    }

    fn add(&self, binding: &Binding, policies: &mut Policies) {
        let Binding { kind, policy_id, api_id, env_id, .. } = binding;
        match kind {
            Kind::Throttle => {
                let specials: Vec<Special> = self.specials_of(policy_id).into_iter().cloned().collect();
                let policy = self.throttles.get(policy_id);
                policies.throttle = policy.map(|policy| Throttle::new(policy, &specials, api_id, env_id));
            }
            Kind::Acl => policies.access.extend(self.acls.get(policy_id).map(AccessList::new)),
            Kind::Plugin => match self.plugins.get(policy_id).map(|plugin| Content::read(plugin.kind, &plugin.content))
            {
                Some(Ok(Content::Cors(cors))) => policies.cors = Some(cors),
                Some(Ok(Content::SetRespHeaders(headers))) => policies.headers = Some(headers),
                Some(Ok(Content::RateLimit(limit))) => {
                    policies.throttle = Some(limit.throttle(policy_id, api_id, env_id))
                }
                // A document that an earlier version took is not one that this version takes.
                Some(Err(_)) | None => {}
            },
        }
    }
}

impl Bound {
    /// The policies of a published API, with the responses of its group that it chose; nothing where there is nothing. Each is given
    /// once.
    pub fn of(&mut self, api: &ApiRef, response_id: Option<&str>) -> Option<Arc<Policies>> {
        if self.apis.is_empty() && self.groups.is_empty() && self.chosen.is_empty() {
            return None;
        }
        let own = self.apis.remove(&(api.api_id.clone(), api.env_id.clone()));
        let group = (api.project.clone(), api.group_id.clone());
        let chosen = response_id.and_then(|id| self.chosen.get(id)).filter(|(of, _)| *of == group);
        let responses = match chosen {
            Some((_, templates)) => Some(Arc::clone(templates)).filter(|templates| !templates.is_empty()),
            // Also where those that it chose are gone.
            None => self.groups.get(&group).cloned(),
        };
        if own.is_none() && responses.is_none() {
            return None;
        }
        Some(Arc::new(Policies { responses, ..own.unwrap_or_default() }))
    }

    /// Responses of groups by host; the bare address is empty, and nobody's where several projects answer there.
    pub fn hosts<'a>(&self, groups: impl Iterator<Item = &'a Group> + Clone) -> HashMap<String, Arc<Templates>> {
        if self.groups.is_empty() {
            return HashMap::new();
        }
        let shared = groups.clone().filter(|group| group.is_default()).count() > 1;
        let responses = |group: &Group| self.groups.get(&(group.project.clone(), group.id.clone())).cloned();
        groups
            .filter(|group| !(shared && group.is_default()))
            .filter_map(|group| Some((group.domain.clone().unwrap_or_default(), responses(group)?)))
            .collect()
    }
}
