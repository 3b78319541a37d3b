//! Roles: the system's policies, and custom ones.

use auth::policy::Policy;
use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use serde_json::Value;
use store::NewRole;
use store::identity::{Identities, Role};
use wire::codes;
use wire::iam::roles::{self as shape, ListRolesResponse, RoleResponse};

use super::read::{self, Path};
use super::{Base, missing};
use crate::actions;
use crate::body::Payload;
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

/// Longest JSON of a policy, in bytes.
const POLICY_BYTES: usize = 6144;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::SHOW, show)
        .on(shape::LIST_CUSTOM, list_custom)
        .on(shape::CREATE, create)
        .on(shape::SHOW_CUSTOM, show_custom)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete);
}

async fn list(Extract(state): Extract<State>, query: Query, base: Base) -> Result<Json<ListRolesResponse>, Error> {
    let identities = state.store.identities();
    let custom = query.text("domain_id").is_some();
    let fits = |role: &&Role| {
        role.times.is_some() == custom
            && query.text("domain_id").is_none_or(|domain| domain == identities.domain.id)
            && query.text("name").is_none_or(|name| name == role.name)
            && query
                .text("display_name")
                .is_none_or(|name| role.display_name.to_lowercase().contains(&name.to_lowercase()))
            && query.text("catalog").is_none_or(|wanted| wanted.eq_ignore_ascii_case(catalog(role)))
            && query.text("permission_type").is_none_or(|wanted| wanted == "policy")
            && of_type(role, query.text("type"))
    };
    paged(&identities, identities.roles.values().filter(fits), &query, &base, "/v3/roles")
}

/// `domain` and `project` ask where a role can be granted, and all can be granted in both; `all` asks nothing.
fn of_type(role: &Role, wanted: Option<&str>) -> bool {
    match wanted {
        None | Some("all" | "domain" | "project") => true,
        Some(kind) => kind == role.kind,
    }
}

async fn list_custom(
    Extract(state): Extract<State>,
    query: Query,
    base: Base,
) -> Result<Json<ListRolesResponse>, Error> {
    let identities = state.store.identities();
    let custom = identities.roles.values().filter(|role| role.times.is_some());
    paged(&identities, custom, &query, &base, "/v3.0/OS-ROLE/roles")
}

fn paged<'a>(
    identities: &Identities,
    roles: impl Iterator<Item = &'a Role>,
    query: &Query,
    base: &Base,
    path: &str,
) -> Result<Json<ListRolesResponse>, Error> {
    let mut roles: Vec<_> = roles.map(|role| view(identities, role, base)).collect();
    roles.sort_by(|a, b| a.display_name.cmp(&b.display_name));
    let total_number = roles.len();
    Ok(Json(ListRolesResponse { roles: read::page(roles, query)?, links: base.links(path), total_number }))
}

async fn show(Extract(state): Extract<State>, path: Path, base: Base) -> Result<Json<RoleResponse>, Error> {
    let identities = state.store.identities();
    let id = path.get("role_id");
    let role = identities.roles.get(id).ok_or_else(|| missing("role", id))?;
    Ok(Json(RoleResponse { role: view(&identities, role, &base) }))
}

async fn show_custom(Extract(state): Extract<State>, path: Path, base: Base) -> Result<Json<RoleResponse>, Error> {
    let identities = state.store.identities();
    let id = path.get("role_id");
    let role = identities.roles.get(id).filter(|role| role.times.is_some()).ok_or_else(|| missing("policy", id))?;
    Ok(Json(RoleResponse { role: view(&identities, role, &base) }))
}

async fn create(
    Extract(state): Extract<State>,
    base: Base,
    payload: Payload,
) -> Result<(StatusCode, Json<RoleResponse>), Error> {
    let role = state.store.create_role(new_role(&payload)?).await?;
    Ok((StatusCode::CREATED, Json(RoleResponse { role: view(&state.store.identities(), &role, &base) })))
}

async fn update(
    Extract(state): Extract<State>,
    path: Path,
    base: Base,
    payload: Payload,
) -> Result<Json<RoleResponse>, Error> {
    let role = state.store.update_role(path.get("role_id"), new_role(&payload)?).await?;
    Ok(Json(RoleResponse { role: view(&state.store.identities(), &role, &base) }))
}

async fn delete(Extract(state): Extract<State>, path: Path) -> Result<StatusCode, Error> {
    state.store.delete_role(path.get("role_id")).await?;
    Ok(StatusCode::OK)
}

fn new_role(payload: &Payload) -> Result<NewRole, Error> {
    let mut problems = Problems::default();
    let new: shape::NewRole = read::object(payload, "role", &mut problems);
    let display_name = read::name("role.display_name", new.display_name.as_deref(), 128, &mut problems);
    let description = read::description("role.description", new.description, &mut problems).unwrap_or_default();
    let description_cn =
        read::description("role.description_cn", new.description_cn, &mut problems).unwrap_or_default();
    let kind = new.r#type.unwrap_or_else(|| "AX".to_owned());
    problems
        .unless(matches!(kind.as_str(), "AX" | "XA"), codes::IAM_INVALID, || "role.type must be AX or XA".to_owned());
    let policy = match &new.policy {
        Some(policy) => self::policy("role.", policy, &mut problems),
        None => {
            problems.missing("role.policy", codes::IAM_INVALID, "role.policy is missing");
            Policy::default()
        }
    };
    problems.finish()?;
    Ok(NewRole { display_name, description, description_cn, kind, policy })
}

/// A policy of a body, with everything wrong about it noted.
pub(super) fn policy(inside: &str, policy: &Value, problems: &mut Problems) -> Policy {
    let bytes = policy.to_string().len();
    problems.unless(bytes <= POLICY_BYTES, codes::IAM_INVALID, || {
        format!("{inside}policy must be at most {POLICY_BYTES} bytes, not {bytes}")
    });
    match Policy::read(policy, &actions::known) {
        Ok(policy) => policy,
        Err(texts) => {
            for text in texts {
                problems.add(codes::IAM_INVALID, format!("{inside}{text}"));
            }
            Policy::default()
        }
    }
}

/// Those who grant it read the catalog as its kind.
fn catalog(role: &Role) -> &'static str {
    match role.times {
        Some(_) => "CUSTOMED",
        None if role.display_name.starts_with("FunctionGraph") => "FunctionGraph",
        None => "BASE",
    }
}

pub(super) fn view(identities: &Identities, role: &Role, base: &Base) -> shape::Role {
    let custom = role.times.is_some();
    let millis = |at: jiff::Timestamp| at.as_millisecond().to_string();
    let path = if custom { "/v3.0/OS-ROLE/roles" } else { "/v3/roles" };
    shape::Role {
        id: role.id.clone(),
        name: role.name.clone(),
        display_name: role.display_name.clone(),
        r#type: role.kind.clone(),
        catalog: catalog(role).to_owned(),
        description: role.description.clone(),
        description_cn: role.description_cn.clone(),
        domain_id: custom.then(|| identities.domain.id.clone()),
        policy: role.policy.to_value(),
        created_time: role.times.map(|(created, _)| millis(created)),
        updated_time: role.times.map(|(_, updated)| millis(updated)),
        references: custom.then(|| identities.grants.iter().filter(|grant| grant.role == role.id).count()),
        links: base.links(&format!("{path}/{}", role.id)),
    }
}
