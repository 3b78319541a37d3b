//! Which API group a trigger belongs to, and so at which host it answers.
//!
//! The default group answers at the gateway's bare address: it is meant when no group is named, by `DEFAULT`, or by its own id.
//! A group with a domain (`sl_domain`) answers at that host; it is made with its first trigger.

use std::net::Ipv4Addr;
use std::sync::Arc;

use model::apig::GRPCS;
use model::trigger::Group;
use store::apig::Environment;
use wire::fgs::triggers::ApigEventData;

use super::api::Context;
use crate::addresses::host;
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::state::{Config, State};

/// The groups of a project and where they answer.
pub(in crate::fgs) struct Addresses {
    config: Arc<Config>,
    groups: Vec<Group>,
    /// Where APIs can be published.
    pub(super) environments: Vec<Environment>,
}

/// Where a trigger goes once everything is checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A group that is there.
    Existing(Group),
    /// A group to be made.
    New { id: Option<String>, name: String, domain: String },
    /// Nowhere; the problems say why.
    Nowhere,
}

impl Addresses {
    pub(in crate::fgs) async fn read(state: &State, project: &str) -> Result<Self, Error> {
        let groups = state.store.groups(project).await?;
        let environments = state.store.environments(project).await?;
        Ok(Self { config: Arc::clone(&state.config), groups, environments })
    }

    /// With a group that has just been made.
    pub(super) fn with(mut self, group: Group) -> Self {
        self.groups.push(group);
        self
    }

    pub(super) fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }

    /// The place of a trigger that stays in its group.
    pub(super) fn existing(&self, id: &str) -> Place {
        self.group(id).cloned().map_or(Place::Nowhere, Place::Existing)
    }

    fn default(&self) -> Option<&Group> {
        self.groups.iter().find(|group| group.is_default())
    }

    /// Where an API with this protocol answers.
    pub(super) fn url(&self, group: Option<&Group>, protocol: &str, path: &str) -> String {
        let domain = group.and_then(|group| group.domain.as_deref());
        format!("{}{path}", self.config.url(domain, matches!(protocol, "HTTPS" | GRPCS)))
    }

    /// Whether a host name is that of the gateway's bare address.
    fn is_bare(&self, domain: &str) -> bool {
        domain == "localhost" || domain == host(&self.config.gateway_url) || domain.parse::<Ipv4Addr>().is_ok()
    }
}

/// What a client says about the group; empty texts say nothing.
#[derive(Debug, Default)]
pub(super) struct Wish {
    id: Option<String>,
    name: Option<String>,
    domain: Option<String>,
}

impl Wish {
    /// Nothing when no field of the group is given.
    pub(super) fn of(event: &ApigEventData) -> Option<Self> {
        let text = |field: &Option<String>| field.clone().filter(|text| !text.is_empty());
        let wish = Self { id: text(&event.group_id), name: text(&event.group_name), domain: text(&event.sl_domain) };
        (wish.id.is_some() || wish.name.is_some() || wish.domain.is_some()).then_some(wish)
    }

    /// The group meant, or why there is none.
    pub(super) fn place(self, context: &Context<'_>, problems: &mut Problems) -> Place {
        let addresses = context.called.addresses;
        // As a listing of groups shows the default one.
        let default = self.id.as_deref().is_some_and(|id| is_default_id(id, addresses));
        let found = match self.domain.clone().filter(|domain| !(default && addresses.is_bare(domain))) {
            Some(domain) => self.at(domain.to_ascii_lowercase(), context.called.addresses),
            None => self.among(context.called.addresses),
        };
        found.unwrap_or_else(|text| {
            problems.add(context.code, text);
            Place::Nowhere
        })
    }

    /// The group with a domain.
    fn at(self, domain: String, addresses: &Addresses) -> Result<Place, String> {
        check_domain(&domain, addresses)?;
        let id = self.id.filter(|id| !is_default_id(id, addresses));
        let at_domain = addresses.groups.iter().find(|group| group.domain.as_deref() == Some(&domain));
        let by_id = id.as_deref().and_then(|id| addresses.group(id));
        match (at_domain, by_id) {
            (Some(group), _) if id.as_ref().is_none_or(|id| *id == group.id) => Ok(Place::Existing(group.clone())),
            (Some(group), _) => Err(format!(
                "event_data.sl_domain '{domain}' belongs to API group '{}', not to event_data.group_id {}",
                group.id,
                quoted(&id.unwrap_or_default())
            )),
            (None, Some(group)) => Err(format!(
                "event_data.group_id '{}' answers at '{}', not at event_data.sl_domain '{domain}'",
                group.id,
                group.domain.as_deref().unwrap_or_default()
            )),
            (None, None) => {
                if let Some(id) = &id {
                    check_id(id)?;
                }
                let name = self.name.filter(|name| name != Group::DEFAULT_NAME).unwrap_or_else(|| domain.clone());
                check_name(&name)?;
                Ok(Place::New { id, name, domain })
            }
        }
    }

    /// A group that is there, by its id or its name.
    fn among(self, addresses: &Addresses) -> Result<Place, String> {
        let default = addresses.default().cloned();
        let by_default = self.name.as_deref() == Some(Group::DEFAULT_NAME);
        let found = match (&self.id, &self.name) {
            (Some(id), _) if is_default_id(id, addresses) => default.clone(),
            (Some(id), _) => addresses.group(id).cloned().or_else(|| default.clone().filter(|_| by_default)),
            (None, Some(name)) => addresses.groups.iter().find(|group| group.name == *name).cloned(),
            (None, None) => default.clone(),
        };
        found.map(Place::Existing).ok_or_else(|| {
            let (field, given) = match self.id {
                Some(id) => ("group_id", id),
                None => ("group_name", self.name.unwrap_or_default()),
            };
            format!(
                "event_data.{field} {} is no API group: leave it out or use the default group '{}' to answer at {}, or add \
                 event_data.sl_domain (a host name) to make a group that answers there",
                quoted(&given),
                default.map(|group| group.id).unwrap_or_default(),
                addresses.config.gateway_url
            )
        })
    }
}

fn is_default_id(id: &str, addresses: &Addresses) -> bool {
    id == Group::DEFAULT_NAME || addresses.default().is_some_and(|group| group.id == id)
}

fn check_domain(domain: &str, addresses: &Addresses) -> Result<(), String> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if domain.len() > 253 || !domain.split('.').all(label) {
        let given = quoted(domain);
        return Err(format!(
            "event_data.sl_domain must be a host name of at most 253 characters without a port, not {given}"
        ));
    }
    if addresses.is_bare(domain) {
        return Err(format!(
            "event_data.sl_domain '{domain}' is the gateway's bare address, which belongs to the default group: leave sl_domain out"
        ));
    }
    Ok(())
}

fn check_id(id: &str) -> Result<(), String> {
    let fine = id.len() <= 64 && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if fine {
        Ok(())
    } else {
        Err(format!("event_data.group_id must be at most 64 letters, digits, '-' and '_', not {}", quoted(id)))
    }
}

fn check_name(name: &str) -> Result<(), String> {
    let fine = name.chars().count() <= 255 && !name.chars().any(char::is_control);
    if fine {
        Ok(())
    } else {
        Err(format!("event_data.group_name must have at most 255 characters, not {}", quoted(name)))
    }
}

/// Makes the group if it is not there.
pub(super) async fn settle(state: &State, project: &str, place: Place) -> Result<Group, Error> {
    match place {
        Place::Existing(group) => Ok(group),
        Place::New { id, name, domain } => Ok(state.store.ensure_group(project, id.as_deref(), &name, &domain).await?),
        Place::Nowhere => Err(Error::internal("the trigger's API group is gone")),
    }
}
