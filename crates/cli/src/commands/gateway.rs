//! The one API gateway of the service, and how commands find what is in it: by name or by id.

use anyhow::{Context as _, Result, bail};
use serde::de::DeserializeOwned;
use wire::Operation;
use wire::apig::apis::{self, Api, ListApisResponse};
use wire::apig::environments::{self, Environment, ListEnvironmentsResponse};
use wire::apig::groups::{self, Group, ListGroupsResponse};
use wire::apig::instances::{self, ListInstancesResponse};

use super::Context;
use crate::client::{Call, Client};
use crate::output::escape;

/// Items of a page: as many as one may have.
const PAGE: usize = 500;

/// The gateway.
#[derive(Debug)]
pub(super) struct Gateway {
    pub(super) client: Client,
    pub(super) id: String,
}

impl Gateway {
    pub(super) fn ask(context: &Context<'_>) -> Result<Self> {
        let client = context.client()?;
        let all: ListInstancesResponse = client.call(instances::LIST, Call::of(&[]))?;
        let instance = all.instances.into_iter().next().context("the service has no API gateway")?;
        Ok(Self { client, id: instance.id })
    }

    /// Everything that a list has, page by page.
    pub(super) fn all<P: DeserializeOwned, T>(
        &self,
        operation: Operation,
        place: &[&str],
        items: fn(P) -> Vec<T>,
    ) -> Result<Vec<T>> {
        let place: Vec<&str> = [self.id.as_str()].into_iter().chain(place.iter().copied()).collect();
        let mut all = Vec::new();
        loop {
            let query = [("limit", PAGE.to_string()), ("offset", all.len().to_string())];
            let page = items(self.client.call(operation, Call { query: &query, ..Call::of(&place) })?);
            let ended = page.len() < PAGE;
            all.extend(page);
            if ended {
                return Ok(all);
            }
        }
    }

    pub(super) fn groups(&self) -> Result<Vec<Group>> {
        self.all(groups::LIST, &[], |page: ListGroupsResponse| page.groups)
    }

    pub(super) fn group(&self, named: &str) -> Result<Group> {
        let all = self.groups()?;
        let names = || all.iter().map(|group| escape(&group.name).to_string()).collect::<Vec<_>>().join(", ");
        let found = all.iter().find(|group| group.id == named || group.name == named);
        found.cloned().with_context(|| format!("there is no API group '{}': there are {}", escape(named), names()))
    }

    pub(super) fn apis(&self) -> Result<Vec<Api>> {
        self.all(apis::LIST, &[], |page: ListApisResponse| page.apis)
    }

    /// An API as it is edited; `GROUP/NAME` where several groups have one of this name.
    pub(super) fn api(&self, named: &str) -> Result<Api> {
        let is = |api: &Api| {
            let (name, group) = (api.name.as_deref(), api.group_name.as_deref());
            let in_group = named.split_once('/').is_some_and(|(of, own)| group == Some(of) && name == Some(own));
            api.id == named || name == Some(named) || in_group
        };
        let mut found = self.apis()?.into_iter().filter(is);
        let Some(first) = found.next() else {
            bail!("there is no API '{}': `funcd api list` shows those there are", escape(named));
        };
        if let Some(second) = found.next() {
            let group = |api: &Api| escape(api.group_name.as_deref().unwrap_or_default()).to_string();
            let (named, one, other) = (escape(named), group(&first), group(&second));
            bail!("the groups {one} and {other} both have an API '{named}': write {one}/{named} or its id");
        }
        Ok(self.client.call(apis::SHOW, Call::of(&[&self.id, &first.id]))?)
    }

    pub(super) fn environment(&self, named: &str) -> Result<Environment> {
        let all = self.all(environments::LIST, &[], |page: ListEnvironmentsResponse| page.envs)?;
        let names = || all.iter().map(|one| escape(&one.name).to_string()).collect::<Vec<_>>().join(", ");
        let found = all.iter().find(|one| one.id == named || one.name == named);
        found.cloned().with_context(|| format!("there is no environment '{}': there are {}", escape(named), names()))
    }
}
