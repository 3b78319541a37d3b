//! Functions by their tags.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::function::Function;
use model::limits;
use serde_json::Value;
use store::Tags;
use wire::codes;
use wire::fgs::tags::{Resource, ResourceDetail, Resources, ResourcesRequest, Tag, TagValues};

use super::{ENTERPRISE_PROJECT, tag, values};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::state::State;

/// Functions with their tags.
pub(super) struct Found(Vec<(Arc<Function>, Tags)>);

/// Which functions are asked for.
pub(super) struct Wanted {
    count: bool,
    offset: usize,
    limit: usize,
    untagged: bool,
    /// Parts of the name, each of which must be there.
    names: Vec<String>,
    /// Names, each with its values; none is any.
    tags: Vec<(String, Vec<String>)>,
    /// The same of the platform's tags.
    of_platform: Vec<(String, Vec<String>)>,
}

impl Wanted {
    pub(super) fn read(request: ResourcesRequest, action: &str, problems: &mut Problems) -> Self {
        let given = request.action.as_deref().filter(|given| !given.is_empty());
        problems.unless(given.is_none_or(|given| given == action), codes::INVALID, || {
            format!("action must be {action}, as the path says, not {}", quoted(given.unwrap_or_default()))
        });
        let most = i64::from(limits::TAGGED_PAGE);
        Self {
            count: action == "count",
            limit: number("limit", request.limit, (1, most, most), problems),
            offset: number("offset", request.offset, (0, 0, i64::from(i32::MAX)), problems),
            untagged: request.without_any_tag.unwrap_or_default(),
            names: names(request.matches.unwrap_or_default(), problems),
            tags: pairs("tags", request.tags.unwrap_or_default(), problems),
            of_platform: pairs("sys_tags", request.sys_tags.unwrap_or_default(), problems),
        }
    }

    /// `without_any_tag` leaves nothing for `tags` to say.
    fn takes(&self, function: &Function, own: &Tags) -> bool {
        let has = |tags: &Tags, (key, values): &(String, Vec<String>)| {
            tags.get(key).is_some_and(|value| values.is_empty() || values.contains(value))
        };
        let platform = platform(function);
        self.names.iter().all(|part| function.id.name.contains(part.as_str()))
            && self.of_platform.iter().all(|pair| has(&platform, pair))
            && if self.untagged { own.is_empty() } else { self.tags.iter().all(|pair| has(own, pair)) }
    }
}

fn number(field: &str, given: Option<Value>, (least, usual, most): (i64, i64, i64), problems: &mut Problems) -> usize {
    let number = match &given {
        None | Some(Value::Null) => Some(usual),
        Some(Value::String(text)) if text.is_empty() => Some(usual),
        Some(Value::String(text)) => text.parse().ok(),
        Some(other) => other.as_i64(),
    };
    let number = number.filter(|number| (least..=most).contains(number));
    problems.unless(number.is_some(), codes::INVALID, || {
        format!("{field} must be {least} to {most}, not {}", quoted(&given.unwrap_or_default().to_string()))
    });
    number.and_then(|number| usize::try_from(number).ok()).unwrap_or_default()
}

fn names(matches: Vec<Tag>, problems: &mut Problems) -> Vec<String> {
    let mut names = Vec::new();
    for Tag { key, value } in matches {
        let key = key.unwrap_or_default();
        problems.unless(key == "resource_name", codes::INVALID, || {
            format!("matches[].key must be resource_name, not {}", quoted(&key))
        });
        names.push(value.unwrap_or_default());
    }
    names
}

fn pairs(field: &str, given: Vec<TagValues>, problems: &mut Problems) -> Vec<(String, Vec<String>)> {
    let mut pairs = Vec::new();
    for TagValues { key, values } in given {
        match key {
            Some(key) => pairs.push((key, values.unwrap_or_default())),
            None => problems.add(codes::INVALID, format!("{field}[].key is missing")),
        }
    }
    pairs
}

impl Found {
    /// All functions of a project, by name.
    pub(super) async fn all(state: &State, project: &str) -> Result<Self, Error> {
        let mut tags = state.store.tags(project).await?;
        let functions = state.store.functions(project).into_iter();
        Ok(Self(
            functions
                .map(|function| (Arc::clone(&function), tags.remove(&function.func_id).unwrap_or_default()))
                .collect(),
        ))
    }

    pub(super) fn matching(mut self, wanted: &Wanted) -> Self {
        self.0.retain(|(function, tags)| wanted.takes(function, tags));
        self
    }

    pub(super) fn page(self, wanted: &Wanted) -> Resources {
        let total_count = self.0.len() as u64;
        let page = || self.0.iter().skip(wanted.offset).take(wanted.limit).map(|(function, tags)| view(function, tags));
        Resources { resources: (!wanted.count).then(|| page().collect()), total_count }
    }

    pub(super) fn own(&self) -> impl Iterator<Item = Tags> {
        self.0.iter().map(|(_, tags)| tags.clone())
    }

    pub(super) fn of_platform(&self) -> impl Iterator<Item = Tags> {
        self.0.iter().map(|(function, _)| platform(function))
    }
}

/// Each name with every value it has.
pub(super) fn united(all: impl Iterator<Item = Tags>) -> Vec<TagValues> {
    let mut united: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (key, value) in all.flatten() {
        united.entry(key).or_default().insert(value);
    }
    united.into_iter().map(|(key, all)| values(key, all.into_iter().collect())).collect()
}

fn platform(function: &Function) -> Tags {
    [(ENTERPRISE_PROJECT.to_owned(), function.latest.config.enterprise_project_id.clone())].into()
}

pub(super) fn listed(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| tag(key, value)).collect()
}

pub(super) fn of_platform(function: &Function) -> Vec<Tag> {
    listed(&platform(function))
}

fn view(function: &Function, tags: &Tags) -> Resource {
    Resource {
        resource_id: format!("{}:{}", function.func_id, function.id.name),
        resource_detail: ResourceDetail { detail_id: function.id.to_string() },
        tags: listed(tags),
        sys_tags: of_platform(function),
        resource_name: function.id.name.clone(),
    }
}
