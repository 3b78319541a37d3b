//! Groups of users.

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use store::identity::{Identities, UserGroup};
use wire::iam::groups::{self as shape, GroupResponse, ListGroupsResponse, NewGroup};
use wire::iam::users::ListUsersResponse;

use super::read::{self, Path};
use super::{Base, missing, users};
use crate::body::Payload;
use crate::caller::Caller;
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete)
        .on(shape::USERS, members)
        .on(shape::ADD, add)
        .on(shape::CHECK, check)
        .on(shape::REMOVE, remove)
        .on(shape::OF_USER, of_user);
}

async fn list(Extract(state): Extract<State>, query: Query, base: Base) -> Result<Json<ListGroupsResponse>, Error> {
    let identities = state.store.identities();
    let fits = |group: &&UserGroup| {
        query.text("domain_id").is_none_or(|domain| domain == identities.domain.id)
            && query.text("name").is_none_or(|name| name == group.name)
    };
    let groups = identities.groups.values().filter(fits);
    Ok(Json(all(&identities, groups, &base, "/v3/groups")))
}

async fn create(
    Extract(state): Extract<State>,
    base: Base,
    payload: Payload,
) -> Result<(StatusCode, Json<GroupResponse>), Error> {
    let mut problems = Problems::default();
    let new: NewGroup = read::object(&payload, "group", &mut problems);
    let name = read::name("group.name", new.name.as_deref(), 128, &mut problems);
    let description = read::description("group.description", new.description, &mut problems).unwrap_or_default();
    read::domain("group.domain_id", new.domain_id.as_deref(), &state, &mut problems);
    problems.finish()?;
    let group = state.store.create_user_group(&name, &description).await?;
    Ok((StatusCode::CREATED, Json(GroupResponse { group: view(&state.store.identities(), &group, &base) })))
}

async fn show(Extract(state): Extract<State>, path: Path, base: Base) -> Result<Json<GroupResponse>, Error> {
    let identities = state.store.identities();
    let group = find(&identities, path.get("group_id"))?;
    Ok(Json(GroupResponse { group: view(&identities, group, &base) }))
}

async fn update(
    Extract(state): Extract<State>,
    path: Path,
    base: Base,
    payload: Payload,
) -> Result<Json<GroupResponse>, Error> {
    let mut problems = Problems::default();
    let new: NewGroup = read::object(&payload, "group", &mut problems);
    let name = read::optional_name("group.name", new.name.as_deref(), 128, &mut problems);
    let description = read::description("group.description", new.description, &mut problems);
    read::domain("group.domain_id", new.domain_id.as_deref(), &state, &mut problems);
    problems.finish()?;
    let group = state.store.update_user_group(path.get("group_id"), name, description).await?;
    Ok(Json(GroupResponse { group: view(&state.store.identities(), &group, &base) }))
}

async fn delete(Extract(state): Extract<State>, path: Path) -> Result<StatusCode, Error> {
    state.store.delete_user_group(path.get("group_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn members(Extract(state): Extract<State>, path: Path, base: Base) -> Result<Json<ListUsersResponse>, Error> {
    let identities = state.store.identities();
    let id = path.get("group_id");
    find(&identities, id)?;
    let members = identities.members.iter().filter(|(group, _)| group == id);
    let members = members.filter_map(|(_, user)| identities.users.get(user));
    let mut users: Vec<_> = members.map(|user| users::view(&identities, user, &base)).collect();
    users.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Json(ListUsersResponse { users, links: base.links(&format!("/v3/groups/{id}/users")) }))
}

async fn add(Extract(state): Extract<State>, path: Path) -> Result<StatusCode, Error> {
    state.store.add_member(path.get("group_id"), path.get("user_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn check(Extract(state): Extract<State>, path: Path) -> Result<StatusCode, Error> {
    let (group, user) = (path.get("group_id"), path.get("user_id"));
    let member = (group.to_owned(), user.to_owned());
    match state.store.identities().members.contains(&member) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(missing("in the group the user", user)),
    }
}

async fn remove(Extract(state): Extract<State>, path: Path) -> Result<StatusCode, Error> {
    state.store.remove_member(path.get("group_id"), path.get("user_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn of_user(
    Extract(state): Extract<State>,
    caller: Caller,
    path: Path,
    base: Base,
) -> Result<Json<ListGroupsResponse>, Error> {
    let id = path.get("user_id");
    users::own(&caller, id)?;
    let identities = state.store.identities();
    if !identities.users.contains_key(id) {
        return Err(missing("user", id));
    }
    Ok(Json(all(&identities, identities.groups_of(id), &base, &format!("/v3/users/{id}/groups"))))
}

fn find<'a>(identities: &'a Identities, id: &str) -> Result<&'a UserGroup, Error> {
    identities.groups.get(id).ok_or_else(|| missing("group", id))
}

fn all<'a>(
    identities: &Identities,
    groups: impl Iterator<Item = &'a UserGroup>,
    base: &Base,
    path: &str,
) -> ListGroupsResponse {
    let mut groups: Vec<_> = groups.map(|group| view(identities, group, base)).collect();
    groups.sort_by(|a, b| a.name.cmp(&b.name));
    ListGroupsResponse { groups, links: base.links(path) }
}

fn view(identities: &Identities, group: &UserGroup, base: &Base) -> shape::Group {
    shape::Group {
        id: group.id.clone(),
        name: group.name.clone(),
        description: group.description.clone(),
        domain_id: identities.domain.id.clone(),
        create_time: group.created.as_millisecond(),
        links: base.links(&format!("/v3/groups/{}", group.id)),
    }
}
