use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::Operation;

fn spec() -> Value {
    serde_json::from_str(include_str!("../../../../spec/apig-v2.openapi.json")).unwrap()
}

/// The struct's fields are the schema's; where `partial`, without those we have nothing to say about.
#[track_caller]
fn check<T: for<'de> Deserialize<'de>>(schema: &str, partial: bool) {
    let spec = spec();
    let properties = spec["components"]["schemas"][schema]["properties"].as_object().unwrap();
    let theirs: BTreeSet<&str> = properties.keys().map(String::as_str).collect();
    let ours: BTreeSet<&str> = crate::fields::<T>().iter().copied().collect();
    assert!(!ours.is_empty());
    assert!(ours.is_subset(&theirs), "not in {schema}: {:?}", ours.difference(&theirs));
    assert!(partial || theirs.is_subset(&ours), "only in {schema}: {:?}", theirs.difference(&ours));
}

#[test]
fn requests_have_every_field_of_the_specification() {
    check::<groups::GroupRequest>("ApiGroupCreate", false);
    check::<groups::CheckGroupRequest>("ApiGroupCheck", false);
    check::<environments::EnvironmentRequest>("EnvCreate", false);
    check::<environments::CreateVariableRequest>("EnvVariableCreate", false);
    check::<environments::UpdateVariableRequest>("EnvVariableBase", false);
    check::<apis::ApiRequest>("ApiCreate", false);
    check::<apis::AuthOpt>("AuthOpt", false);
    check::<apis::ActionRequest>("ApiActionInfo", false);
    check::<apis::CheckApiRequest>("ApiCheckInfoV2", false);
    check::<apis::BatchRequest>("ApiBatchPublish", false);
    check::<apis::SwitchRequest>("ApiVersion", false);
    check::<apis::DebugRequest>("ApiDebugInfo", false);
}

#[test]
fn answers_have_only_fields_of_the_specification() {
    check::<instances::Instance>("ShowDetailsOfInstanceV2Response", true);
    check::<instances::Config>("Config", false);
    check::<instances::Feature>("FeatureInfo", false);
    check::<groups::Group>("ShowDetailsOfApiGroupV2Response", true);
    check::<groups::UrlDomain>("UrlDomain", true);
    check::<environments::Environment>("EnvInfo", false);
    check::<environments::Variable>("EnvVariableInfo", false);
    check::<apis::Api>("ListApiVersionDetailV2Response", true);
    check::<apis::FuncInfo>("ApiFunc", false);
    check::<apis::RequestParameter>("ReqParam", false);
    check::<apis::BackendParameter>("BackendParam", false);
    check::<apis::Publication>("PublishResp", false);
    check::<apis::BatchFailure>("BatchFailure", false);
    check::<apis::Version>("ApiVersionResp", false);
    check::<apis::DebugResponse>("DebugApiV2Response", false);
}

#[test]
fn operations_are_those_of_the_specification() {
    let spec = spec();
    let all: Vec<Operation> = [
        vec![instances::LIST, instances::SHOW, instances::PROGRESS, instances::FEATURES, instances::INSTANCE_FEATURES],
        vec![instances::CONFIGS, instances::API_QUANTITIES, instances::APP_QUANTITIES, instances::GROUP_QUANTITIES],
        vec![groups::LIST, groups::CREATE, groups::CHECK, groups::SHOW, groups::UPDATE, groups::DELETE],
        vec![environments::LIST, environments::CREATE, environments::UPDATE, environments::DELETE],
        vec![environments::LIST_VARIABLES, environments::CREATE_VARIABLE, environments::SHOW_VARIABLE],
        vec![environments::UPDATE_VARIABLE, environments::DELETE_VARIABLE],
        vec![apis::LIST, apis::CREATE, apis::ACTION, apis::CHECK, apis::DEBUG, apis::BATCH, apis::LIST_VERSIONS],
        vec![apis::SWITCH_VERSION, apis::RUNTIME, apis::SHOW_VERSION, apis::DELETE_VERSION, apis::SHOW, apis::UPDATE],
        vec![apis::DELETE],
    ]
    .concat();
    for operation in all {
        let theirs = &spec["paths"][operation.path][operation.method.to_lowercase()]["operationId"];
        assert_eq!(theirs, operation.id, "{} {}", operation.method, operation.path);
    }
}
