//! AppCodes of an app: list, create, make, show, delete.

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use model::apig::app::Code;
use model::secret::Secret;
use wire::apig::app_codes::{self as shape, AppCode, AppCodeRequest, ListAppCodesResponse};
use wire::codes;

use super::apps::AppId;
use super::rule::code_of;
use super::secret::Rule;
use super::{Instance, Page, time};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

const CODE: Rule = Rule { field: "app_code", chars: (64, 180), beside: "+_!@#$%-/=", begins: "+/", secret: true };

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::CREATE_AUTO, create_auto)
        .on(shape::SHOW, show)
        .on(shape::DELETE, delete);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    AppId(app): AppId,
    query: Query,
) -> Result<Json<ListAppCodesResponse>, Error> {
    let page = Page::read(&query)?;
    let client = state.store.app(&instance.project, &app)?;
    let (app_codes, size, total) = page.cut(client.codes.clone(), |code| view(&app, &code));
    Ok(Json(ListAppCodesResponse { size, total, app_codes }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    AppId(app): AppId,
    payload: Payload,
) -> Result<(StatusCode, Json<AppCode>), Error> {
    let mut problems = Problems::default();
    let request: AppCodeRequest = body::read(&payload.0, Rules::new("", code_of), &mut problems);
    if request.app_code.as_deref().unwrap_or_default().is_empty() {
        let text = "app_code is missing";
        problems.missing("app_code", codes::apig::PARAMETER, text);
    }
    let code = CODE.check(request.app_code, &mut problems);
    problems.finish()?;
    add(&state, &instance, &app, code.unwrap_or_default()).await
}

async fn create_auto(
    Extract(state): Extract<State>,
    instance: Instance,
    AppId(app): AppId,
) -> Result<(StatusCode, Json<AppCode>), Error> {
    add(&state, &instance, &app, format!("{}{}", auth::keys::id(), auth::keys::id())).await
}

async fn add(
    state: &State,
    instance: &Instance,
    app: &str,
    code: String,
) -> Result<(StatusCode, Json<AppCode>), Error> {
    let code = state.store.create_app_code(&instance.project, app, Secret::new(code)).await?;
    Ok((StatusCode::CREATED, Json(view(app, &code))))
}

async fn show(
    Extract(state): Extract<State>,
    instance: Instance,
    AppId(app): AppId,
    CodeId(id): CodeId,
) -> Result<Json<AppCode>, Error> {
    let client = state.store.app(&instance.project, &app)?;
    let code = client.codes.iter().find(|code| code.id == id);
    let code = code.ok_or(store::Error::CallerMissing { what: "AppCode", id })?;
    Ok(Json(view(&app, code)))
}

async fn delete(
    Extract(state): Extract<State>,
    instance: Instance,
    AppId(app): AppId,
    CodeId(id): CodeId,
) -> Result<StatusCode, Error> {
    state.store.delete_app_code(&instance.project, &app, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The code a path names.
struct CodeId(String);

impl<S: Sync> axum::extract::FromRequestParts<S> for CodeId {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut http::request::Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(crate::target::parameter(parts, &["app_code_id"]).await?))
    }
}

fn view(app: &str, code: &Code) -> AppCode {
    AppCode {
        app_code: code.text.expose().to_owned(),
        id: code.id.clone(),
        app_id: app.to_owned(),
        create_time: time(code.created),
    }
}
