//! The gateway itself. There is one, built in; its id is made of the installation's account, so that it stays what it is.

use axum::Json;
use axum::extract::{FromRequestParts, State as Extract};
use http::request::Parts;
use model::limits;
use sha2::{Digest as _, Sha256};
use wire::apig::instances::{
    self as shape, ApiQuantities, AppQuantities, Config, Feature, GroupQuantities, ListConfigsResponse,
    ListFeaturesResponse, ListInstanceFeaturesResponse, ListInstancesResponse, Listeners, Progress,
};
use wire::codes;

use super::{Page, number};
use crate::caller::Caller;
use crate::error::Error;
use crate::problems::quoted;
use crate::query::Query;
use crate::router::Routes;
use crate::state::State;
use crate::target::parameter;

/// What the gateway can do, in the vendor's words.
const FEATURES: [&str; 2] = ["backend_timeout", "route"];

pub(super) fn routes(routes: &mut Routes) {
    routes
        .on(shape::LIST, list)
        .on(shape::SHOW, show)
        .on(shape::PROGRESS, progress)
        .on(shape::FEATURES, features)
        .on(shape::INSTANCE_FEATURES, instance_features)
        .on(shape::CONFIGS, configs)
        .on(shape::API_QUANTITIES, apis)
        .on(shape::APP_QUANTITIES, apps)
        .on(shape::GROUP_QUANTITIES, groups);
}

/// The gateway that a path names, in the project that the caller acts in: every operation of the gateway takes it.
#[derive(Clone, Debug)]
pub(crate) struct Instance {
    /// The project.
    pub(crate) project: String,
}

impl FromRequestParts<State> for Instance {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Error> {
        let caller = Caller::from_request_parts(parts, state).await?;
        let named = parameter(parts, &["instance_id"]).await?;
        let id = id(state);
        if named != id {
            let text = format!("the instance does not exist;id:{}: this installation's is '{id}'", quoted(&named));
            return Err(Error::new(codes::apig::INSTANCE_MISSING, text));
        }
        Ok(Self { project: caller.project })
    }
}

/// The id of the one gateway, 32 hexadecimal digits.
pub(crate) fn id(state: &State) -> String {
    let mut id = hex::encode(Sha256::digest(format!("apig-instance/{}", state.store.domain())));
    id.truncate(32);
    id
}

async fn list(
    Extract(state): Extract<State>,
    caller: Caller,
    query: Query,
) -> Result<Json<ListInstancesResponse>, Error> {
    let page = Page::read(&query)?;
    let own = summary(&state, &caller.project).await?;
    let same = |name: &str, value: &str| query.text(name).is_none_or(|asked| asked == value);
    let wanted = same("instance_id", &own.id) && same("status", &own.status);
    let named = query.text("instance_name").is_none_or(|part| own.instance_name.contains(part));
    let all = if wanted && named { vec![own] } else { Vec::new() };
    let (instances, size, total) = page.cut(all, |instance| instance);
    Ok(Json(ListInstancesResponse { size, total, instances }))
}

async fn show(Extract(state): Extract<State>, instance: Instance) -> Result<Json<shape::Instance>, Error> {
    let http = crate::addresses::authority(&state.config.gateway_url);
    let https = state.config.tls_url(None).map(|url| crate::addresses::authority(&url).to_owned());
    Ok(Json(shape::Instance {
        ingress_ip: Some(http.to_owned()),
        listeners: Some(Listeners { http: http.to_owned(), https }),
        instance_version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        description: Some("the gateway of this installation".to_owned()),
        supported_features: Some(FEATURES.map(str::to_owned).to_vec()),
        ..summary(&state, &instance.project).await?
    }))
}

async fn summary(state: &State, project: &str) -> Result<shape::Instance, Error> {
    Ok(shape::Instance {
        id: id(state),
        project_id: project.to_owned(),
        instance_name: "funcd".to_owned(),
        status: "Running".to_owned(),
        instance_status: 6,
        r#type: "apig".to_owned(),
        spec: "BASIC".to_owned(),
        create_time: state.store.installed().await?.as_millisecond(),
        ..shape::Instance::default()
    })
}

/// It was there at once.
async fn progress(Extract(state): Extract<State>, _: Instance) -> Result<Json<Progress>, Error> {
    let made = state.store.installed().await?.as_millisecond();
    Ok(Json(Progress { progress: 100, status: "success".to_owned(), start_time: made, end_time: made }))
}

/// What has a setting in the vendor's words, as it is here. Nothing of it can be switched by the API.
async fn features(
    Extract(state): Extract<State>,
    _: Instance,
    query: Query,
) -> Result<Json<ListFeaturesResponse>, Error> {
    let page = Page::read(&query)?;
    let made = super::time(state.store.installed().await?);
    let most = limits::BACKEND_TIMEOUT_MS.end();
    let timeout = Feature {
        id: hex::encode(Sha256::digest(format!("{}/backend_timeout", id(&state)))).split_off(32),
        name: "backend_timeout".to_owned(),
        enable: true,
        config: format!("{{\"max\": {most}}}"),
        instance_id: id(&state),
        update_time: made,
    };
    let (features, size, total) = page.cut(vec![timeout], |feature| feature);
    Ok(Json(ListFeaturesResponse { size, total, features }))
}

async fn instance_features(_: Instance, query: Query) -> Result<Json<ListInstanceFeaturesResponse>, Error> {
    let (features, size, total) = Page::read(&query)?.cut(FEATURES.to_vec(), str::to_owned);
    Ok(Json(ListInstanceFeaturesResponse { size, total, features }))
}

async fn configs(
    Extract(state): Extract<State>,
    instance: Instance,
    query: Query,
) -> Result<Json<ListConfigsResponse>, Error> {
    let page = Page::read(&query)?;
    let project = &instance.project;
    let limit = |name: &str, limit: usize, used: Option<usize>, remark: &str| Config {
        config_id: name.to_ascii_lowercase(),
        config_name: name.to_owned(),
        config_value: limit.to_string(),
        config_time: String::new(),
        remark: remark.to_owned(),
        used: used.map(number),
    };
    let all = vec![
        limit("API_NUM_LIMIT", limits::APIS, Some(state.store.apis(project).await?.len()), "APIs"),
        limit(
            "APIGROUP_NUM_LIMIT",
            limits::API_GROUPS,
            Some(state.store.api_groups(project).await?.len()),
            "API groups",
        ),
        limit(
            "ENVIRONMENT_NUM_LIMIT",
            limits::ENVIRONMENTS,
            Some(state.store.environments(project).await?.len()),
            "environments, RELEASE among them",
        ),
        limit("VARIABLE_NUM_LIMIT", limits::VARIABLES, None, "variables of a group in an environment"),
        limit("API_PARAM_NUM_LIMIT", limits::API_PARAMETERS, None, "parameters of an API"),
        limit("API_VERSION_NUM_LIMIT", limits::API_VERSIONS, None, "versions of an API in an environment"),
    ];
    let (configs, size, total) = page.cut(all, |config| config);
    Ok(Json(ListConfigsResponse { size, total, configs }))
}

async fn apis(Extract(state): Extract<State>, instance: Instance) -> Result<Json<ApiQuantities>, Error> {
    let apis = state.store.apis(&instance.project).await?;
    let released =
        apis.iter().flat_map(|api| &api.publications).filter(|one| one.env_name == model::trigger::RELEASE_ENV);
    let released = released.count();
    let (all, on) = (number(apis.len()), number(released));
    Ok(Json(ApiQuantities { instance_num: all, nums_on_release: on, nums_off_release: all - on }))
}

async fn apps(Extract(state): Extract<State>, instance: Instance) -> Json<AppQuantities> {
    let apps = state.store.apps(&instance.project);
    let authorized = apps.iter().filter(|client| !client.grants.is_empty()).count();
    Json(AppQuantities { authed_nums: number(authorized), unauthed_nums: number(apps.len() - authorized) })
}

async fn groups(Extract(state): Extract<State>, instance: Instance) -> Result<Json<GroupQuantities>, Error> {
    let groups = state.store.api_groups(&instance.project).await?;
    Ok(Json(GroupQuantities { offsell_nums: number(groups.len()), onsell_nums: 0 }))
}
