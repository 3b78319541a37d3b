//! Variables of a group in an environment, which paths of its APIs name between `#`.

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::StatusCode;
use http::request::Parts;
use model::apig::path;
use store::apig::NewVariable;
use wire::apig::environments::{self as shape, CreateVariableRequest, ListVariablesResponse, UpdateVariableRequest};
use wire::codes;

use super::rule::{self, Rule};
use super::{Instance, Page};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;
use crate::target::parameter;

const NAME: &str = "3 to 32 letters, digits, '-' and '_' that begin with a letter";
const VALUE: &str = "1 to 255 letters, digits and -_./:";

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST_VARIABLES, list)
        .on(shape::CREATE_VARIABLE, create)
        .on(shape::SHOW_VARIABLE, show)
        .on(shape::UPDATE_VARIABLE, update)
        .on(shape::DELETE_VARIABLE, delete);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListVariablesResponse>, Error> {
    let page = Page::read(&query)?;
    if query.text("group_id").is_none() {
        return Err(Error::new(codes::apig::MANDATORY, "query parameter group_id is missing"));
    }
    let mut variables = state.store.variables(&instance.project).await?;
    let exact = query.text("precise_search").is_some_and(|fields| fields.split(',').any(|one| one == "variable_name"));
    variables.retain(|one| {
        let named = |part: &str| if exact { one.name == part } else { one.name.contains(part) };
        query.text("group_id").is_none_or(|id| one.group_id == id)
            && query.text("env_id").is_none_or(|id| one.env_id == id)
            && query.text("variable_name").is_none_or(named)
    });
    let (variables, size, total) = page.cut(variables, view);
    Ok(Json(ListVariablesResponse { size, total, variables }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Variable>), Error> {
    let mut problems = Problems::default();
    let request: CreateVariableRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let new = NewVariable {
        group_id: rule.required("group_id", "the id of an API group", request.group_id, |_| true),
        env_id: rule.required("env_id", "the id of an environment", request.env_id, |_| true),
        name: rule.required("variable_name", NAME, request.variable_name, path::is_variable),
        value: rule.required("variable_value", VALUE, request.variable_value, is_value),
    };
    problems.finish()?;
    let made = state.store.create_variable(&instance.project, new).await?;
    Ok((StatusCode::CREATED, Json(view(made))))
}

async fn show(
    Extract(state): Extract<State>,
    instance: Instance,
    named: Named,
) -> Result<Json<shape::Variable>, Error> {
    let variables = state.store.variables(&instance.project).await?;
    let found = variables.into_iter().find(|one| one.id == named.0);
    let text = || format!("environment variable {} does not exist", quoted(&named.0));
    Ok(Json(view(found.ok_or_else(|| Error::new(codes::apig::VARIABLE_MISSING, text()))?)))
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    named: Named,
    payload: Payload,
) -> Result<Json<shape::Variable>, Error> {
    let mut problems = Problems::default();
    let request: UpdateVariableRequest = body::read(&payload.0, Rules::new("", rule::code_of), &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let value = rule.required("variable_value", VALUE, request.variable_value, is_value);
    problems.finish()?;
    let changed = state.store.change_variable(&instance.project, &named.0, Some(&value)).await?;
    Ok(Json(view(changed)))
}

async fn delete(Extract(state): Extract<State>, instance: Instance, named: Named) -> Result<StatusCode, Error> {
    state.store.change_variable(&instance.project, &named.0, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The variable a path names.
#[derive(Debug)]
struct Named(String);

impl<S: Sync> FromRequestParts<S> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parameter(parts, &["env_variable_id"]).await?))
    }
}

fn is_value(value: &str) -> bool {
    value.len() <= 255 && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:".contains(c))
}

fn view(variable: store::apig::Variable) -> shape::Variable {
    let store::apig::Variable { id, group_id, env_id, name, value } = variable;
    shape::Variable { variable_value: value, env_id, group_id, variable_name: name, id }
}
