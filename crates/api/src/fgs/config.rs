//! A function's configuration: show, update.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State as Extract;
use model::function::{Config, Egress, Function, Version};
use model::time::wire_text;
use sha2::{Digest as _, Sha256};
use wire::codes;
use wire::fgs::config::{self as shape, NetworkController, StrategyConfig, UpdateConfigRequest};

use super::check::{self, Settings};
use super::dependencies;
use crate::body::{self, Payload};
use crate::error::Error;
use crate::problems::{Problems, quoted};
use crate::router::Routes;
use crate::state::State;
use crate::target::Target;

pub(crate) fn routes(routes: &mut Routes) {
    routes.on(shape::SHOW, show).on(shape::UPDATE, update);
}

async fn show(Extract(state): Extract<State>, target: Target) -> Result<Json<shape::Function>, Error> {
    let (function, version) = target.version(&state)?;
    Ok(Json(view_of(&function, &version)))
}

async fn update(
    Extract(state): Extract<State>,
    target: Target,
    payload: Payload,
) -> Result<Json<shape::Function>, Error> {
    let _turn = state.changing.lock().await;
    let function = target.function(&state)?;
    let config = changed(&payload, &function)?;
    let function = state.store.update_function(&function.id, Some(config), None).await?;
    Ok(Json(view(&function)))
}

fn changed(payload: &Payload, function: &Function) -> Result<Config, Error> {
    let mut problems = Problems::default();
    let request: UpdateConfigRequest = body::read(&payload.0, check::RULES, &mut problems);
    let fixed = [
        ("func_name", codes::NAME, &request.func_name, &function.id.name),
        ("package", codes::PACKAGE, &request.package, &function.id.package),
        ("runtime", codes::RUNTIME, &request.runtime, &function.latest.config.runtime),
    ];
    for (field, code, given, own) in fixed {
        problems.unless(given.as_ref().is_none_or(|given| given == own), code, || {
            let given = quoted(given.as_deref().unwrap_or_default());
            format!("{field} cannot be changed from '{own}' to {given}")
        });
    }
    let mut config = function.latest.config.clone();
    settings(request).apply(&mut config, &mut problems);
    problems.finish()?;
    Ok(config)
}

fn settings(request: UpdateConfigRequest) -> Settings {
    Settings {
        timeout: request.timeout,
        handler: request.handler,
        memory_size: request.memory_size,
        description: request.description,
        user_data: request.user_data,
        encrypted_user_data: request.encrypted_user_data,
        strategy_config: request.strategy_config,
        ephemeral_storage: request.ephemeral_storage,
        initializer_handler: request.initializer_handler,
        initializer_timeout: request.initializer_timeout,
        pre_stop_handler: request.pre_stop_handler,
        pre_stop_timeout: request.pre_stop_timeout,
        network_controller: request.network_controller,
        xrole: request.xrole,
        app_xrole: request.app_xrole,
        enterprise_project_id: request.enterprise_project_id,
        enable_dynamic_memory: request.enable_dynamic_memory,
        enable_auth_in_header: request.enable_auth_in_header,
        enable_lts_log: request.enable_lts_log,
        log_config: request.log_config,
        lts_custom_tag: request.lts_custom_tag,
    }
}

/// A function as the wire shows it.
pub(crate) fn view(function: &Function) -> shape::Function {
    view_of(function, &function.latest)
}

/// One version of a function as the wire shows it.
pub(crate) fn view_of(function: &Function, version: &Version) -> shape::Function {
    let (config, code) = (&version.config, &version.code);
    let blank = |names: &BTreeMap<String, _>| names.keys().map(|name| (name.clone(), String::new())).collect();
    let (depend_list, depend_version_list, dependencies) = dependencies::wire(function, &config.dependencies);
    shape::Function {
        func_id: function.func_id.clone(),
        resource_id: format!("{}:{}", function.func_id, function.id.name),
        func_urn: function.id.urn(&version.qualifier),
        func_name: function.id.name.clone(),
        domain_id: function.domain.clone(),
        namespace: function.id.project.clone(),
        project_name: function.id.region.clone(),
        package: function.id.package.clone(),
        runtime: config.runtime.clone(),
        timeout: config.timeout_seconds,
        handler: config.handler.clone(),
        memory_size: config.memory_mb,
        cpu: config.cpu_millicores(),
        code_type: code.code_type.clone(),
        code_url: code.url.clone(),
        code_filename: code.filename.clone(),
        code_size: code.size,
        user_data: user_data(config),
        encrypted_user_data: object(&blank(&config.encrypted_user_data)),
        digest: code.sha512.clone(),
        version: version.qualifier.to_string(),
        image_name: image_name(function, version),
        xrole: config.xrole.clone(),
        app_xrole: config.app_xrole.clone(),
        description: config.description.clone(),
        last_modified: last_modified(function, version),
        ephemeral_storage: config.ephemeral_storage_mb,
        depend_list,
        depend_version_list,
        dependencies,
        strategy_config: strategy(config),
        initializer_handler: config.initializer.as_ref().map(|hook| hook.handler.clone()).unwrap_or_default(),
        initializer_timeout: config.initializer.as_ref().map(|hook| hook.timeout_seconds),
        pre_stop_handler: config.pre_stop.as_ref().map(|hook| hook.handler.clone()).unwrap_or_default(),
        pre_stop_timeout: config.pre_stop.as_ref().map(|hook| hook.timeout_seconds),
        enterprise_project_id: config.enterprise_project_id.clone(),
        long_time: true,
        log_group_id: log_id(config, &config.log.group_id, &function.id.project),
        log_stream_id: log_id(config, &config.log.stream_id, &function.func_id),
        r#type: config.generation.clone(),
        enable_dynamic_memory: config.dynamic_memory,
        is_stateful_function: false,
        enable_auth_in_header: config.auth_in_header,
        enable_lts_log: config.log.enabled,
        lts_custom_tag: config.log.tags.clone(),
        allow_ephemeral_storage: true,
        network_controller: network(config),
    }
}

/// Which networks it may reach, unless that is what nobody said.
fn network(config: &Config) -> Option<NetworkController> {
    let off = config.egress == Egress::None;
    (off || config.egress_said).then(|| NetworkController {
        disable_public_network: Some(off),
        trigger_access_vpcs: Some(serde_json::json!([])),
    })
}

/// The plain variables, as their owner wrote them.
fn user_data(config: &Config) -> String {
    match config.user_data_text.as_str() {
        "" => object(&config.user_data),
        text => text.to_owned(),
    }
}

/// The id of a log group or stream while the log is enabled: the owner's, or our own.
fn log_id(config: &Config, given: &str, own: &str) -> Option<String> {
    config.log.enabled.then(|| if given.is_empty() { own.to_owned() } else { given.to_owned() })
}

/// When `latest` changed, or the version was published, as the wire shows it.
pub(crate) fn last_modified(function: &Function, version: &Version) -> String {
    wire_text(function.published(&version.qualifier).map_or(function.modified, |published| published.at))
}

/// Concurrency as the wire shows it.
pub(crate) fn strategy(config: &Config) -> StrategyConfig {
    StrategyConfig {
        concurrency: Some(i64::from(config.max_instances)),
        concurrent_num: Some(i64::from(config.concurrent_num)),
    }
}

/// Variables as the wire shows them: a JSON object as text, empty for none.
pub(super) fn object(variables: &BTreeMap<String, String>) -> String {
    if variables.is_empty() { String::new() } else { serde_json::to_string(variables).unwrap_or_default() }
}

/// An id of the version that differs after each change, such as `latest-5qe8e`.
fn image_name(function: &Function, version: &Version) -> String {
    const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
    let digest = Sha256::digest(format!("{}:{}", function.func_id, version.revision));
    let digit = |byte: &u8| DIGITS.get(usize::from(byte % 32)).copied().map_or('0', char::from);
    format!("{}-{}", version.qualifier, digest.iter().take(5).map(digit).collect::<String>())
}
