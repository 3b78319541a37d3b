//! API groups: a name and the host their APIs answer at.

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use wire::apig::groups::{self as shape, CheckGroupRequest, GroupRequest, ListGroupsResponse};
use wire::codes;

use super::rule::{self, Rule};
use super::{Instance, Page, domains};
use crate::addresses::host;
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;
use crate::target::parameter;

/// Hosts of groups are made below this name, unless the gateway's own address has a name: every resolver answers it with this host.
const LOCAL: &str = "localhost";

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::CHECK, check)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListGroupsResponse>, Error> {
    let page = Page::read(&query)?;
    let mut groups = state.store.api_groups(&instance.project).await?;
    let exact = query.text("precise_search").is_some_and(|fields| fields.split(',').any(|field| field == "name"));
    groups.retain(|one| {
        let named = |part: &str| if exact { one.group.name == part } else { one.group.name.contains(part) };
        query.text("id").is_none_or(|id| one.group.id == id) && query.text("name").is_none_or(named)
    });
    let domains = state.store.custom_domains(&instance.project, None).await?;
    let (groups, size, total) = page.cut(groups, |group| view(&state, &domains, group));
    Ok(Json(ListGroupsResponse { size, total, groups }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Group>), Error> {
    let mut problems = Problems::default();
    let request = read(&payload, &mut problems);
    let mut rule = Rule { problems: &mut problems };
    rule.optional("version", "V1", request.version, |version| version == "V1");
    let name = rule.required("name", rule::NAME, request.name, rule::is_name);
    let remark = rule.remark("remark", request.remark, 1000).unwrap_or_default();
    problems.finish()?;
    let id = auth::keys::id();
    let domain = Some(format!("{id}.{}", suffix(&state.config.gateway_url)));
    let group = model::trigger::Group { id, project: instance.project, name, domain };
    let made = state.store.create_api_group(group, &remark).await?;
    Ok((StatusCode::CREATED, Json(view(&state, &[], made))))
}

async fn check(Extract(state): Extract<State>, instance: Instance, payload: Payload) -> Result<StatusCode, Error> {
    let mut problems = Problems::default();
    let rules = Rules { not_there: &["roma_app_id"], ..Rules::new("", rule::code_of) };
    let request: CheckGroupRequest = body::read(&payload.0, rules, &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let name = rule.required("group_name", rule::NAME, request.group_name, rule::is_name);
    problems.finish()?;
    let groups = state.store.api_groups(&instance.project).await?;
    if groups.iter().any(|one| one.group.name == name) {
        return Err(Error::new(codes::apig::GROUP_EXISTS, format!("the API group name already exists: {name}")));
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn show(Extract(state): Extract<State>, instance: Instance, named: Named) -> Result<Json<shape::Group>, Error> {
    let groups = state.store.api_groups(&instance.project).await?;
    let found = groups.into_iter().find(|one| one.group.id == named.0);
    let found = found.ok_or_else(|| {
        Error::new(codes::apig::GROUP_MISSING, format!("API group {} does not exist", quoted(&named.0)))
    })?;
    let domains = state.store.custom_domains(&instance.project, Some(&named.0)).await?;
    Ok(Json(view(&state, &domains, found)))
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    named: Named,
    payload: Payload,
) -> Result<Json<shape::Group>, Error> {
    let mut problems = Problems::default();
    let request = read(&payload, &mut problems);
    let mut rule = Rule { problems: &mut problems };
    rule.optional("version", "V1", request.version, |version| version == "V1");
    // The default group keeps its own name, which is a name, too.
    let name = rule.required("name", rule::NAME, request.name, rule::is_name);
    let remark = rule.remark("remark", request.remark, 1000);
    problems.finish()?;
    let changed = state.store.update_api_group(&instance.project, &named.0, &name, remark.as_deref()).await?;
    let domains = state.store.custom_domains(&instance.project, Some(&named.0)).await?;
    Ok(Json(view(&state, &domains, changed)))
}

async fn delete(Extract(state): Extract<State>, instance: Instance, named: Named) -> Result<StatusCode, Error> {
    state.store.delete_api_group(&instance.project, &named.0).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The group a path names.
#[derive(Debug)]
struct Named(String);

impl<S: Sync> FromRequestParts<S> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parameter(parts, &["group_id"]).await?))
    }
}

fn read(payload: &Payload, problems: &mut Problems) -> GroupRequest {
    let rules = Rules { not_there: &["roma_app_id"], ..Rules::new("", rule::code_of) };
    body::read(&payload.0, rules, problems)
}

fn suffix(gateway_url: &str) -> &str {
    let host = host(gateway_url);
    let is_name = host.contains(|c: char| c.is_ascii_alphabetic()) && !host.contains([':', '[']);
    if is_name { host } else { LOCAL }
}

/// Where the APIs of a group answer: its own host, or the gateway's.
pub(super) fn sl_domain(state: &State, group: &model::trigger::Group) -> String {
    group.domain.clone().unwrap_or_else(|| host(&state.config.gateway_url).to_owned())
}

fn view(state: &State, domains: &[store::Domain], group: store::apig::Group) -> shape::Group {
    let sl_domain = sl_domain(state, &group.group);
    let is_default = if group.group.is_default() { 1 } else { 2 };
    let url_domains = domains::of(domains, &group.group.id);
    shape::Group {
        id: group.group.id,
        name: group.group.name,
        status: 1,
        sl_domains: vec![sl_domain.clone()],
        sl_domain,
        register_time: super::time(group.created),
        update_time: super::time(group.modified),
        on_sell_status: 2,
        url_domains,
        sl_domain_access_enabled: !group.host_closed,
        remark: group.remark,
        is_default,
        version: "V1".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_groups_are_below_the_gateways_name_if_it_has_one() {
        for (url, expect) in [
            ("http://127.0.0.1:8080", "localhost"),
            ("http://[::1]:8080", "localhost"),
            ("http://10.0.0.7", "localhost"),
            ("http://gateway.example.com:8080", "gateway.example.com"),
            ("https://gateway.example.com", "gateway.example.com"),
        ] {
            assert_eq!(suffix(url), expect, "{url}");
        }
    }
}
