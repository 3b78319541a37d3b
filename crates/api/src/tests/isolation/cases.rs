//! What is asked of each operation that names things elsewhere than in its path, or makes some.

use super::things::{RELEASE, Things, WORD, acl, authorizer, certificate, dependency, plugin, throttle, variable};
use super::*;

/// Lists, and what is like one: the second project asks for its own, which is nothing.
pub(super) const LISTS: &[&str] = &[
    "GET /v2/{project_id}/fgs/triggers",
    "ListAclPolicyBindedToApiV2",
    "ListAclStrategiesV2",
    "ListApiGroupsV2",
    "ListApisBindedToAclPolicyV2",
    "ListApisBindedToAppV2",
    "ListApisBindedToRequestThrottlingPolicyV2",
    "ListApisUnbindedToAclPolicyV2",
    "ListApisUnbindedToAppV2",
    "ListApisUnbindedToRequestThrottlingPolicyV2",
    "ListApisV2",
    "ListAppsBindedToApiV2",
    "ListAppsV2",
    "ListCustomAuthorizersV2",
    "ListDependencies",
    "ListEnvironmentVariablesV2",
    "ListEnvironmentsV2",
    "ListFunctionReservedInstances",
    "ListFunctions",
    "ListHeaderCaptures",
    "ListPlugins",
    "ListProjectLogs",
    "ListProjectRequests",
    "ListRequestThrottlingPoliciesBindedToApiV2",
    "ListRequestThrottlingPolicyV2",
    "ListReservedInstanceConfigs",
    "ListTraces",
    "ListUsage",
    "ShowProjectTagsList",
    "ShowResInstanceInfo",
];

/// Figures: of the second project they are other figures than of the first.
pub(super) const COUNTS: &[&str] = &[
    "ListApiGroupsQuantitiesV2",
    "ListApiQuantitiesV2",
    "ListAppQuantitiesV2",
    "ListFunctionAsMetric",
    "ListProjectCofigsV2",
    "ListQuotas",
    "ListStatistics",
    "ShowHistory",
];

/// The installation's or the account's own, the same for every project.
pub(super) const EVERYBODYS: &[&str] = &[
    "GET /v2/{project_id}/fgs/feature",
    "GET /v2/{project_id}/fgs/runtimetypes",
    "GET /v2/{project_id}/fgs/service-trusted-agencies",
    "GET /v2/{project_id}/fgs/triggertypes",
    "EnableLtsLogs",
    "InstallRuntime",
    "ListFeaturesV2",
    "ListFunctionTemplate",
    "ListInstanceFeatures",
    "ListInstancesV2",
    "ListNodes",
    "ListRuntimes",
    "ShowDetailsOfInstanceProgressV2",
    "ShowDetailsOfInstanceV2",
    "ShowDoctor",
    "ShowFuncdInfo",
    "ShowFunctionTemplate",
    "VerifyTraces",
];

/// What a project has from the beginning: a list of the second project has this and nothing else.
pub(super) const OWN: &[(&str, &str)] = &[("ListApiGroupsV2", "DEFAULT"), ("ListEnvironmentsV2", "RELEASE")];

/// What makes something, by a name that the first project has too.
pub(super) fn makes(operation: &str) -> Option<Value> {
    Some(match operation {
        "CheckApiGroupsV2" => json!({"group_name": "amber.localhost"}),
        "CheckApisV2" => json!({"type": "name", "name": "amber_api"}),
        "CreateAclStrategyV2" => acl("amber_acl"),
        "CreateAnAppV2" => json!({"name": "amber_app"}),
        "CreateApiGroupV2" => json!({"name": "amber_group"}),
        "CreateDependency" | "CreateDependencyVersion" => dependency("amber-used"),
        "CreateEnvironmentV2" => json!({"name": "amber_env"}),
        "CreatePlugin" => plugin("amber_plugin"),
        "CreateRequestThrottlingPolicyV2" => throttle("amber_throttle"),
        _ => return None,
    })
}

/// Those that name things of the first project in their body, and what they then say.
pub(super) const BY_BODY: &[&str] = &[
    "AssociateRequestThrottlingPolicyV2",
    "BatchDeleteAclV2",
    "BatchDeleteApiAclBindingV2",
    "BatchDisassociateThrottlingPolicyV2",
    "BatchPublishOrOfflineApiV2",
    "CreateApiAclBindingV2",
    "CreateApiV2",
    "CreateAuthorizingAppsV2",
    "CreateCustomAuthorizerV2",
    "CreateEnvironmentVariableV2",
    "CreateFunction",
    "CreateOrDeletePublishRecordForApiV2",
];

/// Those that look at what their body names before they look at what their path names; both are of the first project.
pub(super) const BODY_FIRST: &[&str] = &["UpdateApiV2"];

/// Makes a function of what was exported, which only who exported it has.
pub(super) const BY_CONTENT: &[&str] = &["ImportFunction"];

/// The query of an operation that needs one or that names things in it.
pub(super) fn query(operation: &str, things: &Things) -> String {
    let named = |parameter: &str, thing: &str| format!("?{parameter}={}", things[thing]);
    match operation {
        "BatchDeleteAclV2" | "BatchDeleteApiAclBindingV2" | "BatchDisassociateThrottlingPolicyV2" => {
            "?action=delete".to_owned()
        }
        "BatchPublishOrOfflineApiV2" => "?action=offline".to_owned(),
        "ListAclPolicyBindedToApiV2" | "ListAppsBindedToApiV2" | "ListRequestThrottlingPoliciesBindedToApiV2" => {
            named("api_id", "api_id")
        }
        "ListApisBindedToAclPolicyV2" | "ListApisUnbindedToAclPolicyV2" => named("acl_id", "acl_id"),
        "ListApisBindedToAppV2" => named("app_id", "app_id"),
        "ListApisUnbindedToAppV2" => format!("{}&env_id={RELEASE}", named("app_id", "app_id")),
        "ListApisBindedToRequestThrottlingPolicyV2" | "ListApisUnbindedToRequestThrottlingPolicyV2" => {
            named("throttle_id", "throttle_id")
        }
        "ListEnvironmentVariablesV2" => named("group_id", "group_id"),
        "ListFunctionAsMetric" => "?type=count".to_owned(),
        "ListPluginAttachableApis" => format!("?env_id={RELEASE}"),
        "ListStatistics" => "?filter=monitor_data&period=60".to_owned(),
        _ => String::new(),
    }
}

/// The body of an operation, right for the first project.
pub(super) fn body(operation: &str, things: &Things) -> Value {
    gateway(operation, things).or_else(|| functions(operation, things)).unwrap_or(Value::Null)
}

fn gateway(operation: &str, things: &Things) -> Option<Value> {
    let id = |name: &str| things[name].clone();
    let apis = || json!({"env_id": RELEASE, "api_ids": [id("api_id")]});
    let plugins = || json!({"env_id": RELEASE, "plugin_ids": [id("plugin_id")]});
    Some(match operation {
        "AssociateCertificateV2" => certificate(),
        "AssociateDomainV2" => json!({"url_domain": "other.amber.example"}),
        "AssociateRequestThrottlingPolicyV2" => {
            json!({"strategy_id": id("throttle_id"), "publish_ids": [id("publication")]})
        }
        "AttachApiToPlugin" | "DetachApiFromPlugin" => apis(),
        "AttachPluginToApi" | "DetachPluginFromApi" => plugins(),
        "BatchDeleteAclV2" => json!({"acls": [id("acl_id")]}),
        "BatchDeleteApiAclBindingV2" => json!({"acl_bindings": [id("acl_bindings_id")]}),
        "BatchDisassociateThrottlingPolicyV2" => json!({"throttle_bindings": [id("throttle_binding_id")]}),
        "BatchPublishOrOfflineApiV2" => json!({"apis": [id("api_id")], "env_id": RELEASE}),
        "ChangeApiVersionV2" => json!({"version_id": id("version_id")}),
        "CreateApiAclBindingV2" => json!({"acl_id": id("acl_id"), "publish_ids": [id("publication")]}),
        "CreateApiV2" => definition(things, "amber_more", "/more"),
        "UpdateApiV2" => definition(things, "amber_api", "/amber"),
        "CreateAppCodeAutoV2" => json!({}),
        "CreateAppCodeV2" => json!({"app_code": "b".repeat(64)}),
        "CreateAuthorizingAppsV2" => {
            json!({"env_id": RELEASE, "app_ids": [id("app_id")], "api_ids": [id("api_id")]})
        }
        "CreateCustomAuthorizerV2" => authorizer(&id("function_urn"), "amber_other"),
        "UpdateCustomAuthorizerV2" => authorizer(&id("function_urn"), "amber_judge"),
        "CreateEnvironmentVariableV2" => variable(things, "amber_other"),
        "UpdateEnvironmentVariableV2" => json!({"variable_value": "other"}),
        "CreateGatewayResponseV2" => json!({"name": "other", "responses": {}}),
        "UpdateGatewayResponseV2" => json!({"name": "ours"}),
        "UpdateGatewayResponseTypeV2" => json!({"status": 418, "body": "{}"}),
        "CreateOrDeletePublishRecordForApiV2" => {
            json!({"action": "online", "env_id": RELEASE, "api_id": id("api_id")})
        }
        "CreateSpecialThrottlingConfigurationV2" => {
            json!({"call_limits": 1, "object_id": id("project"), "object_type": "USER"})
        }
        "UpdateSpecialThrottlingConfigurationV2" => json!({"call_limits": 3}),
        "DebugApiV2" => json!({"mode": "DEVELOPER", "scheme": "HTTP", "method": "GET", "path": "/amber"}),
        "ResettingAppSecretV2" => json!({}),
        "UpdateAclStrategyV2" => acl("amber_acl"),
        "UpdateApiGroupV2" => json!({"name": "amber_group_2", "remark": WORD}),
        "UpdateAppAcl" => json!({"app_acl_type": "DENY", "app_acl_values": ["192.0.2.7"]}),
        "UpdateAppV2" => json!({"name": "amber_app", "remark": "other"}),
        "UpdateDomainV2" => json!({"min_ssl_version": "TLSv1.2", "is_http_redirect_to_https": true}),
        "UpdateEnvironmentV2" => json!({"name": "amber_env", "remark": "other"}),
        "UpdatePlugin" => plugin("amber_plugin"),
        "UpdateRequestThrottlingPolicyV2" => throttle("amber_throttle"),
        "UpdateSlDomainSettingV2" => json!({"sl_domain_access_enabled": true}),
        _ => return None,
    })
}

fn definition(things: &Things, name: &str, path: &str) -> Value {
    json!({
        "name": name, "type": 1, "req_protocol": "HTTP", "req_method": "ANY", "req_uri": path, "auth_type": "APP",
        "match_mode": "SWA", "backend_type": "FUNCTION", "group_id": things["group_id"],
        "func_info": {
            "function_urn": things["function_urn"], "invocation_type": "sync", "network_type": "V1", "timeout": 5000,
        },
    })
}

fn functions(operation: &str, things: &Things) -> Option<Value> {
    let file = || json!({"file": base64(&package("other"))});
    Some(match operation {
        "CreateFunction" => {
            let mut body = new_function("more");
            body["depend_version_list"] = json!([things["dependency"]]);
            body
        }
        "CreateEvent" => json!({"name": "other", "content": base64(b"{}")}),
        "UpdateEvent" => json!({"content": base64(b"[]")}),
        "CreateFunctionTrigger" => new_trigger(json!({"path": "/other"})),
        "UpdateTrigger" => json!({"event_data": {"auth": "APP", "path": "/amber", "name": "amber_api"}}),
        "CreateFunctionVersion" => json!({"version": "v2"}),
        "CreateTags" => json!({"tags": [{"key": "other", "value": "other"}]}),
        "DeleteTags" => json!({"tags": [{"key": WORD, "value": WORD}]}),
        "CreateVersionAlias" => json!({"name": "next", "version": "v2"}),
        "UpdateVersionAlias" => json!({"version": "v1"}),
        "InvokeFunction" => json!({
            "httpMethod": "GET", "path": "/", "headers": {}, "queryStringParameters": {}, "pathParameters": {}, "body": "",
            "isBase64Encoded": true, "requestContext": {"requestId": "r", "stage": "RELEASE"},
        }),
        "StartHeaderCapture" => json!({"seconds": 60, "names": ["x-other"]}),
        "ShowResInstanceInfo" => json!({"without_any_tag": false}),
        "UpdateDependcy" => dependency("amber-free"),
        "UpdateFunctionCode" => json!({"code_type": "zip", "code_filename": "index.zip", "func_code": file()}),
        "UpdateFunctionConfig" => json!({
            "func_name": "web", "runtime": "http", "timeout": 31, "handler": "bootstrap", "memory_size": 512,
        }),
        "UpdateFunctionMaxInstanceConfig" => json!({"max_instance_num": 3}),
        "UpdateFunctionReservedInstancesCount" => json!({"count": 2}),
        _ => return None,
    })
}

/// What changes the ground that others stand on: tried last, in this order.
pub(super) const LAST: &[&str] = &[
    "CreateVersionAlias",
    "DetachPluginFromApi",
    "AttachPluginToApi",
    "DetachApiFromPlugin",
    "BatchDisassociateThrottlingPolicyV2",
    "BatchDeleteApiAclBindingV2",
    "BatchDeleteAclV2",
    "CreateOrDeletePublishRecordForApiV2",
    "ChangeApiVersionV2",
    "BatchPublishOrOfflineApiV2",
    "DeleteTags",
];
