//! Custom authorizers: list, create, show, change, delete.

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::request::Parts;
use http::{HeaderName, StatusCode};
use model::apig::authorizer::{Authorizer, IDENTITIES, Identity, Location, Settings, TTL, USER_DATA};
use model::secret::Secret;
use model::trigger::Auth;
use model::urn::{Qualifier, Urn};
use wire::apig::authorizers::{self as shape, AuthorizerRequest, ListAuthorizersResponse};
use wire::codes;

use super::choose::{named, wanted};
use super::rule::{Rule, code_of};
use super::{Instance, Page, time};
use crate::body::{self, Payload, Rules};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;
use crate::target::parameter;

const NAME: &str = "3 to 64 letters, digits and '_' that begin with a letter (letters of any script)";

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete);
}

async fn list(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListAuthorizersResponse>, Error> {
    let page = Page::read(&query)?;
    let mut found = state.store.authorizers(&instance.project);
    found.retain(|one| {
        wanted(&query, "id", &one.id) && named(&query, "name", &one.name) && wanted(&query, "type", "FRONTEND")
    });
    let (authorizer_list, size, total) = page.cut(found, |one| view(&state, &one));
    Ok(Json(ListAuthorizersResponse { size, total, authorizer_list }))
}

async fn create(
    Extract(state): Extract<State>,
    instance: Instance,
    payload: Payload,
) -> Result<(StatusCode, Json<shape::Authorizer>), Error> {
    let authorizer = read(&state, instance.project, auth::keys::id(), &payload)?;
    let made = state.store.put_authorizer(authorizer).await?;
    Ok((StatusCode::CREATED, Json(view(&state, &made))))
}

async fn show(
    Extract(state): Extract<State>,
    instance: Instance,
    Named(id): Named,
) -> Result<Json<shape::Authorizer>, Error> {
    Ok(Json(view(&state, &*state.store.authorizer(&instance.project, &id)?)))
}

async fn update(
    Extract(state): Extract<State>,
    instance: Instance,
    Named(id): Named,
    payload: Payload,
) -> Result<Json<shape::Authorizer>, Error> {
    let _turn = state.changing.lock().await;
    state.store.authorizer(&instance.project, &id)?;
    let authorizer = read(&state, instance.project, id, &payload)?;
    Ok(Json(view(&state, &state.store.put_authorizer(authorizer).await?)))
}

async fn delete(Extract(state): Extract<State>, instance: Instance, Named(id): Named) -> Result<StatusCode, Error> {
    let _turn = state.changing.lock().await;
    let apis = state.store.api_outlines(&instance.project).await?;
    let asks = |api: &&store::Outline| {
        api.definition.auth == Auth::Authorizer && api.definition.authorizer_id.as_deref() == Some(&id)
    };
    if let Some(api) = apis.iter().find(asks) {
        let text = format!("the authorizer is in use by API {}: change that first", quoted(&api.definition.name));
        return Err(Error::new(codes::apig::AUTHORIZER_IN_USE, text));
    }
    state.store.delete_authorizer(&instance.project, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The authorizer a path names.
struct Named(String);

impl<S: Sync> FromRequestParts<S> for Named {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Ok(Self(parameter(parts, &["authorizer_id"]).await?))
    }
}

fn read(state: &State, project: String, id: String, payload: &Payload) -> Result<Authorizer, Error> {
    let mut problems = Problems::default();
    let rules = Rules { not_there: &["ld_api_id"], ..Rules::new("", code_of) };
    let request: AuthorizerRequest = body::read(&payload.0, rules, &mut problems);
    let mut rule = Rule { problems: &mut problems };
    let name = rule.required("name", NAME, request.name.clone(), is_name);
    let kind = "FRONTEND, as authorizers of the back end are not supported";
    rule.required("type", kind, request.r#type.clone(), |kind| kind == "FRONTEND");
    rule.required("authorizer_type", "FUNC", request.authorizer_type.clone(), |kind| kind == "FUNC");
    rule.optional("network_type", "V1 or V2", request.network_type.clone(), |kind| matches!(kind, "V1" | "V2"));
    let (package, function, qualifier) = function(state, &project, &request, &mut rule);
    let ttl = request.ttl.unwrap_or_default();
    let kept = u32::try_from(ttl).ok().filter(|ttl| *ttl <= TTL);
    rule.wrong_unless(kept.is_some(), || format!("ttl must be 0 to {TTL} seconds, not {ttl}"));
    let identities = identities(request.identities.unwrap_or_default(), &mut rule);
    rule.wrong_unless(ttl <= 0 || !identities.is_empty(), || {
        "identities must be given where ttl is more than 0: a decision is kept by them".to_owned()
    });
    let user_data = request.user_data.unwrap_or_default();
    let length = user_data.chars().count();
    rule.wrong_unless(length <= USER_DATA, || {
        format!("user_data must have at most {USER_DATA} characters, not {length}")
    });
    problems.finish()?;
    let need_body = request.need_body.unwrap_or_default();
    let settings = Settings { package, function, qualifier, identities, ttl: kept.unwrap_or_default(), need_body };
    let now = model::time::now();
    Ok(Authorizer { id, project, name, settings, user_data: Secret::new(user_data), created: now, modified: now })
}

fn is_name(name: &str) -> bool {
    (3..=64).contains(&name.chars().count())
        && name.starts_with(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// Package, name and qualifier of the function, which must be there.
fn function(
    state: &State,
    project: &str,
    request: &AuthorizerRequest,
    rule: &mut Rule<'_>,
) -> (String, String, String) {
    let must = "the URN of a function of the project";
    let alias = request.authorizer_alias_uri.clone().filter(|uri| !uri.is_empty());
    let given = alias.or_else(|| request.authorizer_uri.clone());
    let region = state.store.region();
    let own = |text: &str| {
        Urn::parse(text, region, project)
            .ok()
            .filter(|urn| urn.function.project == project && urn.function.region == region)
    };
    let text = rule.required("authorizer_uri", must, given, |text| own(text).is_some());
    let Some(urn) = own(&text) else { return Default::default() };
    let version = request.authorizer_version.clone().filter(|version| !version.is_empty());
    let qualifier = match (&urn.qualifier, version) {
        (Qualifier::Latest, Some(version)) => Qualifier::from(version.as_str()),
        (qualifier, _) => qualifier.clone(),
    };
    let there = state.store.function(&urn.function).is_some_and(|function| function.version(&qualifier).is_some());
    if !there {
        let text = format!("authorizer_uri: there is no function {}", urn.function.urn(&qualifier));
        rule.problems.add(codes::apig::FUNCTION_MISSING, text);
    }
    (urn.function.package, urn.function.name, qualifier.to_string())
}

fn identities(given: Vec<shape::Identity>, rule: &mut Rule<'_>) -> Vec<Identity> {
    let count = given.len();
    rule.wrong_unless(count <= IDENTITIES, || format!("identities must be at most {IDENTITIES}, not {count}"));
    let mut found = Vec::new();
    for shape::Identity { name, location, validation } in given {
        let location = match location.as_str() {
            "HEADER" => Some(Location::Header),
            "QUERY" => Some(Location::Query),
            other => {
                rule.wrong_unless(false, || {
                    format!("identities.location must be HEADER or QUERY, not {}", quoted(other))
                });
                None
            }
        };
        let fine = !name.is_empty()
            && name.len() <= 128
            && (location != Some(Location::Header) || HeaderName::from_bytes(name.as_bytes()).is_ok());
        let shown = quoted(&name);
        rule.wrong_unless(fine, || {
            format!("identities.name must be the name of a header or a query parameter, not {shown}")
        });
        rule.wrong_unless(validation.as_deref().unwrap_or_default().is_empty(), || {
            "identities.validation is not supported yet, leave it out".to_owned()
        });
        found.extend(location.map(|location| Identity { name, location }));
    }
    found
}

fn view(state: &State, authorizer: &Authorizer) -> shape::Authorizer {
    let (settings, qualifier) = (&authorizer.settings, authorizer.qualifier());
    let function = authorizer.function(state.store.region());
    let alias = matches!(qualifier, Qualifier::Alias(_));
    let identity = |identity: &Identity| shape::Identity {
        name: identity.name.clone(),
        location: if identity.location == Location::Header { "HEADER" } else { "QUERY" }.to_owned(),
        validation: None,
    };
    shape::Authorizer {
        id: authorizer.id.clone(),
        name: authorizer.name.clone(),
        r#type: "FRONTEND".to_owned(),
        authorizer_type: "FUNC".to_owned(),
        authorizer_uri: function.to_string(),
        network_type: "V2".to_owned(),
        authorizer_version: if alias { String::new() } else { qualifier.to_string() },
        authorizer_alias_uri: if alias { function.urn(&qualifier) } else { String::new() },
        identities: settings.identities.iter().map(identity).collect(),
        ttl: i64::from(settings.ttl),
        user_data: authorizer.user_data.expose().to_owned(),
        need_body: settings.need_body,
        create_time: time(authorizer.created),
    }
}
