//! What this installation has, as the Terraform provider and the console ask for it.

use axum::Json;
use axum::extract::State as Extract;
use model::function::HTTP_RUNTIME;
use model::trigger::{Kind, Trigger};
use serde_json::{Value, json};
use wire::fgs::installation::{self as shape, ListTriggersResponse, OwnedTrigger, RuntimeType, TrustedAgency};

use super::reserves::page::{self, Page};
use super::triggers::{Addresses, view};
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::signature::Caller;
use crate::state::State;

/// Least, usual and most triggers of a page.
const TRIGGERS: (i64, i64, i64) = (1, 500, 500);
/// What an agency trusts when it trusts this service.
const SERVICE: &str = "op_svc_functiongraph";

pub(crate) fn routes(routes: &mut Routes) {
    routes
        .on(shape::RUNTIME_TYPES, runtime_types)
        .on(shape::TRIGGER_TYPES, trigger_types)
        .on(shape::FEATURE, feature)
        .on(shape::TRUSTED_AGENCIES, trusted_agencies)
        .on(shape::TRIGGERS, triggers);
}

/// HTTP functions bring their server along, so this is the only one.
async fn runtime_types() -> Json<Vec<RuntimeType>> {
    Json(vec![RuntimeType { r#type: HTTP_RUNTIME.to_owned(), display_name: "HTTP".to_owned() }])
}

async fn trigger_types() -> Json<Vec<&'static str>> {
    Json([Kind::Apig, Kind::DedicatedGateway].map(Kind::code).to_vec())
}

/// The vendor documents no names; these say what there is in the words of its own settings.
async fn feature() -> Json<Value> {
    Json(json!({
        "http_function": true,
        "event_function": false,
        "custom_image": false,
        "async_invocation": false,
        "reserved_instance": true,
        "reserved_instance_cron_policy": true,
        "reserved_instance_metric_policy": false,
        "dynamic_memory": true,
        "function_statistics": true,
        "lts": true,
        "workflow": false,
        "gpu": false,
        "snapshot": false,
    }))
}

async fn trusted_agencies(Extract(state): Extract<State>) -> Json<Vec<TrustedAgency>> {
    let identities = state.store.identities();
    let ours = identities.agencies.values().filter(|agency| agency.trusted == SERVICE);
    let mut agencies: Vec<_> = ours
        .map(|agency| TrustedAgency {
            name: agency.name.clone(),
            expire_time: agency.expires.map(model::time::wire_text).unwrap_or_default(),
        })
        .collect();
    agencies.sort_by(|a, b| a.name.cmp(&b.name));
    Json(agencies)
}

async fn triggers(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
) -> Result<Json<ListTriggersResponse>, Error> {
    let mut problems = Problems::default();
    let limit = query.bounded("maxitems", TRIGGERS, &mut problems);
    let page = Page::read(&query, limit, &mut problems);
    problems.finish()?;
    let mut all = state.store.project_triggers(&caller.project).await?;
    if let Some(kind) = query.text("trigger_type") {
        all.retain(|trigger| trigger.kind.code() == kind);
    }
    let addresses = Addresses::read(&state, &caller.project).await?;
    let (items, info) = page.cut(&all);
    let triggers = items.iter().map(|trigger| owned(trigger, &addresses)).collect();
    Ok(Json(ListTriggersResponse { triggers, next_marker: info.next_marker, count: page::number(all.len()) }))
}

fn owned(trigger: &Trigger, addresses: &Addresses) -> OwnedTrigger {
    let seen = view(trigger, addresses);
    OwnedTrigger {
        func_urn: trigger.function.urn(&trigger.qualifier),
        id: seen.trigger_id.clone(),
        trigger_id: seen.trigger_id,
        r#type: seen.trigger_type_code.clone(),
        trigger_type_code: seen.trigger_type_code,
        status: seen.trigger_status.clone(),
        trigger_status: seen.trigger_status,
        event_data: seen.event_data,
        last_updated_time: seen.last_updated_time,
        created_time: seen.created_time,
    }
}
