"""Policies: throttles, access lists, plug-ins, and responses in place of the gateway's errors."""

import json

from groups import group, where
from .gateway import RELEASE, Group, call, deploy, refused

PUBLISHING = ("CreateApiGroupV2", "CreateApiV2", "CreateOrDeletePublishRecordForApiV2", "ListApisV2", "DeleteApiV2",
              "DeleteApiGroupV2")


@group("ListRequestThrottlingPolicyV2", "CreateRequestThrottlingPolicyV2", "ShowDetailsOfRequestThrottlingPolicyV2",
       "UpdateRequestThrottlingPolicyV2", "DeleteRequestThrottlingPolicyV2", "AssociateRequestThrottlingPolicyV2",
       "BatchDisassociateThrottlingPolicyV2", "DisassociateRequestThrottlingPolicyV2", "ListApisBindedToRequestThrottlingPolicyV2",
       "ListApisUnbindedToRequestThrottlingPolicyV2", "ListRequestThrottlingPoliciesBindedToApiV2", *PUBLISHING)
def throttles():
    """throttling policies: so many calls, then 429"""
    deploy("limited")
    shop = Group("throttled")
    api, publication = shop.published("limited", "/limited")
    body = {"name": "three_a_day", "time_unit": "DAY", "time_interval": 1, "api_call_limits": 3, "type": 1, "remark": "r"}
    made = call("CreateRequestThrottlingPolicyV2", body=body)
    assert (made.api_call_limits, made.time_unit, made.bind_num, made.type) == (3, "DAY", 0, 1), made
    refused(400, "APIG.3204", "CreateRequestThrottlingPolicyV2", body=body)
    told = refused(400, "APIG.2012", "CreateRequestThrottlingPolicyV2", body=body | {"name": "1", "time_unit": "WEEK", "ip_call_limits": 9})
    assert all(name in told for name in ("name", "time_unit", "ip_call_limits")), told
    assert call("ListRequestThrottlingPolicyV2", name="three").total == 1
    assert call("ListApisUnbindedToRequestThrottlingPolicyV2", throttle_id=made.id, env_id=RELEASE).apis[0].id == api
    bound = call("AssociateRequestThrottlingPolicyV2", body={"strategy_id": made.id, "publish_ids": [publication]}).throttle_applys
    assert [(one.strategy_id, one.publish_id) for one in bound] == [(made.id, publication)], bound
    assert call("ShowDetailsOfRequestThrottlingPolicyV2", throttle_id=made.id).bind_num == 1
    assert call("ListApisBindedToRequestThrottlingPolicyV2", throttle_id=made.id).apis[0].throttle_apply_id == bound[0].id
    assert call("ListRequestThrottlingPoliciesBindedToApiV2", api_id=api).throttles[0].id == made.id
    assert call("ListApisUnbindedToRequestThrottlingPolicyV2", throttle_id=made.id).total == 0

    left = [shop.ask("/limited", headers={"X-Apig-Mode": "debug"}) for _ in range(3)]
    assert all(one.status == 200 for one in left), [one.text for one in left]
    shop.ask("/limited").refused(429, "APIG.0308")
    assert call("UpdateRequestThrottlingPolicyV2", throttle_id=made.id, body=body | {"api_call_limits": 4}).api_call_limits == 4
    shop.ask("/limited").fine()
    shop.ask("/limited").refused(429, "APIG.0308")
    call("DisassociateRequestThrottlingPolicyV2", throttle_binding_id=bound[0].id)
    shop.ask("/limited").fine()

    again = call("AssociateRequestThrottlingPolicyV2", body={"strategy_id": made.id, "publish_ids": [publication]}).throttle_applys
    batch = call("BatchDisassociateThrottlingPolicyV2", action="delete", body={"throttle_bindings": [again[0].id, "nobody"]})
    assert (batch.success_count, batch.failure[0].error_code) == (1, "APIG.3012"), batch
    refused(400, "APIG.2012", "BatchDisassociateThrottlingPolicyV2", action="bind", body={"throttle_bindings": []})
    refused(404, "APIG.3012", "DisassociateRequestThrottlingPolicyV2", throttle_binding_id="nobody")
    refused(404, "APIG.3005", "AssociateRequestThrottlingPolicyV2", body={"strategy_id": "nobody", "publish_ids": [publication]})
    refused(404, "APIG.3015", "AssociateRequestThrottlingPolicyV2", body={"strategy_id": made.id, "publish_ids": ["nobody"]})
    for operation in ("ShowDetailsOfRequestThrottlingPolicyV2", "DeleteRequestThrottlingPolicyV2",
                      "ListApisBindedToRequestThrottlingPolicyV2", "ListApisUnbindedToRequestThrottlingPolicyV2"):
        refused(404, "APIG.3005", operation, throttle_id="nobody")
    refused(404, "APIG.3005", "UpdateRequestThrottlingPolicyV2", throttle_id="nobody", body=body | {"name": "other"})
    refused(404, "APIG.3002", "ListRequestThrottlingPoliciesBindedToApiV2", api_id="nobody")
    # A policy goes with its bindings, and a binding with its API.
    call("AssociateRequestThrottlingPolicyV2", body={"strategy_id": made.id, "publish_ids": [publication]})
    shop.end()
    assert call("ShowDetailsOfRequestThrottlingPolicyV2", throttle_id=made.id).bind_num == 0
    call("DeleteRequestThrottlingPolicyV2", throttle_id=made.id)


@group("CreateRequestThrottlingPolicyV2", "DeleteRequestThrottlingPolicyV2", "AssociateRequestThrottlingPolicyV2",
       "ListSpecialThrottlingConfigurationsV2", "CreateSpecialThrottlingConfigurationV2", "UpdateSpecialThrottlingConfigurationV2",
       "DeleteSpecialThrottlingConfigurationV2", "CreateAnAppV2", "DeleteAppV2", "CreateAuthorizingAppsV2", "CreateAppCodeAutoV2",
       *PUBLISHING)
def specials():
    """an app has a limit of its own"""
    shop = Group("specials")
    api, publication = shop.published("limited", "/special", auth_type="APP", auth_opt={"app_code_auth_type": "HEADER"})
    app = call("CreateAnAppV2", body={"name": "special_app"})
    call("CreateAuthorizingAppsV2", body={"env_id": RELEASE, "app_ids": [app.id], "api_ids": [api]})
    code = call("CreateAppCodeAutoV2", app_id=app.id).app_code
    policy = call("CreateRequestThrottlingPolicyV2", body={
        "name": "special", "time_unit": "DAY", "time_interval": 1, "api_call_limits": 100, "type": 1}).id
    call("AssociateRequestThrottlingPolicyV2", body={"strategy_id": policy, "publish_ids": [publication]})
    own = {"call_limits": 2, "object_id": app.id, "object_type": "APP"}
    made = call("CreateSpecialThrottlingConfigurationV2", throttle_id=policy, body=own)
    assert (made.call_limits, made.object_id, made.object_name, made.app_id) == (2, app.id, "special_app", app.id), made
    assert (made.object_type, made.throttle_id) == ("APP", policy), made
    listed = call("ListSpecialThrottlingConfigurationsV2", throttle_id=policy, object_type="APP", app_name="special_app")
    assert [one.id for one in listed.throttle_specials] == [made.id], listed
    assert call("ListSpecialThrottlingConfigurationsV2", throttle_id=policy, object_type="USER").total == 0
    ask = lambda: shop.ask("/special", headers={"X-Apig-AppCode": code})
    ask().fine()
    ask().fine()
    ask().refused(429, "APIG.0308")
    changed = call("UpdateSpecialThrottlingConfigurationV2", throttle_id=policy, strategy_id=made.id, body={"call_limits": 3})
    assert changed.call_limits == 3, changed
    ask().fine()
    ask().refused(429, "APIG.0308")
    refused(400, "APIG.3308", "CreateSpecialThrottlingConfigurationV2", throttle_id=policy, body=own)
    refused(404, "APIG.3004", "CreateSpecialThrottlingConfigurationV2", throttle_id=policy, body=own | {"object_id": "nobody"})
    # Users are counted by the project that they act in.
    refused(400, "APIG.2012", "CreateSpecialThrottlingConfigurationV2", throttle_id=policy,
            body=own | {"object_id": "nobody", "object_type": "USER"})
    user = call("CreateSpecialThrottlingConfigurationV2", throttle_id=policy,
                body=own | {"object_id": where["project_id"], "object_type": "USER"})
    call("DeleteSpecialThrottlingConfigurationV2", throttle_id=policy, strategy_id=user.id)
    refused(400, "APIG.2012", "CreateSpecialThrottlingConfigurationV2", throttle_id=policy, body=own | {"call_limits": 101})
    refused(404, "APIG.3005", "CreateSpecialThrottlingConfigurationV2", throttle_id="nobody", body=own)
    refused(404, "APIG.3005", "ListSpecialThrottlingConfigurationsV2", throttle_id="nobody")
    refused(404, "APIG.3013", "UpdateSpecialThrottlingConfigurationV2", throttle_id=policy, strategy_id="nobody", body={"call_limits": 3})
    call("DeleteSpecialThrottlingConfigurationV2", throttle_id=policy, strategy_id=made.id)
    refused(404, "APIG.3013", "DeleteSpecialThrottlingConfigurationV2", throttle_id=policy, strategy_id=made.id)
    # A limit goes with its app.
    call("CreateSpecialThrottlingConfigurationV2", throttle_id=policy, body=own)
    call("DeleteAppV2", app_id=app.id)
    assert call("ListSpecialThrottlingConfigurationsV2", throttle_id=policy).total == 0
    shop.end()
    call("DeleteRequestThrottlingPolicyV2", throttle_id=policy)


@group("ListAclStrategiesV2", "CreateAclStrategyV2", "ShowDetailsOfAclPolicyV2", "UpdateAclStrategyV2", "DeleteAclV2", "BatchDeleteAclV2",
       "CreateApiAclBindingV2", "DeleteApiAclBindingV2", "BatchDeleteApiAclBindingV2", "ListAclPolicyBindedToApiV2",
       "ListApisBindedToAclPolicyV2", "ListApisUnbindedToAclPolicyV2", *PUBLISHING)
def access_lists():
    """access lists: 403 for whoever is on one"""
    shop = Group("listed")
    api, publication = shop.published("limited", "/listed")
    body = {"acl_name": "nobody_here", "acl_type": "DENY", "entity_type": "IP", "acl_value": "127.0.0.0/8"}
    made = call("CreateAclStrategyV2", body=body)
    assert (made.acl_name, made.acl_type, made.acl_value) == ("nobody_here", "DENY", "127.0.0.0/8"), made
    refused(400, "APIG.3206", "CreateAclStrategyV2", body=body)
    told = refused(400, "APIG.2012", "CreateAclStrategyV2", body=body | {"acl_name": "1", "acl_value": "300.0.0.1"})
    assert "acl_name" in told and "acl_value" in told, told
    assert call("ListAclStrategiesV2", name="nobody", acl_type="DENY").acls[0].bind_num == 0
    assert call("ListApisUnbindedToAclPolicyV2", acl_id=made.id).apis[0].id == api
    bind = lambda: call("CreateApiAclBindingV2", body={"acl_id": made.id, "publish_ids": [publication]}).acl_bindings[0]
    binding = bind()
    shop.ask("/listed").refused(403, "APIG.0402")
    assert call("ListAclPolicyBindedToApiV2", api_id=api, env_name="RELEASE").acls[0].bind_id == binding.id
    assert call("ListApisBindedToAclPolicyV2", acl_id=made.id).apis[0].api_id == api
    assert call("ListApisUnbindedToAclPolicyV2", acl_id=made.id).total == 0
    assert call("UpdateAclStrategyV2", acl_id=made.id, body=body | {"acl_type": "PERMIT"}).acl_type == "PERMIT"
    shop.ask("/listed").fine()
    assert call("ShowDetailsOfAclPolicyV2", acl_id=made.id).acl_type == "PERMIT"
    refused(409, "APIG.3400", "DeleteAclV2", acl_id=made.id)
    call("DeleteApiAclBindingV2", acl_bindings_id=binding.id)
    batch = call("BatchDeleteApiAclBindingV2", action="delete", body={"acl_bindings": [bind().id, "nobody"]})
    assert (batch.success_count, batch.failure[0].error_code) == (1, "APIG.3010"), batch
    refused(400, "APIG.2012", "BatchDeleteApiAclBindingV2", action="keep", body={"acl_bindings": []})
    refused(404, "APIG.3010", "DeleteApiAclBindingV2", acl_bindings_id="nobody")
    refused(404, "APIG.3007", "CreateApiAclBindingV2", body={"acl_id": "nobody", "publish_ids": [publication]})
    refused(404, "APIG.3015", "CreateApiAclBindingV2", body={"acl_id": made.id, "publish_ids": ["nobody"]})
    refused(404, "APIG.3002", "ListAclPolicyBindedToApiV2", api_id="nobody")
    for operation in ("ShowDetailsOfAclPolicyV2", "DeleteAclV2", "ListApisBindedToAclPolicyV2", "ListApisUnbindedToAclPolicyV2"):
        refused(404, "APIG.3007", operation, acl_id="nobody")
    refused(404, "APIG.3007", "UpdateAclStrategyV2", acl_id="nobody", body=body | {"acl_name": "other"})
    other = call("CreateAclStrategyV2", body=body | {"acl_name": "other"}).id
    gone = call("BatchDeleteAclV2", action="delete", body={"acls": [other, "nobody"]})
    assert (gone.success_count, gone.failure[0].error_code) == (1, "APIG.3007"), gone
    refused(400, "APIG.2012", "BatchDeleteAclV2", action="keep", body={"acls": []})
    bind()
    shop.end()
    call("DeleteAclV2", acl_id=made.id)


@group("ListPlugins", "CreatePlugin", "ShowPlugin", "UpdatePlugin", "DeletePlugin", "AttachApiToPlugin", "DetachApiFromPlugin",
       "AttachPluginToApi", "DetachPluginFromApi", "ListPluginAttachableApis", "ListPluginAttachedApis", "ListApiAttachablePlugins",
       "ListApiAttachedPlugins", *PUBLISHING)
def plugins():
    """plug-ins: CORS, response headers, limits"""
    shop = Group("plugged")
    api, _ = shop.published("limited", "/plugged")
    plugin = lambda name, kind, content: {"plugin_name": name, "plugin_type": kind, "plugin_scope": "global",
                                          "plugin_content": json.dumps(content), "remark": "r"}
    cors = plugin("cors_one", "cors", {"allow_origin": "http://page.example", "allow_methods": "GET,PUT", "max_age": 60})
    made = call("CreatePlugin", body=cors)
    assert (made.plugin_name, made.plugin_type, made.plugin_scope) == ("cors_one", "cors", "global"), made
    refused(400, "APIG.2012", "CreatePlugin", body=plugin("x", "pigeon", {}))
    refused(400, "APIG.2012", "CreatePlugin", body=plugin("broken", "cors", {"max_age": -1}))
    assert call("ListPlugins", plugin_type="cors", plugin_name="cors").total == 1
    assert call("ShowPlugin", plugin_id=made.plugin_id).plugin_content == cors["plugin_content"]
    of = lambda *ids: {"env_id": RELEASE, "api_ids": list(ids)}
    by = lambda *ids: {"env_id": RELEASE, "plugin_ids": list(ids)}
    assert call("ListPluginAttachableApis", plugin_id=made.plugin_id, env_id=RELEASE).apis[0].api_id == api
    assert call("AttachApiToPlugin", plugin_id=made.plugin_id, body=of(api)).attached_plugins[0].api_id == api
    page = {"Origin": "http://page.example"}
    assert shop.ask("/plugged", headers=page).headers["Access-Control-Allow-Origin"] == "http://page.example"
    assert "Access-Control-Allow-Origin" not in shop.ask("/plugged", headers={"Origin": "http://other.example"}).headers
    preflight = shop.ask("/plugged", method="OPTIONS", headers=page | {"Access-Control-Request-Method": "PUT"})
    assert preflight.status in (200, 204) and "PUT" in preflight.headers["Access-Control-Allow-Methods"], preflight.headers
    assert call("ListPluginAttachedApis", plugin_id=made.plugin_id).apis[0].api_id == api
    assert call("ListApiAttachedPlugins", api_id=api).plugins[0].plugin_id == made.plugin_id
    refused(409, "APIG.3400", "DeletePlugin", plugin_id=made.plugin_id)
    call("DetachApiFromPlugin", plugin_id=made.plugin_id, body=of(api))
    assert "Access-Control-Allow-Origin" not in shop.ask("/plugged", headers=page).headers

    headers = call("CreatePlugin", body=plugin("headers", "set_resp_headers", {"response_headers": [
        {"name": "X-Made-By", "value": "the gateway", "value_type": "custom_value", "action": "override"}]})).plugin_id
    assert call("ListApiAttachablePlugins", api_id=api, env_id=RELEASE).total == 2
    call("AttachPluginToApi", api_id=api, body=by(headers))
    assert shop.ask("/plugged").headers["X-Made-By"] == "the gateway"
    call("UpdatePlugin", plugin_id=headers, body=plugin("headers", "set_resp_headers", {"response_headers": [
        {"name": "X-Made-By", "value": "nobody", "value_type": "custom_value", "action": "override"}]}))
    assert shop.ask("/plugged").headers["X-Made-By"] == "nobody"
    call("DetachPluginFromApi", api_id=api, body=by(headers))
    assert shop.ask("/plugged").headers["X-Made-By"] == "the function"
    limit = call("CreatePlugin", body=plugin("limit", "rate_limit", {
        "scope": "basic", "default_interval": 1, "default_time_unit": "day", "api_limit": 2})).plugin_id
    call("AttachPluginToApi", api_id=api, body=by(limit))
    shop.ask("/plugged").fine()
    shop.ask("/plugged").fine()
    shop.ask("/plugged").refused(429, "APIG.0308")

    refused(404, "APIG.3068", "ShowPlugin", plugin_id="nobody")
    refused(404, "APIG.3068", "UpdatePlugin", plugin_id="nobody", body=cors | {"plugin_name": "other"})
    refused(404, "APIG.3068", "DeletePlugin", plugin_id="nobody")
    refused(404, "APIG.3068", "AttachApiToPlugin", plugin_id="nobody", body=of(api))
    refused(404, "APIG.3068", "DetachApiFromPlugin", plugin_id="nobody", body=of(api))
    refused(404, "APIG.3068", "AttachPluginToApi", api_id=api, body=by("nobody"))
    refused(404, "APIG.3068", "DetachPluginFromApi", api_id=api, body=by("nobody"))
    refused(404, "APIG.3068", "ListPluginAttachableApis", plugin_id="nobody", env_id=RELEASE)
    refused(404, "APIG.3068", "ListPluginAttachedApis", plugin_id="nobody")
    refused(404, "APIG.3002", "ListApiAttachablePlugins", api_id="nobody")
    refused(404, "APIG.3002", "ListApiAttachedPlugins", api_id="nobody")
    refused(404, "APIG.3015", "AttachApiToPlugin", plugin_id=limit, body=of("nobody"))
    # An attachment goes with its API.
    shop.end()
    for one in (made.plugin_id, headers, limit):
        call("DeletePlugin", plugin_id=one)
    assert call("ListPlugins").total == 0


@group("ListGatewayResponsesV2", "CreateGatewayResponseV2", "ShowDetailsOfGatewayResponseV2", "UpdateGatewayResponseV2",
       "DeleteGatewayResponseV2", "ShowDetailsOfGatewayResponseTypeV2", "UpdateGatewayResponseTypeV2", "DeleteGatewayResponseTypeV2",
       *PUBLISHING)
def responses():
    """responses of a group in place of the gateway's errors"""
    shop = Group("polite")
    shop.published("limited", "/there")
    of = {"group_id": shop.id}
    default = call("ListGatewayResponsesV2", **of).responses[0]
    assert default.default and default.name == "default", default
    rule = {"status": 418, "body": "{\"sorry\":\"$context.error.code\"}", "headers": [{"key": "X-Why", "value": "$context.error.type"}]}
    one = of | {"response_id": default.id, "response_type": "NOT_FOUND"}
    changed = call("UpdateGatewayResponseTypeV2", **one, body=rule)
    assert json.dumps(changed.to_dict()).count("418") == 1, changed
    teapot = shop.ask("/nowhere")
    assert (teapot.status, teapot.json, teapot.headers["X-Why"]) == (418, {"sorry": "APIG.0101"}, "NOT_FOUND"), teapot.text
    call("ShowDetailsOfGatewayResponseTypeV2", **one)
    call("DeleteGatewayResponseTypeV2", **one)
    shop.ask("/nowhere").refused(404, "APIG.0101")
    refused(400, "APIG.2012", "UpdateGatewayResponseTypeV2", **one | {"response_type": "TEAPOT"}, body=rule)
    refused(400, "APIG.2012", "ShowDetailsOfGatewayResponseTypeV2", **one | {"response_type": "TEAPOT"})
    refused(400, "APIG.2012", "DeleteGatewayResponseTypeV2", **one | {"response_type": "TEAPOT"})
    refused(400, "APIG.2012", "UpdateGatewayResponseTypeV2", **one, body=rule | {"status": 444})
    made = call("CreateGatewayResponseV2", **of, body={"name": "mine", "responses": {"THROTTLED": rule}})
    assert made.responses["THROTTLED"].status == 418 and made.responses["NOT_FOUND"].default, made
    own = of | {"response_id": made.id}
    # An API may ask for responses that are not the group's default.
    shop.published("limited", "/asked", auth_type="IAM", response_id=made.id)
    call("UpdateGatewayResponseV2", **own, body={"name": "ours", "responses": {"AUTH_HEADER_MISSING": rule}})
    assert call("ShowDetailsOfGatewayResponseV2", **own).name == "ours"
    missing = shop.ask("/asked")
    assert (missing.status, missing.headers["X-Why"]) == (418, "AUTH_HEADER_MISSING"), missing.text
    # Credentials that are there and wrong are another type.
    shop.ask("/asked", headers={"X-Auth-Token": "nobody's"}).refused(401, "APIG.0301")
    assert call("ListGatewayResponsesV2", **of).total == 2
    refused(400, "APIG.2012", "CreateGatewayResponseV2", **of, body={"name": "a b"})
    refused(400, "APIG.2012", "DeleteGatewayResponseV2", **of, response_id=default.id)
    nobody = of | {"response_id": "nobody"}
    refused(404, "APIG.3007", "ShowDetailsOfGatewayResponseV2", **nobody)
    refused(404, "APIG.3007", "UpdateGatewayResponseV2", **nobody, body={"name": "other"})
    refused(404, "APIG.3007", "DeleteGatewayResponseV2", **nobody)
    refused(404, "APIG.3007", "CreateApiV2", body=shop.definition("limited", "/x", response_id="nobody"))
    for operation, body in {"ListGatewayResponsesV2": {}, "CreateGatewayResponseV2": {"body": {"name": "x"}}}.items():
        refused(404, "APIG.3001", operation, group_id="nobody", **body)
    call("DeleteGatewayResponseV2", **own)
    # Whoever asked for it has the group's default again.
    shop.ask("/asked").refused(401, "APIG.0301")
    shop.end()
