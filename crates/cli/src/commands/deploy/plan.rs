//! From settings to requests: what a new function is like, what of an existing one changes, and how it is put back.

use anyhow::{Context as _, Result};
use serde_json::{Map, Value};
use wire::Base64;
use wire::fgs::code::{FuncCode, UpdateCodeRequest};
use wire::fgs::config::{Function, NetworkController, StrategyConfig, UpdateConfigRequest};
use wire::fgs::functions::CreateFunctionRequest;

use super::{Egress, Settings};
use crate::commands::function;

/// Enough for every runtime to start quickly; the API has no default.
const MEMORY: i64 = 512;
/// A web request that takes longer is rarely meant to; the API has no default.
const TIMEOUT: i64 = 30;
/// A page with its pictures and scripts is one instance's work, not that of six.
const CONCURRENCY: i64 = 20;

/// A new HTTP function.
pub(super) fn create(name: &str, settings: &Settings, package: Vec<u8>) -> CreateFunctionRequest {
    let variables: Map<String, Value> =
        settings.env.iter().map(|(key, value)| (key.clone(), value.clone().into())).collect();
    CreateFunctionRequest {
        func_name: Some(name.to_owned()),
        package: Some("default".to_owned()),
        runtime: Some("http".to_owned()),
        handler: Some("bootstrap".to_owned()),
        r#type: Some("v2".to_owned()),
        memory_size: Some(settings.memory.unwrap_or(MEMORY)),
        timeout: Some(settings.timeout.unwrap_or(TIMEOUT)),
        code_type: Some("zip".to_owned()),
        code_filename: Some(filename(name)),
        func_code: Some(FuncCode { file: Some(Base64(package)), link: None }),
        description: settings.description.clone(),
        user_data: (!variables.is_empty()).then(|| Value::Object(variables).to_string()),
        strategy_config: Some(StrategyConfig {
            concurrency: settings.max_instances,
            concurrent_num: Some(settings.concurrency.unwrap_or(CONCURRENCY)),
        }),
        initializer_timeout: settings.start_timeout,
        network_controller: settings.egress.map(network),
        ..CreateFunctionRequest::default()
    }
}

/// New code for a function.
pub(super) fn code(name: &str, package: Vec<u8>) -> UpdateCodeRequest {
    UpdateCodeRequest {
        code_type: Some("zip".to_owned()),
        code_filename: Some(filename(name)),
        func_code: Some(FuncCode { file: Some(Base64(package)), link: None }),
        ..UpdateCodeRequest::default()
    }
}

fn filename(name: &str) -> String {
    format!("{name}.zip")
}

fn network(egress: Egress) -> NetworkController {
    NetworkController { disable_public_network: Some(egress == Egress::None), ..NetworkController::default() }
}

/// What changes of a function's configuration; `None` when nothing was given.
pub(super) fn update(current: &Function, settings: &Settings) -> Result<Option<UpdateConfigRequest>> {
    if *settings == Settings::default() {
        return Ok(None);
    }
    let strategy = settings.concurrency.is_some() || settings.max_instances.is_some();
    Ok(Some(UpdateConfigRequest {
        memory_size: settings.memory,
        timeout: settings.timeout,
        description: settings.description.clone(),
        user_data: variables(&current.user_data, settings)?,
        strategy_config: strategy.then(|| StrategyConfig {
            concurrency: settings.max_instances.or(current.strategy_config.concurrency),
            concurrent_num: settings.concurrency.or(current.strategy_config.concurrent_num),
        }),
        initializer_timeout: settings.start_timeout,
        network_controller: settings.egress.map(network),
        ..UpdateConfigRequest::default()
    }))
}

/// All variables after the change: the API replaces them as a whole.
fn variables(current: &str, settings: &Settings) -> Result<Option<String>> {
    if settings.env.is_empty() && settings.unset_env.is_empty() {
        return Ok(None);
    }
    let mut variables = function::variables(current).context("the function's variables cannot be read")?;
    for key in &settings.unset_env {
        variables.remove(key);
    }
    for (key, value) in &settings.env {
        variables.insert(key.clone(), value.clone().into());
    }
    Ok(Some(Value::Object(variables).to_string()))
}

/// The request that puts back what `change` changed.
pub(super) fn undo(current: &Function, change: &UpdateConfigRequest) -> UpdateConfigRequest {
    let some = |changed: bool| changed.then_some(());
    UpdateConfigRequest {
        memory_size: change.memory_size.map(|_| i64::from(current.memory_size)),
        timeout: change.timeout.map(|_| i64::from(current.timeout)),
        description: some(change.description.is_some()).map(|()| current.description.clone()),
        user_data: some(change.user_data.is_some()).map(|()| match current.user_data.as_str() {
            "" => "{}".to_owned(),
            text => text.to_owned(),
        }),
        strategy_config: change.strategy_config.map(|_| current.strategy_config),
        // An empty handler without a time removes what there was not before.
        initializer_handler: some(change.initializer_timeout.is_some() && current.initializer_timeout.is_none())
            .map(|()| String::new()),
        initializer_timeout: change.initializer_timeout.and(current.initializer_timeout.map(i64::from)),
        network_controller: some(change.network_controller.is_some()).map(|()| NetworkController {
            disable_public_network: Some(current.is_offline()),
            ..NetworkController::default()
        }),
        ..UpdateConfigRequest::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn current() -> Function {
        Function {
            memory_size: 256,
            timeout: 3,
            user_data: r#"{"A":"1","B":"2"}"#.into(),
            strategy_config: StrategyConfig { concurrency: Some(400), concurrent_num: Some(1) },
            ..Function::default()
        }
    }

    /// What an update with these settings sends, and what puts it back.
    #[track_caller]
    fn check(settings: Settings, expect: &str, undone: &str) {
        let change = update(&current(), &settings).unwrap().unwrap();
        assert_eq!(serde_json::to_string(&change).unwrap(), expect);
        assert_eq!(serde_json::to_string(&undo(&current(), &change)).unwrap(), undone);
    }

    #[test]
    fn an_update_without_settings_changes_none() {
        assert!(update(&current(), &Settings::default()).unwrap().is_none());
    }

    #[test]
    fn only_what_was_given_changes() {
        let memory = Settings { memory: Some(1024), ..Settings::default() };
        check(memory, r#"{"memory_size":1024}"#, r#"{"memory_size":256}"#);
        let instances = Settings { max_instances: Some(0), ..Settings::default() };
        check(
            instances,
            r#"{"strategy_config":{"concurrency":0,"concurrent_num":1}}"#,
            r#"{"strategy_config":{"concurrency":400,"concurrent_num":1}}"#,
        );
        let egress = Settings { egress: Some(Egress::None), ..Settings::default() };
        check(
            egress,
            r#"{"network_controller":{"disable_public_network":true}}"#,
            r#"{"network_controller":{"disable_public_network":false}}"#,
        );
    }

    #[test]
    fn a_start_limit_that_was_not_there_is_taken_away_again() {
        let start = Settings { start_timeout: Some(60), ..Settings::default() };
        check(start, r#"{"initializer_timeout":60}"#, r#"{"initializer_handler":""}"#);
    }

    #[test]
    fn variables_are_added_replaced_and_removed_one_by_one() {
        let settings = Settings {
            env: vec![("B".into(), "3".into()), ("C".into(), "4".into())],
            unset_env: vec!["A".into()],
            ..Settings::default()
        };
        check(settings, r#"{"user_data":"{\"B\":\"3\",\"C\":\"4\"}"}"#, r#"{"user_data":"{\"A\":\"1\",\"B\":\"2\"}"}"#);
    }

    #[test]
    fn a_new_function_is_made_in_one_request() {
        let settings = Settings { env: vec![("A".into(), "1".into())], ..Settings::default() };
        let request = serde_json::to_value(create("web", &settings, b"PK".to_vec())).unwrap();
        insta::assert_json_snapshot!(request);
    }
}
