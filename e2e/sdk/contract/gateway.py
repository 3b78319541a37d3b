"""The API gateway: what a success of each operation needs."""

import json
import os
from pathlib import Path

from functions import function
from world import Area, Thing, ask, project, region, unused

instances = f"/v2/{project}/apigw/instances"
instance = ask("GET", instances)["instances"][0]["id"]
base = f"{instances}/{instance}"
RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
area = Area(lambda path: "/apigw/" in path)
names, right, query, fresh = area.names, area.right, area.query, area.fresh
contract = lambda: f"urn:fss:{region}:{project}:function:default:{function()}"


def made(path, body, field="id"):
    return ask("POST", base + path, body)[field]


def thing(path, body, field="id"):
    """Something of the gateway, that is made with a body of this kind."""
    return Thing(lambda: made(path, body(), field), lambda known: f"{base}{path}/{known}")


group = thing("/api-groups", lambda: {"name": unused("group")})


def definition(**more):
    name = unused("api")
    return {"name": name, "type": 1, "req_protocol": "BOTH", "req_method": "GET", "req_uri": f"/{name}", "auth_type": "NONE",
            "match_mode": "NORMAL", "backend_type": "FUNCTION", "group_id": group(), "func_info": {
                "function_urn": contract(), "invocation_type": "sync", "network_type": "V2", "timeout": 3000}} | more


def publish(known, action="online"):
    return ask("POST", f"{base}/apis/action", {"action": action, "env_id": RELEASE, "api_id": known})


def published_api(**more):
    known = made("/apis", definition(**more))
    publish(known)
    return known


def throttle_body():
    return {"name": unused("throttle"), "time_unit": "DAY", "time_interval": 1, "api_call_limits": 3, "type": 1}


def acl_body():
    return {"acl_name": unused("acl"), "acl_type": "DENY", "entity_type": "IP", "acl_value": "192.0.2.0/24"}


def plugin_body(content=None):
    return {"plugin_name": unused("plugin"), "plugin_type": "cors", "plugin_scope": "global",
            "plugin_content": json.dumps(content or {"allow_origin": "https://a.example", "allow_methods": "GET"})}


def authorizer_body():
    return {"name": unused("authorizer"), "type": "FRONTEND", "authorizer_type": "FUNC", "authorizer_uri": contract(), "network_type": "V2",
            "ttl": 5, "need_body": False, "identities": [{"name": "X-Word", "location": "HEADER"}]}


api = Thing(published_api, f"{base}/apis/runtime/{{}}".format)
# Only what asks for an app can be granted to one.
guarded = Thing(lambda: published_api(auth_type="APP"), f"{base}/apis/runtime/{{}}".format)
app = thing("/apps", lambda: {"name": unused("app")})
throttle = thing("/throttles", throttle_body)
acl = thing("/acls", acl_body)
plugin = thing("/plugins", plugin_body, "plugin_id")
authorizer = thing("/authorizers", authorizer_body)
variable = thing("/env-variables", lambda: {
    "group_id": group(), "env_id": RELEASE, "variable_name": unused("name"), "variable_value": "value"})
staging = made("/envs", {"name": unused("env")})
publication = lambda: ask("GET", f"{base}/apis/{api()}")["publish_id"]
versions = lambda known: ask("GET", f"{base}/apis/publish/{known}")["api_versions"]
response = Thing(lambda: made(f"/api-groups/{room_for_responses()}/gateway-responses", {"name": unused("words")}),
                 lambda known: f"{base}/api-groups/{group()}/gateway-responses/{known}")
code = Thing(lambda: ask("PUT", f"{base}/apps/{app()}/app-codes")["id"], lambda known: f"{base}/apps/{app()}/app-codes/{known}")


def clear(path, field, keep, most):
    """Makes room below `path`, where no more than so many can be."""
    found = [one["id"] for one in ask("GET", f"{base}{path}?limit=100")[field] if not keep(one)]
    for known in found[most:]:
        ask("DELETE", f"{base}{path}/{known}")


def environment():
    """One more than are kept; no operation shows one."""
    clear("/envs", "envs", lambda one: one["id"] in (RELEASE, staging), 4)
    return made("/envs", {"name": unused("env")})


def another_authorizer():
    clear("/authorizers", "authorizer_list", lambda one: one["id"] == authorizer.known, 10)
    return made("/authorizers", authorizer_body())


def room_for_responses():
    """The group, with room for one more."""
    clear(f"/api-groups/{group()}/gateway-responses", "responses", lambda one: one["default"], 2)
    return group()


def special():
    """An app's own limit; its app is new, as each has one at most."""
    clear(f"/throttles/{throttle()}/throttle-specials", "throttle_specials", lambda one: False, 10)
    own = made("/apps", {"name": unused("app")})
    return made(f"/throttles/{throttle()}/throttle-specials", {"call_limits": 1, "object_id": own, "object_type": "APP"})


def domain(**more):
    """A domain of the group, in the last place that is free."""
    known = group()
    for one in ask("GET", f"{base}/api-groups/{known}").get("url_domains") or []:
        ask("DELETE", f"{base}/api-groups/{known}/domains/{one['id']}")
    return made(f"/api-groups/{known}/domains", {"url_domain": "shop.example.com", **more})


def pair():
    folder = Path(os.environ["APIG_CERTIFICATE"])
    return {"name": unused("certificate"), "cert_content": (folder / "chain.pem").read_text(),
            "private_key": (folder / "key.pem").read_text()}


names.update({
    "instance_id": lambda: instance, "group_id": group, "api_id": api, "app_id": app, "throttle_id": throttle, "acl_id": acl,
    "plugin_id": plugin, "authorizer_id": authorizer, "env_variable_id": variable, "env_id": lambda: staging, "response_id": response,
    "response_type": lambda: "NOT_FOUND", "app_code_id": code,
    "version_id": lambda: versions(api())[0]["version_id"],
})
for operations, name, known in (
    (("ListAclPolicyBindedToApiV2", "ListAppsBindedToApiV2", "ListRequestThrottlingPoliciesBindedToApiV2"), "api_id", api),
    (("ListApisBindedToAclPolicyV2", "ListApisUnbindedToAclPolicyV2"), "acl_id", acl),
    (("ListApisBindedToRequestThrottlingPolicyV2", "ListApisUnbindedToRequestThrottlingPolicyV2"), "throttle_id", throttle),
    (("ListEnvironmentVariablesV2",), "group_id", group),
    (("ListApisBindedToAppV2",), "app_id", app),
):
    for operation in operations:
        query[operation] = lambda name=name, known=known: {name: known()}
query["ListApisUnbindedToAppV2"] = lambda: {"app_id": app(), "env_id": RELEASE}
query["ListPluginAttachableApis"] = lambda: {"env_id": RELEASE}
query["BatchPublishOrOfflineApiV2"] = lambda: {"action": "online"}
for operation in ("BatchDeleteApiAclBindingV2", "BatchDeleteAclV2", "BatchDisassociateThrottlingPolicyV2"):
    query[operation] = lambda: {"action": "delete"}

# What is deleted is new, and nothing hangs on it.
for operation, name, new in (
    ("DeleteApiGroupV2", "group_id", lambda: made("/api-groups", {"name": unused("group")})),
    ("DeleteApiV2", "api_id", lambda: made("/apis", definition())),
    ("DeleteApiByVersionIdV2", "version_id", lambda: versions(published_api())[0]["version_id"]),
    ("DeleteAppV2", "app_id", lambda: made("/apps", {"name": unused("app")})),
    ("DeleteEnvironmentV2", "env_id", environment),
    ("UpdateEnvironmentV2", "env_id", environment),
    ("DeletePlugin", "plugin_id", lambda: made("/plugins", plugin_body(), "plugin_id")),
    ("DeleteAclV2", "acl_id", lambda: made("/acls", acl_body())),
    ("DeleteRequestThrottlingPolicyV2", "throttle_id", lambda: made("/throttles", throttle_body())),
    ("DeleteCustomAuthorizerV2", "authorizer_id", lambda: another_authorizer()),
    ("DisassociateRequestThrottlingPolicyV2", "throttle_binding_id", lambda: throttled()),
    ("DeleteApiAclBindingV2", "acl_bindings_id", lambda: listed()),
    ("CancelingAuthorizationV2", "app_auth_id", lambda: authorized()),
    ("DisassociateDomainV2", "domain_id", domain),
    ("UpdateDomainV2", "domain_id", domain),
    ("AssociateCertificateV2", "domain_id", domain),
    ("DeleteSpecialThrottlingConfigurationV2", "strategy_id", special),
    ("UpdateSpecialThrottlingConfigurationV2", "strategy_id", special),
):
    area.before[operation] = lambda number, name=name, new=new: {name: new()}


def throttled():
    body = {"strategy_id": throttle(), "publish_ids": [publication()]}
    return ask("POST", f"{base}/throttle-bindings", body)["throttle_applys"][0]["id"]


def listed():
    return ask("POST", f"{base}/acl-bindings", {"acl_id": acl(), "publish_ids": [publication()]})["acl_bindings"][0]["id"]


def authorized():
    own = made("/apps", {"name": unused("app")})
    return ask("POST", f"{base}/app-auths", {"env_id": RELEASE, "app_ids": [own], "api_ids": [guarded()]})["auths"][0]["id"]


@fresh("AssociateDomainV2")
def _(number):
    ask("DELETE", f"{base}/api-groups/{group()}/domains/{domain()}")


@fresh("ShowDetailsOfDomainNameCertificateV2", "DisassociateCertificateV2")
def _(number):
    own = domain()
    bound = ask("POST", f"{base}/api-groups/{group()}/domains/{own}/certificate", pair())
    return {"domain_id": own, "certificate_id": bound["ssl_id"]}


@fresh("CreateAppCodeV2", "CreateAppCodeAutoV2")
def _(number):
    # An app has at most five.
    return {"app_id": made("/apps", {"name": unused("app")})}


@fresh("AttachApiToPlugin", "AttachPluginToApi")
def _(number):
    plugin.known = None


@fresh("DetachApiFromPlugin", "DetachPluginFromApi")
def _(number):
    plugin.known = None
    ask("POST", f"{base}/plugins/{plugin()}/attach", {"env_id": RELEASE, "api_ids": [api()]})


@fresh("CreateGatewayResponseV2")
def _(number):
    room_for_responses()


@fresh("CreateEnvironmentV2")
def _(number):
    environment()


@fresh("CreateCustomAuthorizerV2")
def _(number):
    another_authorizer()


@fresh("CreateSpecialThrottlingConfigurationV2")
def _(number):
    special()


rule = {"status": 418, "body": "{}"}
of_apis = lambda number: {"env_id": RELEASE, "api_ids": [api()]}
of_plugins = lambda number: {"env_id": RELEASE, "plugin_ids": [plugin()]}
right.update({
    "CreateApiGroupV2": lambda number: {"name": unused("group"), "remark": "r"},
    "UpdateApiGroupV2": lambda number: {"name": unused("group"), "remark": "r"},
    "CheckApiGroupsV2": lambda number: {"group_name": unused("free")},
    "UpdateSlDomainSettingV2": lambda number: {"sl_domain_access_enabled": number > 1},
    "AssociateDomainV2": lambda number: {"url_domain": "shop.example.com"},
    "UpdateDomainV2": lambda number: {"min_ssl_version": "TLSv1.2"},
    "AssociateCertificateV2": lambda number: pair(),
    "CreateApiV2": lambda number: definition(),
    "UpdateApiV2": lambda number: definition(),
    "CheckApisV2": lambda number: {"type": "name", "name": unused("free")},
    "CreateOrDeletePublishRecordForApiV2": lambda number: {"action": "online", "env_id": RELEASE, "api_id": api()},
    "BatchPublishOrOfflineApiV2": lambda number: {"apis": [api()], "env_id": RELEASE},
    "ChangeApiVersionV2": lambda number: {"version_id": versions(api())[-1]["version_id"]},
    "DebugApiV2": lambda number: {"mode": "DEVELOPER", "scheme": "HTTP", "method": "GET", "path": "/none"},
    "CreateEnvironmentV2": lambda number: {"name": unused("env")},
    "UpdateEnvironmentV2": lambda number: {"name": unused("env")},
    "CreateEnvironmentVariableV2": lambda number: {
        "group_id": group(), "env_id": RELEASE, "variable_name": unused("name"), "variable_value": "value"},
    "UpdateEnvironmentVariableV2": lambda number: {"variable_value": f"value{number}"},
    "CreateAnAppV2": lambda number: {"name": unused("app")},
    "UpdateAppV2": lambda number: {"name": unused("app")},
    "ResettingAppSecretV2": lambda number: {"app_secret": "some-secret"},
    "UpdateAppAcl": lambda number: {"app_acl_type": "DENY", "app_acl_values": ["192.0.2.1"]},
    "CreateAppCodeV2": lambda number: {"app_code": unused("c" * 60).ljust(64, "x")},
    "CreateAuthorizingAppsV2": lambda number: {"env_id": RELEASE, "app_ids": [app()], "api_ids": [guarded()]},
    "CreateCustomAuthorizerV2": lambda number: authorizer_body(),
    "UpdateCustomAuthorizerV2": lambda number: authorizer_body(),
    "CreateRequestThrottlingPolicyV2": lambda number: throttle_body(),
    "UpdateRequestThrottlingPolicyV2": lambda number: throttle_body(),
    "AssociateRequestThrottlingPolicyV2": lambda number: {"strategy_id": throttle(), "publish_ids": [publication()]},
    "BatchDisassociateThrottlingPolicyV2": lambda number: {"throttle_bindings": [throttled()]},
    "CreateSpecialThrottlingConfigurationV2": lambda number: {
        "call_limits": 1, "object_id": made("/apps", {"name": unused("app")}), "object_type": "APP"},
    "UpdateSpecialThrottlingConfigurationV2": lambda number: {"call_limits": number},
    "CreateAclStrategyV2": lambda number: acl_body(),
    "UpdateAclStrategyV2": lambda number: acl_body(),
    "BatchDeleteAclV2": lambda number: {"acls": [made("/acls", acl_body())]},
    "CreateApiAclBindingV2": lambda number: {"acl_id": acl(), "publish_ids": [publication()]},
    "BatchDeleteApiAclBindingV2": lambda number: {"acl_bindings": [listed()]},
    "CreatePlugin": lambda number: plugin_body(), "UpdatePlugin": lambda number: plugin_body(),
    "AttachApiToPlugin": of_apis, "DetachApiFromPlugin": of_apis, "AttachPluginToApi": of_plugins, "DetachPluginFromApi": of_plugins,
    "CreateGatewayResponseV2": lambda number: {"name": unused("words"), "responses": {"THROTTLED": rule}},
    "UpdateGatewayResponseV2": lambda number: {"name": unused("words"), "responses": {"NOT_FOUND": rule}},
    "UpdateGatewayResponseTypeV2": lambda number: rule,
})
