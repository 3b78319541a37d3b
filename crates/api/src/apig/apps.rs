//! Apps: list, create, show, change, delete; reset their secret; check them; from where they may call.

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use model::apig::app::{ACL_VALUES, Acl, AclKind, Addresses, App, Client};
use model::secret::Secret;
use store::AppChange;
use wire::apig::apps::{
    self as shape, AppAcl, AppAclRequest, AppRequest, CheckAppResponse, ListAppsResponse, ResetSecretRequest,
};
use wire::codes;

use super::choose::{named, wanted};
use super::rule::{Rule as Fields, code_of};
use super::secret::Rule;
use super::{Instance, Page, time};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;
use crate::target::parameter;

const NAME: &str = "3 to 64 letters, digits and '_' that begin with a letter (letters of any script)";
const KEY: Rule = Rule { field: "app_key", chars: (8, 200), beside: "_-", begins: "", secret: false };
const SECRET: Rule = Rule { field: "app_secret", chars: (8, 128), beside: "_-!@#$%", begins: "", secret: true };

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete)
        .on(shape::RESET_SECRET, reset_secret)
        .on(shape::CHECK, check)
        .on(shape::SHOW_ACL, show_acl)
        .on(shape::UPDATE_ACL, update_acl)
        .on(shape::DELETE_ACL, delete_acl);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListAppsResponse>, Error> {
    let page = Page::read(&query)?;
    let fits = |client: &Client| {
        let app = &client.app;
        wanted(&query, "id", &app.id)
            && named(&query, "name", &app.name)
            && wanted(&query, "app_key", &app.key)
            && wanted(&query, "creator", "USER")
            && wanted(&query, "status", "1")
    };
    let found: Vec<_> = state.store.apps(&instance.project).into_iter().filter(|client| fits(client)).collect();
    let bound = |client: &Client| i64::try_from(client.grants.len()).unwrap_or(i64::MAX);
    let (apps, size, total) =
        page.cut(found, |client| shape::App { bind_num: Some(bound(&client)), ..view(&client.app) });
    Ok(Json(ListAppsResponse { size, total, apps }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::App>), Error> {
    let wanted = read(&payload)?;
    let now = model::time::now();
    let app = App {
        id: auth::keys::id(),
        project: instance.project,
        name: wanted.name,
        remark: wanted.remark.unwrap_or_default(),
        key: wanted.key.unwrap_or_else(auth::keys::id),
        secret: wanted.secret.unwrap_or_else(|| Secret::new(auth::keys::id())),
        acl: None,
        created: now,
        modified: now,
    };
    let app = state.store.create_app(app).await?;
    Ok((StatusCode::CREATED, Json(view(&app))))
}

async fn show(Extract(state): Extract<State>, instance: Instance, AppId(id): AppId) -> Result<Json<shape::App>, Error> {
    Ok(Json(view(&state.store.app(&instance.project, &id)?.app)))
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    AppId(id): AppId,
    payload: Payload,
) -> Result<Json<shape::App>, Error> {
    let Wanted { name, remark, key, secret } = read(&payload)?;
    let change = AppChange { name: Some(name), remark, key, secret, acl: None };
    Ok(Json(view(&state.store.update_app(&instance.project, &id, change).await?)))
}

async fn delete(Extract(state): Extract<State>, instance: Instance, AppId(id): AppId) -> Result<StatusCode, Error> {
    state.store.delete_app(&instance.project, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn reset_secret(
    Extract(state): Extract<State>,
    instance: Instance,
    AppId(id): AppId,
    payload: Payload,
) -> Result<Json<shape::App>, Error> {
    let mut problems = Problems::default();
    let request: ResetSecretRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    let secret = SECRET.check(request.app_secret, &mut problems);
    problems.finish()?;
    let secret = Some(Secret::new(secret.unwrap_or_else(auth::keys::id)));
    let change = AppChange { secret, ..AppChange::default() };
    Ok(Json(view(&state.store.update_app(&instance.project, &id, change).await?)))
}

async fn check(
    Extract(state): Extract<State>,
    instance: Instance,
    AppId(id): AppId,
) -> Result<Json<CheckAppResponse>, Error> {
    let client = state.store.app(&instance.project, &id)?;
    let App { id, name, remark, .. } = client.app.clone();
    Ok(Json(CheckAppResponse { id, name, remark }))
}

async fn show_acl(Extract(state): Extract<State>, instance: Instance, AppId(id): AppId) -> Result<Json<AppAcl>, Error> {
    Ok(Json(acl_view(&state.store.app(&instance.project, &id)?.app)))
}

async fn update_acl(
    Extract(state): Extract<State>,
    instance: Instance,
    AppId(id): AppId,
    payload: Payload,
) -> Result<(StatusCode, Json<AppAcl>), Error> {
    let acl = Some(Some(acl(&payload)?));
    let app = state.store.update_app(&instance.project, &id, AppChange { acl, ..AppChange::default() }).await?;
    Ok((StatusCode::CREATED, Json(acl_view(&app))))
}

async fn delete_acl(Extract(state): Extract<State>, instance: Instance, AppId(id): AppId) -> Result<StatusCode, Error> {
    let change = AppChange { acl: Some(None), ..AppChange::default() };
    state.store.update_app(&instance.project, &id, change).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The app a path names.
#[derive(Debug)]
pub(super) struct AppId(pub(super) String);

impl<S: Sync> FromRequestParts<S> for AppId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parameter(parts, &["app_id"]).await?))
    }
}

fn is_name(name: &str) -> bool {
    (3..=64).contains(&name.chars().count())
        && name.starts_with(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// An app as asked for.
struct Wanted {
    name: String,
    remark: Option<String>,
    key: Option<String>,
    secret: Option<Secret>,
}

fn read(payload: &Payload) -> Result<Wanted, Error> {
    let mut problems = Problems::default();
    let rules = Rules { not_there: &["related_domain_id", "related_project_id"], ..Rules::new("", code_of) };
    let request: AppRequest = body::read(&payload.0, rules, &mut problems);
    let mut fields = Fields { problems: &mut problems };
    let name = fields.required("name", NAME, request.name, is_name);
    let remark = fields.remark("remark", request.remark, 255);
    let key = KEY.check(request.app_key, &mut problems);
    let secret = SECRET.check(request.app_secret, &mut problems).map(Secret::new);
    problems.finish()?;
    Ok(Wanted { name, remark, key, secret })
}

fn acl(payload: &Payload) -> Result<Acl, Error> {
    let mut problems = Problems::default();
    let request: AppAclRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    let kind = match request.app_acl_type.as_deref() {
        Some("PERMIT") => AclKind::Permit,
        Some("DENY") => AclKind::Deny,
        other => {
            let given = quoted(other.unwrap_or_default());
            let text = format!("app_acl_type must be PERMIT or DENY, not {given}");
            problems.missing("app_acl_type", codes::apig::PARAMETER, text);
            AclKind::Permit
        }
    };
    let values = request.app_acl_values.unwrap_or_default();
    let count = values.len();
    if !(1..=ACL_VALUES).contains(&count) {
        let text = format!("app_acl_values: 1 to {ACL_VALUES} addresses, not {count}");
        problems.missing("app_acl_values", codes::apig::PARAMETER, text);
    }
    for value in values.iter().filter(|value| Addresses::read(value).is_none()) {
        let given = quoted(value);
        problems.add(
            codes::apig::PARAMETER,
            format!("app_acl_values: {given} is no address, range (a-b) or network (a/bits)"),
        );
    }
    problems.finish()?;
    Ok(Acl { kind, values })
}

fn acl_view(app: &App) -> AppAcl {
    let kind = match app.acl.as_ref().map(|acl| acl.kind) {
        None => "",
        Some(AclKind::Permit) => "PERMIT",
        Some(AclKind::Deny) => "DENY",
    };
    let app_acl_values = app.acl.as_ref().map(|acl| acl.values.clone()).unwrap_or_default();
    AppAcl { app_id: app.id.clone(), app_acl_type: kind.to_owned(), app_acl_values }
}

fn view(app: &App) -> shape::App {
    shape::App {
        id: app.id.clone(),
        name: app.name.clone(),
        remark: app.remark.clone(),
        creator: "USER".to_owned(),
        update_time: time(app.modified),
        app_key: app.key.clone(),
        app_secret: app.secret.expose().to_owned(),
        register_time: time(app.created),
        status: 1,
        app_type: "apig".to_owned(),
        bind_num: None,
    }
}
