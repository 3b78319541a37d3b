"""Who may call: apps, their keys and AppCodes, what they may call, and authorizers that decide."""

import json

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

from groups import group
from .gateway import RELEASE, Group, call, deploy, refused, urn

PUBLISHING = ("CreateApiGroupV2", "CreateApiV2", "CreateOrDeletePublishRecordForApiV2", "ListApisV2", "DeleteApiV2",
              "DeleteApiGroupV2")


def signed(shop, app, path):
    """The answer to a request as the vendor's SDK signs it for an app."""
    request = SdkRequest(method="GET", schema="http", host=shop.host, resource_path=path, query_params=[],
                         header_params={"Content-Type": "application/json"}, body=b"")
    request = Signer(BasicCredentials(app.app_key, app.app_secret, "")).sign(request)
    return shop.ask(path, headers=request.header_params)


def authorize(app, *apis):
    return call("CreateAuthorizingAppsV2", body={"env_id": RELEASE, "app_ids": [app.id], "api_ids": list(apis)}).auths


@group("ListAppsV2", "CreateAnAppV2", "ShowDetailsOfAppV2", "UpdateAppV2", "CheckAppV2", "ResettingAppSecretV2", "DeleteAppV2",
       "ShowDetailsOfAppAcl", "UpdateAppAcl", "DeleteAppAcl", "CreateAuthorizingAppsV2", *PUBLISHING)
def apps():
    """apps: keys that sign, secrets that are reset, addresses they may call from"""
    deploy("guarded")
    shop = Group("apps")
    api, _ = shop.published("guarded", "/app", auth_type="APP")
    app = call("CreateAnAppV2", body={"name": "first_app", "remark": "r"})
    assert app.app_key and app.app_secret and (app.name, app.status) == ("first_app", 1), app
    refused(400, "APIG.3203", "CreateAnAppV2", body={"name": "first_app"})
    refused(400, "APIG.3203", "CreateAnAppV2", body={"name": "second_app", "app_key": app.app_key})
    refused(400, "APIG.2012", "CreateAnAppV2", body={"name": "1", "app_key": "short"})
    refused(400, "APIG.2001", "CreateAnAppV2", body={"remark": "no name"})
    assert call("ListAppsV2", name="first").total == 1 and call("ListAppsV2", name="first", precise_search="name").total == 0
    assert call("ListAppsV2", app_key=app.app_key).apps[0].bind_num == 0
    assert call("ShowDetailsOfAppV2", app_id=app.id).app_secret == app.app_secret
    assert call("CheckAppV2", app_id=app.id).name == "first_app"
    assert call("UpdateAppV2", app_id=app.id, body={"name": "renamed", "remark": "s"}).name == "renamed"

    shop.ask("/app").refused(401, "APIG.0303")
    signed(shop, app, "/app").refused(403, "APIG.0304")
    authorize(app, api)
    told = signed(shop, app, "/app").fine()["headers"]
    assert (told["x-apig-app-id"], told["x-apig-app-name"]) == (app.id, "renamed"), told
    reset = call("ResettingAppSecretV2", app_id=app.id, body={"app_secret": "another-secret"})
    assert reset.app_secret == "another-secret"
    signed(shop, app, "/app").refused(401, "APIG.0303")
    signed(shop, reset, "/app").fine()
    refused(400, "APIG.2012", "ResettingAppSecretV2", app_id=app.id, body={"app_secret": "short"})

    denied = call("UpdateAppAcl", app_id=app.id, body={"app_acl_type": "DENY", "app_acl_values": ["127.0.0.0/8"]})
    assert (denied.app_acl_type, denied.app_acl_values) == ("DENY", ["127.0.0.0/8"]), denied
    assert call("ShowDetailsOfAppAcl", app_id=app.id).app_acl_type == "DENY"
    signed(shop, reset, "/app").refused(403, "APIG.0402")
    call("DeleteAppAcl", app_id=app.id)
    assert not call("ShowDetailsOfAppAcl", app_id=app.id).app_acl_values
    signed(shop, reset, "/app").fine()
    refused(400, "APIG.2012", "UpdateAppAcl", app_id=app.id, body={"app_acl_type": "MAYBE", "app_acl_values": ["x"]})
    for operation, body in {"ShowDetailsOfAppV2": None, "CheckAppV2": None, "UpdateAppV2": {"name": "other"}, "DeleteAppV2": None,
                            "ResettingAppSecretV2": {"app_secret": "some-secret"}, "ShowDetailsOfAppAcl": None, "DeleteAppAcl": None,
                            "UpdateAppAcl": {"app_acl_type": "DENY", "app_acl_values": ["192.0.2.1"]}}.items():
        refused(404, "APIG.3004", operation, app_id="nobody", **({"body": body} if body else {}))
    call("DeleteAppV2", app_id=app.id)
    signed(shop, reset, "/app").refused(401, "APIG.0303")
    refused(404, "APIG.3004", "CreateAuthorizingAppsV2", body={"env_id": RELEASE, "app_ids": [app.id], "api_ids": [api]})
    shop.end()


@group("CreateAnAppV2", "DeleteAppV2", "CreateAuthorizingAppsV2", "ListApisBindedToAppV2", "ListAppsBindedToApiV2",
       "ListApisUnbindedToAppV2", "CancelingAuthorizationV2", *PUBLISHING)
def authorizations():
    """authorizations: given, listed from both sides, cancelled, gone with their API or app"""
    shop = Group("authorizations")
    api, _ = shop.published("guarded", "/app", auth_type="APP")
    opened, _ = shop.published("guarded", "/open")
    app = call("CreateAnAppV2", body={"name": "granted"})
    free = lambda: call("ListApisUnbindedToAppV2", app_id=app.id, env_id=RELEASE).total
    assert free() == 1
    results = {one.api_id: (one.auth_result.status, one.auth_result.error_code or "") for one in authorize(app, api, opened, "nobody")}
    assert results == {api: ("SUCCESS", ""), opened: ("FAILED", "APIG.3408"), "nobody": ("FAILED", "APIG.3002")}, results
    assert [one.auth_result.status for one in authorize(app, api)] == ["SKIPPED"]
    assert free() == 0
    of_app = call("ListApisBindedToAppV2", app_id=app.id).auths
    of_api = call("ListAppsBindedToApiV2", api_id=api, app_name="gran").auths
    assert [one.id for one in of_app] == [one.id for one in of_api] and of_app[0].env_name == "RELEASE", (of_app, of_api)
    signed(shop, app, "/app").fine()
    call("CancelingAuthorizationV2", app_auth_id=of_app[0].id)
    signed(shop, app, "/app").refused(403, "APIG.0304")
    refused(404, "APIG.3009", "CancelingAuthorizationV2", app_auth_id=of_app[0].id)
    refused(404, "APIG.3003", "CreateAuthorizingAppsV2", body={"env_id": "nowhere", "app_ids": [app.id], "api_ids": [api]})
    refused(404, "APIG.3004", "ListApisBindedToAppV2", app_id="nobody")
    refused(404, "APIG.3002", "ListAppsBindedToApiV2", api_id="nobody")
    refused(404, "APIG.3004", "ListApisUnbindedToAppV2", app_id="nobody", env_id=RELEASE)
    authorize(app, api)
    shop.end()
    assert call("ListApisBindedToAppV2", app_id=app.id).total == 0
    call("DeleteAppV2", app_id=app.id)


@group("CreateAnAppV2", "DeleteAppV2", "CreateAuthorizingAppsV2", "ListAppCodesV2", "CreateAppCodeV2", "CreateAppCodeAutoV2",
       "ShowDetailsOfAppCodeV2", "DeleteAppCodeV2", *PUBLISHING)
def app_codes():
    """AppCodes: enough where the API allows them, and only there"""
    shop = Group("codes")
    simple, _ = shop.published("guarded", "/simple", auth_type="APP", auth_opt={"app_code_auth_type": "HEADER"})
    strict, _ = shop.published("guarded", "/strict", auth_type="APP")
    app = call("CreateAnAppV2", body={"name": "with_codes"})
    authorize(app, simple, strict)
    code = call("CreateAppCodeAutoV2", app_id=app.id)
    own = call("CreateAppCodeV2", app_id=app.id, body={"app_code": "c" * 64})
    assert len(code.app_code) == 64 and own.app_code == "c" * 64, (code, own)
    for one in (code, own):
        told = shop.ask("/simple", headers={"X-Apig-AppCode": one.app_code}).fine()["headers"]
        assert told["x-apig-app-name"] == "with_codes" and "x-apig-appcode" not in told, told
    shop.ask("/strict", headers={"X-Apig-AppCode": code.app_code}).refused(401, "APIG.0303")
    shop.ask("/simple", headers={"X-Apig-AppCode": "x" * 64}).refused(401, "APIG.0303")
    assert [one.id for one in call("ListAppCodesV2", app_id=app.id).app_codes] == [code.id, own.id]
    assert call("ShowDetailsOfAppCodeV2", app_id=app.id, app_code_id=own.id).app_code == own.app_code
    refused(400, "APIG.2012", "CreateAppCodeV2", app_id=app.id, body={"app_code": "short"})
    refused(400, "APIG.3203", "CreateAppCodeV2", app_id=app.id, body={"app_code": own.app_code})
    for _ in range(3):
        call("CreateAppCodeAutoV2", app_id=app.id)
    refused(403, "APIG.3100", "CreateAppCodeAutoV2", app_id=app.id)
    call("DeleteAppCodeV2", app_id=app.id, app_code_id=own.id)
    shop.ask("/simple", headers={"X-Apig-AppCode": own.app_code}).refused(401, "APIG.0303")
    refused(404, "APIG.3007", "ShowDetailsOfAppCodeV2", app_id=app.id, app_code_id=own.id)
    refused(404, "APIG.3007", "DeleteAppCodeV2", app_id=app.id, app_code_id=own.id)
    refused(404, "APIG.3004", "CreateAppCodeAutoV2", app_id="nobody")
    refused(404, "APIG.3004", "CreateAppCodeV2", app_id="nobody", body={"app_code": "d" * 64})
    refused(404, "APIG.3004", "ListAppCodesV2", app_id="nobody")
    call("DeleteAppV2", app_id=app.id)
    shop.ask("/simple", headers={"X-Apig-AppCode": code.app_code}).refused(401, "APIG.0303")
    shop.end()


@group("ListCustomAuthorizersV2", "CreateCustomAuthorizerV2", "ShowDetailsOfCustomAuthorizersV2", "UpdateCustomAuthorizerV2",
       "DeleteCustomAuthorizerV2", *PUBLISHING)
def authorizers():
    """authorizers: a function decides, and its decision is kept for its time"""
    deploy("decides")
    shop = Group("authorizers")
    body = {"name": "by_word", "type": "FRONTEND", "authorizer_type": "FUNC", "authorizer_uri": urn("decides"),
            "network_type": "V2", "user_data": "sesame", "ttl": 0, "need_body": False,
            "identities": [{"name": "X-Word", "location": "HEADER"}]}
    made = call("CreateCustomAuthorizerV2", body=body)
    assert (made.name, made.ttl, made.identities[0].name) == ("by_word", 0, "X-Word"), made
    told = refused(400, "APIG.2012", "CreateCustomAuthorizerV2", body=body | {"name": "1", "ttl": 3601, "type": "BACKEND"})
    assert all(name in told for name in ("name", "ttl", "type")), told
    refused(404, "APIG.3019", "CreateCustomAuthorizerV2", body=body | {"name": "other", "authorizer_uri": urn("nobody")})
    assert call("ListCustomAuthorizersV2", name="by_").total == 1 and call("ListCustomAuthorizersV2", type="BACKEND").total == 0
    assert call("ShowDetailsOfCustomAuthorizersV2", authorizer_id=made.id).user_data == "sesame"

    shop.published("guarded", "/decided", auth_type="AUTHORIZER", authorizer_id=made.id)
    word = lambda said: shop.ask("/decided", headers={"X-Word": said})
    asked = lambda: int(context(word("sesame").fine())["asked"])
    first = asked()
    assert asked() == first + 1, "without a time, every request asks"
    word("friend").refused(401, "APIG.0305")
    shop.ask("/decided").refused(401, "APIG.0305")
    word("broken").refused(500, "APIG.0601")
    call("UpdateCustomAuthorizerV2", authorizer_id=made.id, body=body | {"ttl": 60, "user_data": "changed"})
    word("sesame").refused(401, "APIG.0305")
    kept = context(word("changed").fine())["asked"]
    assert context(word("changed").fine())["asked"] == kept, "what was decided is kept"

    refused(409, "APIG.3400", "DeleteCustomAuthorizerV2", authorizer_id=made.id)
    refused(404, "APIG.3007", "ShowDetailsOfCustomAuthorizersV2", authorizer_id="nobody")
    refused(404, "APIG.3007", "UpdateCustomAuthorizerV2", authorizer_id="nobody", body=body)
    refused(404, "APIG.3007", "DeleteCustomAuthorizerV2", authorizer_id="nobody")
    shop.end()
    call("DeleteCustomAuthorizerV2", authorizer_id=made.id)
    refused(404, "APIG.3007", "ShowDetailsOfCustomAuthorizersV2", authorizer_id=made.id)


def context(told):
    """What the authorizer said of the caller, as the function is told."""
    return json.loads(told["headers"]["x-apig-authorizer-context"])
