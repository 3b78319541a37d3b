//! Reserved instances: set and listed.

use axum::Json;
use axum::extract::State as Extract;
use model::reserve::{Policy, Reserve};
use model::urn::Qualifier;
use wire::codes::{self, Code};
use wire::fgs::reserves::{
    self as shape, CronConfig, ListConfigsResponse, ListInstancesResponse, ReservedConfig, ReservedInstances,
    TacticsConfig, UpdateReservedRequest,
};

use self::page::Page;
use self::read::read;
use crate::body::Payload;
use crate::error::Error;
use crate::problems::Problems;
use crate::query::Query;
use crate::router::Routes;
use crate::signature::Caller;
use crate::state::State;
use crate::target::Target;

pub(super) mod page;
mod read;

/// Least, usual and most items of a page of configurations.
const CONFIGS: (i64, i64, i64) = (1, 100, 500);
/// Items of a page of instances: as many if nothing, 0 or more is said (`api.md`).
const INSTANCES: i64 = 400;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::UPDATE, update).on(shape::CONFIGS, configs).on(shape::INSTANCES, instances);
}

async fn update(
    Extract(state): Extract<State>,
    target: Target,
    payload: Payload,
) -> Result<Json<UpdateReservedRequest>, Error> {
    let id = &target.urn.function;
    let function = state.store.function(id).ok_or_else(|| store::Error::FunctionMissing(id.to_string()))?;
    let most = function.version(&target.urn.qualifier).map_or(-1, |version| version.config.max_instances);
    let reserve = read(&payload.0, target.urn, most)?;
    let answer = view(&reserve);
    state.store.set_reserve(reserve).await?;
    Ok(Json(answer))
}

async fn configs(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
) -> Result<Json<ListConfigsResponse>, Error> {
    let mut problems = Problems::default();
    let limit = query.bounded("limit", CONFIGS, &mut problems);
    let page = Page::read(&query, limit, &mut problems);
    problems.finish()?;
    let mut target =
        query.text("function_urn").map(|urn| Target::read(urn, &caller, state.store.region())).transpose()?;
    if let Some(target) = target.as_mut().filter(|target| target.urn.qualifier == Qualifier::Latest) {
        // The Terraform provider means the function when it names `latest`.
        target.versioned = false;
    }
    let all = wanted(&state, &caller, target.as_ref());
    let (reserves, page_info) = page.cut(&all);
    let reserved_instances = reserves.iter().map(config).collect();
    Ok(Json(ListConfigsResponse { reserved_instances, page_info, count: page::number(all.len()) }))
}

async fn instances(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
) -> Result<Json<ListInstancesResponse>, Error> {
    let mut problems = Problems::default();
    let limit = match query.bounded("limit", (0, INSTANCES, i64::MAX), &mut problems) {
        0 => INSTANCES,
        limit => page::number(limit).min(INSTANCES),
    };
    let page = Page::read(&query, usize::try_from(limit).unwrap_or(0), &mut problems);
    problems.finish()?;
    let now = model::time::now();
    let counted = |reserve: Reserve| ReservedInstances { func_urn: reserve.urn(), count: reserve.wanted(now).into() };
    let target = query.text("urn").map(|urn| Target::read(urn, &caller, state.store.region())).transpose()?;
    let all = wanted(&state, &caller, target.as_ref()).into_iter().map(counted);
    let all: Vec<_> = all.filter(|reserved| reserved.count > 0).collect();
    let (reserved, page_info) = page.cut(&all);
    let reservedinstances = reserved.to_vec();
    Ok(Json(ListInstancesResponse { reservedinstances, page_info, count: page::number(all.len()) }))
}

/// Those of the caller's project, of one function or of one version if that is named.
fn wanted(state: &State, caller: &Caller, target: Option<&Target>) -> Vec<Reserve> {
    let mut reserves = state.store.reserves(&caller.project);
    if let Some(Target { urn, versioned }) = target {
        reserves
            .retain(|reserve| reserve.function == urn.function && (!versioned || reserve.qualifier == urn.qualifier));
    }
    reserves
}

fn config(reserve: &Reserve) -> ReservedConfig {
    let (kind, name) = match &reserve.qualifier {
        Qualifier::Latest => ("version", "latest"),
        Qualifier::Version(name) => ("version", name.as_str()),
        Qualifier::Alias(name) => ("alias", name.as_str()),
    };
    ReservedConfig {
        function_urn: reserve.function.to_string(),
        qualifier_type: kind.to_owned(),
        qualifier_name: name.to_owned(),
        min_count: reserve.count.into(),
        idle_mode: reserve.idle_mode,
        tactics_config: tactics(reserve),
    }
}

fn view(reserve: &Reserve) -> UpdateReservedRequest {
    UpdateReservedRequest {
        count: Some(reserve.count.into()),
        idle_mode: Some(reserve.idle_mode),
        tactics_config: Some(tactics(reserve)),
    }
}

fn tactics(reserve: &Reserve) -> TacticsConfig {
    let cron = |policy: &Policy| CronConfig {
        name: Some(policy.name.clone()),
        cron: Some(policy.cron.clone()),
        count: Some(policy.count.into()),
        start_time: Some(policy.start),
        expired_time: Some(policy.expired),
    };
    let crons: Vec<_> = reserve.policies.iter().map(cron).collect();
    TacticsConfig { cron_configs: Some(crons).filter(|crons| !crons.is_empty()), metric_configs: None }
}

/// The code for what is wrong with a field.
fn code_of(_: &str) -> Code {
    codes::INVALID
}
