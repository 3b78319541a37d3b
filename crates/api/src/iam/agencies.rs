//! Agencies.

use axum::Json;
use axum::extract::State as Extract;
use http::StatusCode;
use serde_json::Value;
use store::SERVICES;
use store::identity::{Agency, Identities};
use wire::codes;
use wire::iam::agencies::{self as shape, AgencyResponse, ListAgenciesResponse, NewAgency};

use super::read::{self, Path};
use super::{missing, precise};
use crate::body::Payload;
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;

/// Longest duration in days.
const DAYS: i64 = 36_500;

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::CREATE, create)
        .on(shape::SHOW, show)
        .on(shape::UPDATE, update)
        .on(shape::DELETE, delete);
}

async fn list(Extract(state): Extract<State>, query: Query) -> Result<Json<ListAgenciesResponse>, Error> {
    let identities = state.store.identities();
    let trusts = |agency: &Agency, id: &str| agency.trusted == identities.domain.name && id == identities.domain.id;
    let fits = |agency: &&Agency| {
        query.text("domain_id").is_none_or(|domain| domain == identities.domain.id)
            && query.text("trust_domain_id").is_none_or(|id| trusts(agency, id))
            && query.text("name").is_none_or(|name| name == agency.name)
    };
    let mut agencies: Vec<_> =
        identities.agencies.values().filter(fits).map(|agency| view(&identities, agency)).collect();
    agencies.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(Json(ListAgenciesResponse { agencies: read::page(agencies, &query)? }))
}

async fn create(Extract(state): Extract<State>, payload: Payload) -> Result<(StatusCode, Json<AgencyResponse>), Error> {
    let mut problems = Problems::default();
    let new: NewAgency = read::object(&payload, "agency", &mut problems);
    let name = read::name("agency.name", new.name.as_deref(), 64, &mut problems);
    read::domain("agency.domain_id", new.domain_id.as_deref(), &state, &mut problems);
    let identities = state.store.identities();
    let trusted = trusted(&new, &identities, &mut problems);
    if trusted.is_none() {
        let text = "agency.trust_domain_name (or trust_domain_id) is missing: the domain, or op_svc_functiongraph";
        problems.missing("agency.trust_domain_name", codes::IAM_INVALID, text);
    }
    let description = read::description("agency.description", new.description, &mut problems).unwrap_or_default();
    let duration = duration(new.duration.as_ref(), &mut problems).unwrap_or_else(|| "FOREVER".to_owned());
    problems.finish()?;
    let agency = state.store.create_agency(&name, &trusted.unwrap_or_default(), &description, &duration).await?;
    Ok((StatusCode::CREATED, Json(AgencyResponse { agency: view(&identities, &agency) })))
}

async fn show(Extract(state): Extract<State>, path: Path) -> Result<Json<AgencyResponse>, Error> {
    let identities = state.store.identities();
    let id = path.get("agency_id");
    let agency = identities.agencies.get(id).ok_or_else(|| missing("agency", id))?;
    Ok(Json(AgencyResponse { agency: view(&identities, agency) }))
}

async fn update(Extract(state): Extract<State>, path: Path, payload: Payload) -> Result<Json<AgencyResponse>, Error> {
    let mut problems = Problems::default();
    let new: NewAgency = read::object(&payload, "agency", &mut problems);
    let identities = state.store.identities();
    let trusted = trusted(&new, &identities, &mut problems);
    problems.unless(new.name.is_none(), codes::IAM_INVALID, || "agency.name cannot be changed".to_owned());
    read::domain("agency.domain_id", new.domain_id.as_deref(), &state, &mut problems);
    let description = read::description("agency.description", new.description, &mut problems);
    let duration = duration(new.duration.as_ref(), &mut problems);
    problems.finish()?;
    let agency = state.store.update_agency(path.get("agency_id"), trusted, description, duration).await?;
    Ok(Json(AgencyResponse { agency: view(&identities, &agency) }))
}

async fn delete(Extract(state): Extract<State>, path: Path) -> Result<StatusCode, Error> {
    state.store.delete_agency(path.get("agency_id")).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whom it is to trust, if that is said: the one domain, or FunctionGraph.
fn trusted(new: &NewAgency, identities: &Identities, problems: &mut Problems) -> Option<String> {
    let by_id = new.trust_domain_id.as_deref().filter(|id| !id.is_empty());
    if let Some(id) = by_id.filter(|id| *id != identities.domain.id) {
        problems.add(codes::IAM_INVALID, format!("agency.trust_domain_id: there is no domain {}", quoted(id)));
    }
    let by_name = new.trust_domain_name.as_deref().filter(|name| !name.is_empty());
    if let Some(name) = by_name.filter(|name| *name != identities.domain.name && !SERVICES.contains(name)) {
        let text = format!(
            "agency.trust_domain_name must be '{}', {}, not {}",
            identities.domain.name,
            SERVICES.join(" or "),
            quoted(name)
        );
        problems.add(codes::IAM_INVALID, text);
    }
    by_name.map(str::to_owned).or_else(|| by_id.map(|_| identities.domain.name.clone()))
}

fn duration(value: Option<&Value>, problems: &mut Problems) -> Option<String> {
    let text = match value? {
        Value::Null => return None,
        Value::String(text) => text.clone(),
        Value::Number(days) => days.to_string(),
        other => other.to_string(),
    };
    let days = text.parse::<i64>().is_ok_and(|days| (1..=DAYS).contains(&days));
    problems.unless(days || matches!(text.as_str(), "FOREVER" | "ONEDAY"), codes::IAM_INVALID, || {
        format!("agency.duration must be FOREVER, ONEDAY or 1 to {DAYS} days, not {}", quoted(&text))
    });
    Some(text)
}

fn view(identities: &Identities, agency: &Agency) -> shape::Agency {
    let by_domain = agency.trusted == identities.domain.name;
    shape::Agency {
        id: agency.id.clone(),
        name: agency.name.clone(),
        description: agency.description.clone(),
        domain_id: identities.domain.id.clone(),
        trust_domain_id: if by_domain { identities.domain.id.clone() } else { String::new() },
        trust_domain_name: agency.trusted.clone(),
        duration: agency.duration.clone(),
        create_time: precise(agency.created),
        expire_time: agency.expires.map(precise).unwrap_or_default(),
        agency_urn: format!("iam::{}:agency:{}", identities.domain.id, agency.name),
    }
}
