//! What was granted to groups and agencies, in a project or everywhere: four operations for each of the four.

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use store::identity::{Grant, Identities};
use wire::iam::roles::{self as shape, ListRolesResponse};

use super::read::Path;
use super::{Base, missing, roles};
use crate::error::Error;
use crate::router::Routes;
use crate::state::State;

pub(super) fn routes(routes: &mut Routes) {
    for operation in
        [shape::LIST_GROUP_PROJECT, shape::LIST_GROUP_DOMAIN, shape::LIST_AGENCY_PROJECT, shape::LIST_AGENCY_DOMAIN]
    {
        routes.on(operation, list);
    }
    for operation in
        [shape::CHECK_GROUP_PROJECT, shape::CHECK_GROUP_DOMAIN, shape::CHECK_AGENCY_PROJECT, shape::CHECK_AGENCY_DOMAIN]
    {
        routes.on(operation, check);
    }
    for operation in
        [shape::GRANT_GROUP_PROJECT, shape::GRANT_GROUP_DOMAIN, shape::GRANT_AGENCY_PROJECT, shape::GRANT_AGENCY_DOMAIN]
    {
        routes.on(operation, grant);
    }
    for operation in [
        shape::REVOKE_GROUP_PROJECT,
        shape::REVOKE_GROUP_DOMAIN,
        shape::REVOKE_AGENCY_PROJECT,
        shape::REVOKE_AGENCY_DOMAIN,
    ] {
        routes.on(operation, revoke);
    }
}

async fn list(Extract(state): Extract<State>, path: Path, base: Base) -> Result<Json<ListRolesResponse>, Error> {
    let identities = state.store.identities();
    let wanted = named(&path, &identities)?;
    let granted = identities.grants.iter().filter(|one| one.holder == wanted.holder && one.project == wanted.project);
    let mut roles: Vec<_> = granted
        .filter_map(|grant| identities.roles.get(&grant.role))
        .map(|role| roles::view(&identities, role, &base))
        .collect();
    roles.sort_by(|a, b| a.display_name.cmp(&b.display_name));
    let total_number = roles.len();
    Ok(Json(ListRolesResponse { roles, links: base.links("/v3/roles"), total_number }))
}

async fn check(Extract(state): Extract<State>, path: Path) -> Result<StatusCode, Error> {
    let identities = state.store.identities();
    let wanted = named(&path, &identities)?;
    match identities.grants.contains(&wanted) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(missing("a grant of the role", &wanted.role)),
    }
}

async fn grant(Extract(state): Extract<State>, path: Path) -> Result<StatusCode, Error> {
    let wanted = named(&path, &state.store.identities())?;
    state.store.grant(wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn revoke(Extract(state): Extract<State>, path: Path) -> Result<StatusCode, Error> {
    let wanted = named(&path, &state.store.identities())?;
    state.store.revoke(wanted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The grant a path names; its group or agency, its project and its domain must be there.
fn named(path: &Path, identities: &Identities) -> Result<Grant, Error> {
    let (group, agency) = (path.get("group_id"), path.get("agency_id"));
    if !group.is_empty() && !identities.groups.contains_key(group) {
        return Err(missing("group", group));
    }
    if !agency.is_empty() && !identities.agencies.contains_key(agency) {
        return Err(missing("agency", agency));
    }
    let (project, domain) = (path.get("project_id"), path.get("domain_id"));
    if !project.is_empty() && !identities.projects.contains_key(project) {
        return Err(missing("project", project));
    }
    if !domain.is_empty() && identities.domain.id != domain {
        return Err(missing("domain", domain));
    }
    Ok(Grant {
        holder: if group.is_empty() { agency } else { group }.to_owned(),
        project: Some(project).filter(|project| !project.is_empty()).map(str::to_owned),
        role: path.get("role_id").to_owned(),
    })
}
