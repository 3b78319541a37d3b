use std::collections::BTreeSet;

use serde::Deserialize;

use super::*;
use crate::Operation;
use crate::schema::{Cover, Specification};

fn specification() -> Specification {
    Specification::read(include_str!("../../../../spec/apig-v2.openapi.json"))
}

/// The struct's fields are the schema's; where `partial`, without those we have nothing to say about.
#[track_caller]
fn check<T: for<'de> Deserialize<'de>>(schema: &str, partial: bool) {
    let cover = if partial { Cover::Part } else { Cover::Whole };
    specification().check::<T>(&[schema], &[], cover);
}

/// The same of an answer that is put together of others.
#[track_caller]
fn check_whole<T: Default + serde::Serialize>(schema: &str) {
    let whole = serde_json::to_value(T::default()).unwrap();
    let ours: BTreeSet<&str> = whole.as_object().unwrap().keys().map(String::as_str).collect();
    specification().check_names(schema, &ours);
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
    check::<throttles::ThrottleRequest>("ThrottleBaseInfo", false);
    check::<throttles::CreateSpecialRequest>("ThrottleSpecialCreate", false);
    check::<throttles::UpdateSpecialRequest>("ThrottleSpecialUpdate", false);
    check::<throttles::BindRequest>("ThrottleApiBindingCreate", false);
    check::<throttles::UnbindRequest>("ThrottleBindingBatchDelete", false);
    check::<acls::AclRequest>("ApiAclCreate", false);
    check::<acls::DeleteRequest>("AclBatchDelete", false);
    check::<acls::BindRequest>("AclApiBindingCreate", false);
    check::<acls::UnbindRequest>("AclBindingBatchDelete", false);
    check::<plugins::PluginRequest>("PluginCreate", false);
    check::<plugins::ApisRequest>("PluginOperApiInfo", false);
    check::<plugins::PluginsRequest>("ApiOperPluginInfo", false);
    check::<responses::ResponsesRequest>("ResponsesCreate", false);
    check::<responses::RuleRequest>("ResponseInfo", false);
    check::<apps::AppRequest>("AppCreate", false);
    check::<apps::ResetSecretRequest>("AppResetCreate", false);
    check::<apps::AppAclRequest>("AppAclCreate", false);
    check::<app_codes::AppCodeRequest>("AppCodeCreate", false);
    check::<app_auths::GrantRequest>("ApiAuthCreate", false);
    check::<authorizers::AuthorizerRequest>("AuthorizerCreate", false);
    check::<authorizers::Identity>("Identity", false);
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
    check::<throttles::Throttle>("ThrottlesInfo", false);
    check_whole::<throttles::BoundThrottle>("ThrottleForApi");
    check::<throttles::Special>("ThrottleSpecialInfo", false);
    check::<throttles::Binding>("ThrottleApiBinding", false);
    check::<throttles::UnbindFailure>("ThrottleBindingBatchFailure", false);
    check::<throttles::Api>("ApiForThrottle", false);
    check::<acls::Acl>("ApiAclInfoWithBindNum", false);
    check::<acls::DeleteFailure>("AclBatchResultFailureResp", false);
    check::<acls::Binding>("AclApiBindingInfo", false);
    check::<acls::BoundAcl>("ApiBindAclInfo", false);
    check::<acls::BoundApi>("AclBindApiInfo", false);
    check::<acls::UnboundApi>("UnbindApiForAcl", false);
    check::<plugins::Plugin>("PluginInfo", false);
    check_whole::<plugins::AttachedPlugin>("AttachedPluginInfo");
    check::<plugins::Attached>("PluginApiAttachInfo", false);
    check::<plugins::Api>("PluginApiInfo", true);
    check::<responses::Responses>("ResponsesInfo", false);
    check::<responses::Rule>("ResponseInfoResp", false);
    check::<apps::App>("AppInfoWithBindNum", true);
    check::<apps::ListAppsResponse>("ListAppsV2Response", false);
    check::<apps::AppAcl>("ShowDetailsOfAppAclResponse", false);
    check::<app_codes::AppCode>("AppCodeBaseInfo", false);
    check::<app_codes::ListAppCodesResponse>("ListAppCodesV2Response", false);
    check::<app_auths::GrantResponse>("CreateAuthorizingAppsV2Response", false);
    check::<app_auths::NewGrant>("ApiAuthRelations", true);
    check::<app_auths::Grant>("ApiAuthInfo", true);
    check::<app_auths::OpenApi>("ApiOutline", true);
    check::<authorizers::Authorizer>("CreateCustomAuthorizerV2Response", true);
    check::<authorizers::ListAuthorizersResponse>("ListCustomAuthorizersV2Response", false);
}

#[test]
fn operations_are_those_of_the_specification() {
    let specification = specification();
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
        vec![throttles::LIST, throttles::CREATE, throttles::SHOW, throttles::UPDATE, throttles::DELETE],
        vec![throttles::LIST_SPECIALS, throttles::CREATE_SPECIAL, throttles::UPDATE_SPECIAL, throttles::DELETE_SPECIAL],
        vec![throttles::BIND, throttles::UNBIND_BATCH, throttles::UNBIND, throttles::BOUND_APIS],
        vec![throttles::UNBOUND_APIS, throttles::BOUND_THROTTLES],
        vec![acls::LIST, acls::CREATE, acls::DELETE_BATCH, acls::SHOW, acls::UPDATE, acls::DELETE, acls::BIND],
        vec![acls::UNBIND_BATCH, acls::UNBIND, acls::BOUND_ACLS, acls::BOUND_APIS, acls::UNBOUND_APIS],
        vec![plugins::LIST, plugins::CREATE, plugins::SHOW, plugins::UPDATE, plugins::DELETE, plugins::ATTACH],
        vec![plugins::DETACH, plugins::ATTACHABLE_APIS, plugins::ATTACHED_APIS, plugins::ATTACH_TO_API],
        vec![plugins::DETACH_FROM_API, plugins::ATTACHABLE_PLUGINS, plugins::ATTACHED_PLUGINS],
        vec![responses::LIST, responses::CREATE, responses::SHOW, responses::UPDATE, responses::DELETE],
        vec![responses::SHOW_TYPE, responses::UPDATE_TYPE, responses::DELETE_TYPE],
        vec![apps::LIST, apps::CREATE, apps::SHOW, apps::UPDATE, apps::DELETE, apps::RESET_SECRET, apps::CHECK],
        vec![apps::SHOW_ACL, apps::UPDATE_ACL, apps::DELETE_ACL, app_codes::LIST, app_codes::CREATE],
        vec![app_codes::CREATE_AUTO, app_codes::SHOW, app_codes::DELETE],
        vec![authorizers::LIST, authorizers::CREATE, authorizers::SHOW, authorizers::UPDATE, authorizers::DELETE],
        vec![app_auths::CREATE, app_auths::LIST_APIS, app_auths::LIST_APPS, app_auths::LIST_OTHERS, app_auths::DELETE],
    ]
    .concat();
    for operation in &all {
        specification.check_operation(operation);
    }
}
