//! Projects.

use auth::token::Subject;
use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use store::identity::{Identities, Project};
use wire::codes;
use wire::iam::projects::{self as shape, ListProjectsResponse, NewProject, ProjectResponse};

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
        .on(shape::OF_USER, of_user)
        .on(shape::OWN, own)
        .on(shape::STATUS, show)
        .on(shape::SET_STATUS, set_status);
}

/// All of them to whom a policy allows it; to others those they may act in, as every client looks its own up by name.
async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
    base: Base,
) -> Result<Json<ListProjectsResponse>, Error> {
    let (enabled, is_domain) = (read::flag(&query, "enabled")?, read::flag(&query, "is_domain")?);
    let identities = state.store.identities();
    let mut projects: Vec<&Project> = match caller.check("project", "*") {
        Ok(()) => identities.projects.values().collect(),
        Err(_) => identities.projects_of(&caller.subject),
    };
    projects.retain(|project| {
        query.text("domain_id").is_none_or(|domain| domain == identities.domain.id)
            && query.text("name").is_none_or(|name| name == project.name)
            && query.text("parent_id").is_none_or(|parent| parent == self::parent(&identities, project, &state))
            && enabled.is_none_or(|enabled| enabled == project.enabled)
            && is_domain != Some(true)
    });
    projects.sort_by(|a, b| a.name.cmp(&b.name));
    let page = read::page(projects, &query)?;
    Ok(Json(all(&identities, page, &state, &base, "/v3/projects")))
}

async fn create(
    Extract(state): Extract<State>,
    base: Base,
    payload: Payload,
) -> Result<(StatusCode, Json<ProjectResponse>), Error> {
    let mut problems = Problems::default();
    let new: NewProject = read::object(&payload, "project", &mut problems);
    let name = read::name("project.name", new.name.as_deref(), 64, &mut problems);
    check_name(&name, &state, &mut problems);
    let description = read::description("project.description", new.description, &mut problems).unwrap_or_default();
    read::domain("project.domain_id", new.domain_id.as_deref(), &state, &mut problems);
    let parent = new.parent_id.as_deref();
    problems.unless(parent.is_none_or(|parent| parent == state.store.project()), codes::IAM_INVALID, || {
        format!("project.parent_id must be the first project, {}", state.store.project())
    });
    problems.finish()?;
    let project = state.store.create_project(&name, &description).await?;
    let identities = state.store.identities();
    Ok((StatusCode::CREATED, Json(ProjectResponse { project: view(&identities, &project, &state, &base) })))
}

async fn show(
    Extract(state): Extract<State>,
    caller: Caller,
    path: Path,
    base: Base,
) -> Result<Json<ProjectResponse>, Error> {
    let id = path.get("project_id");
    let identities = state.store.identities();
    if !identities.projects_of(&caller.subject).iter().any(|project| project.id == id) {
        caller.check("project", id)?;
    }
    let project = identities.projects.get(id).ok_or_else(|| missing("project", id))?;
    Ok(Json(ProjectResponse { project: view(&identities, project, &state, &base) }))
}

async fn update(
    Extract(state): Extract<State>,
    path: Path,
    base: Base,
    payload: Payload,
) -> Result<Json<ProjectResponse>, Error> {
    let mut problems = Problems::default();
    let new: NewProject = read::object(&payload, "project", &mut problems);
    let name = read::optional_name("project.name", new.name.as_deref(), 64, &mut problems);
    if let Some(name) = name.as_deref().filter(|name| *name != state.store.region()) {
        check_name(name, &state, &mut problems);
    }
    let description = read::description("project.description", new.description, &mut problems);
    read::domain("project.domain_id", new.domain_id.as_deref(), &state, &mut problems);
    problems.unless(new.parent_id.is_none(), codes::IAM_INVALID, || "project.parent_id cannot be changed".to_owned());
    problems.finish()?;
    let project = state.store.update_project(path.get("project_id"), name, description, None).await?;
    Ok(Json(ProjectResponse { project: view(&state.store.identities(), &project, &state, &base) }))
}

async fn of_user(
    Extract(state): Extract<State>,
    caller: Caller,
    path: Path,
    base: Base,
) -> Result<Json<ListProjectsResponse>, Error> {
    let id = path.get("user_id");
    users::own(&caller, id)?;
    let identities = state.store.identities();
    if !identities.users.contains_key(id) {
        return Err(missing("user", id));
    }
    let projects = identities.projects_of(&Subject::User(id.to_owned()));
    Ok(Json(all(&identities, projects, &state, &base, &format!("/v3/users/{id}/projects"))))
}

async fn own(Extract(state): Extract<State>, caller: Caller, base: Base) -> Result<Json<ListProjectsResponse>, Error> {
    let identities = state.store.identities();
    let projects = identities.projects_of(&caller.subject);
    Ok(Json(all(&identities, projects, &state, &base, "/v3/auth/projects")))
}

async fn set_status(Extract(state): Extract<State>, path: Path, payload: Payload) -> Result<StatusCode, Error> {
    let mut problems = Problems::default();
    let new: shape::Status = read::object(&payload, "project", &mut problems);
    let enabled = match new.status.as_deref() {
        Some("normal") => Some(true),
        Some("suspended") => Some(false),
        _ => {
            problems.missing("project.status", codes::IAM_INVALID, "project.status must be normal or suspended");
            None
        }
    };
    problems.finish()?;
    state.store.update_project(path.get("project_id"), None, None, enabled).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn check_name(name: &str, state: &State, problems: &mut Problems) {
    let prefix = format!("{}_", state.store.region());
    let fits = name.strip_prefix(&prefix).is_some_and(|rest| !rest.is_empty());
    problems.unless(fits || name.is_empty(), codes::IAM_INVALID, || {
        format!("project.name must begin with '{prefix}', as every project of the region")
    });
}

/// The first project is a part of the domain, the others are parts of it.
fn parent<'a>(identities: &'a Identities, project: &Project, state: &'a State) -> &'a str {
    if project.id == state.store.project() { &identities.domain.id } else { state.store.project() }
}

fn all(
    identities: &Identities,
    projects: Vec<&Project>,
    state: &State,
    base: &Base,
    path: &str,
) -> ListProjectsResponse {
    let projects = projects.into_iter().map(|project| view(identities, project, state, base)).collect();
    ListProjectsResponse { projects, links: base.links(path) }
}

fn view(identities: &Identities, project: &Project, state: &State, base: &Base) -> shape::Project {
    shape::Project {
        id: project.id.clone(),
        name: project.name.clone(),
        description: project.description.clone(),
        domain_id: identities.domain.id.clone(),
        parent_id: parent(identities, project, state).to_owned(),
        is_domain: false,
        enabled: project.enabled,
        status: if project.enabled { "normal" } else { "suspended" }.to_owned(),
        links: base.links(&format!("/v3/projects/{}", project.id)),
    }
}
