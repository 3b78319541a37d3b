//! Quotas: what a project may have here, and what it has.

use axum::Json;
use axum::extract::State as Extract;
use model::limits;
use wire::fgs::quotas::{self as shape, ListQuotasResponse, Quota, Quotas};

use crate::caller::Caller;
use crate::error::Error;
use crate::router::Routes;
use crate::state::State;

const MB: u64 = 1024 * 1024;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::LIST, list);
}

async fn list(Extract(state): Extract<State>, caller: Caller) -> Result<Json<ListQuotasResponse>, Error> {
    let functions = state.store.functions(&caller.project);
    let versions = functions.iter().flat_map(|function| function.all_versions());
    let code: u64 = versions.map(|version| version.code.size).sum();
    let dependencies = state.store.all_dependency_versions(&caller.project).await?;
    let dependencies: u64 = dependencies.iter().map(|version| version.size).sum();
    let most = u64::try_from(*limits::MAX_INSTANCES.end()).unwrap_or_default();
    let resources = vec![
        quota("fgs_func_num", state.store.function_limit(), Some(functions.len() as u64)),
        Quota {
            unit: "MB".to_owned(),
            ..quota("fgs_func_code_size", limits::PROJECT_CODE_BYTES / MB, Some((code + dependencies).div_ceil(MB)))
        },
        Quota { unit: "s".to_owned(), ..quota("fgs_func_scale_down_timeout", state.config.idle.as_secs(), None) },
        quota("fgs_on_demand_instance_limit", most, None),
        // There are no workflows.
        quota("fgs_workflow_num", 0, Some(0)),
    ];
    Ok(Json(ListQuotasResponse { quotas: Quotas { resources } }))
}

fn quota(kind: &str, quota: u64, used: Option<u64>) -> Quota {
    let number = |number| i64::try_from(number).unwrap_or(i64::MAX);
    Quota { quota: number(quota), used: used.map(number), r#type: kind.to_owned(), unit: String::new() }
}
