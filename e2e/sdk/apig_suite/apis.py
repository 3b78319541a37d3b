"""APIs: defined, checked, edited; published, versioned, switched; called for a test."""

from groups import group
from .gateway import RELEASE, Group, call, deploy, functions, publish, refused, urn

PUBLISHING = ("CreateApiGroupV2", "CreateApiV2", "CreateOrDeletePublishRecordForApiV2", "ListApisV2", "DeleteApiV2",
              "DeleteApiGroupV2")
PARAMETERS = [
    {"name": "id", "location": "PATH", "type": "NUMBER", "required": 1, "valid_enable": 1, "min_num": 1, "max_num": 99},
    {"name": "colour", "location": "QUERY", "type": "STRING", "required": 2, "default_value": "blue", "valid_enable": 1,
     "enumerations": "blue,red"},
]
MAPPED = [
    {"origin": "REQUEST", "name": "X-Number", "location": "HEADER", "value": "id"},
    {"origin": "CONSTANT", "name": "X-Constant", "location": "HEADER", "value": "always"},
    {"origin": "SYSTEM", "name": "X-Stage-Name", "location": "HEADER", "value": "$context.stage"},
]


@group("CheckApisV2", "ShowDetailsOfApiV2", "UpdateApiV2", *PUBLISHING)
def definitions():
    """APIs: defined, checked, shown, listed, edited, deleted"""
    deploy("called")
    shop = Group("defined")
    place = {"type": "path", "group_id": shop.id, "req_method": "ANY", "req_uri": "/a/{id}", "match_mode": "NORMAL"}
    call("CheckApisV2", body=place)
    body = shop.definition("called", "/a/{id}", tags=["one", "two"], remark="first", req_params=PARAMETERS, backend_params=MAPPED)
    made = call("CreateApiV2", body=body)
    for name in ("name", "type", "req_protocol", "req_method", "req_uri", "auth_type", "match_mode", "backend_type", "group_id",
                 "remark", "tags"):
        assert getattr(made, name) == body[name], (name, getattr(made, name))
    assert (made.group_name, made.status, made.func_info.timeout) == ("defined", 1, 30000), made
    assert [(one.name, one.location) for one in made.req_params] == [("id", "PATH"), ("colour", "QUERY")], made.req_params
    assert [(one.origin, one.name) for one in made.backend_params] == [(one["origin"], one["name"]) for one in MAPPED]
    refused(400, "APIG.3301", "CheckApisV2", body=place)
    call("CheckApisV2", body=place | {"api_id": made.id})
    refused(400, "APIG.3202", "CheckApisV2", body={"type": "name", "name": body["name"]})
    refused(400, "APIG.3301", "CreateApiV2", body=body | {"name": "other", "req_uri": "/a/{other}", "req_params": None, "backend_params": None})
    refused(400, "APIG.3202", "CreateApiV2", body=body | {"req_uri": "/b", "req_params": None, "backend_params": None})
    told = refused(400, "APIG.2012", "CreateApiV2", body=body | {"req_method": "FETCH", "req_uri": "a", "func_info": body["func_info"] | {"timeout": 0}})
    assert all(name in told for name in ("req_method", "req_uri", "func_info.timeout")), told
    refused(404, "APIG.3001", "CreateApiV2", body=body | {"group_id": "nobody", "name": "other"})
    refused(404, "APIG.3019", "CreateApiV2", body=shop.definition("nobody", "/nobody"))
    refused(404, "APIG.3002", "ShowDetailsOfApiV2", api_id="nobody")
    refused(404, "APIG.3002", "UpdateApiV2", api_id="nobody", body=body)
    refused(404, "APIG.3002", "DeleteApiV2", api_id="nobody")

    total = lambda **query: call("ListApisV2", **query).total
    assert total(group_id=shop.id) == 1 and total(name="api_a") == 1 and total(name="api_a", precise_search="name") == 0
    assert total(tags="one") == 1 and total(tags="three") == 0 and total(req_uri="/a") == 1 and total(auth_type="APP") == 0
    assert total(env_id=RELEASE) == 0 and total(req_method="GET") == 0 and total(id=made.id) == 1
    refused(400, "APIG.2012", "ListApisV2", limit=0)
    publish(made.id)
    assert total(env_id=RELEASE) == 1
    assert call("UpdateApiV2", api_id=made.id, body=body | {"remark": "second"}).remark == "second"
    assert call("ShowDetailsOfApiV2", api_id=made.id).remark == "second"

    told = shop.ask("/a/7?colour=red").fine()
    assert [told["headers"].get(name) for name in ("x-number", "x-constant", "x-stage-name")] == ["7", "always", "RELEASE"], told
    assert "colour=blue" in shop.ask("/a/7").fine()["url"]
    for path in ("/a/0", "/a/seven", "/a/7?colour=green"):
        shop.ask(path).refused(400, "APIG.0201")
    refused(409, "APIG.3416", "DeleteApiV2", api_id=made.id)
    shop.end()


@group("BatchPublishOrOfflineApiV2", "ListApiVersionsV2", "ChangeApiVersionV2", "ListApiRuntimeDefinitionV2", "ListApiVersionDetailV2",
       "DeleteApiByVersionIdV2", "UpdateApiV2", *PUBLISHING)
def publications():
    """publications: versions that never change, switched between, and taken offline"""
    shop = Group("published")
    api = shop.api("called", "/v0", name="versioned")
    for number in range(3):
        call("UpdateApiV2", api_id=api, body=shop.definition("called", f"/v{number}", name="versioned"))
        publish(api)
    shop.ask("/v2").fine()
    shop.ask("/v1").refused(404, "APIG.0101")
    assert call("ListApiRuntimeDefinitionV2", api_id=api).req_uri == "/v2"
    refused(404, "APIG.3015", "ListApiRuntimeDefinitionV2", api_id=api, env_id="nowhere")
    refused(404, "APIG.3002", "ListApiRuntimeDefinitionV2", api_id="nobody")
    listed = call("ListApiVersionsV2", api_id=api, env_name="RELEASE")
    assert (listed.total, [one.status for one in listed.api_versions]) == (3, [1, 2, 2]), listed
    assert call("ListApiVersionsV2", api_id=api, env_id="nowhere").total == 0
    refused(404, "APIG.3002", "ListApiVersionsV2", api_id="nobody")
    older = listed.api_versions[1].version_id
    assert call("ListApiVersionDetailV2", version_id=older).req_uri == "/v1"
    refused(404, "APIG.3022", "ListApiVersionDetailV2", version_id="nobody")
    assert call("ChangeApiVersionV2", api_id=api, body={"version_id": older}).version_id == older
    refused(404, "APIG.3022", "ChangeApiVersionV2", api_id=api, body={"version_id": "nobody"})
    shop.ask("/v1").fine()
    shop.ask("/v2").refused(404, "APIG.0101")
    refused(404, "APIG.3015", "DeleteApiByVersionIdV2", version_id=listed.api_versions[0].version_id)
    refused(404, "APIG.3022", "DeleteApiByVersionIdV2", version_id="nobody")
    call("DeleteApiByVersionIdV2", version_id=older)
    shop.ask("/v1").refused(404, "APIG.0101")
    refused(404, "APIG.3015", "CreateOrDeletePublishRecordForApiV2", body={"action": "offline", "env_id": RELEASE, "api_id": api})
    refused(404, "APIG.3003", "CreateOrDeletePublishRecordForApiV2", body={"action": "online", "env_id": "nowhere", "api_id": api})
    refused(404, "APIG.3002", "CreateOrDeletePublishRecordForApiV2", body={"action": "online", "env_id": RELEASE, "api_id": "nobody"})
    refused(400, "APIG.2012", "CreateOrDeletePublishRecordForApiV2", body={"action": "sideways", "env_id": RELEASE, "api_id": api})

    other = shop.api("called", "/other")
    batch = call("BatchPublishOrOfflineApiV2", action="online", body={"apis": [api, "nobody", other], "env_id": RELEASE})
    assert [one.api_id for one in batch.success] == [api, other], batch
    assert [(one.api_id, one.error_code) for one in batch.failure] == [("nobody", "APIG.3002")], batch
    shop.ask("/other").fine()
    offline = call("BatchPublishOrOfflineApiV2", action="offline", body={"group_id": shop.id, "env_id": RELEASE})
    assert len(offline.success) == 2 and not offline.failure, offline
    shop.ask("/other").refused(404, "APIG.0101")
    refused(400, "APIG.2001", "BatchPublishOrOfflineApiV2", action="online", body={"env_id": RELEASE})
    refused(400, "APIG.2012", "BatchPublishOrOfflineApiV2", action="up", body={"apis": [api], "env_id": RELEASE})
    shop.end()


@group("UpdateApiV2", *PUBLISHING)
def back_ends():
    """a version, an alias, an exact path, a prefix, a method"""
    shop = Group("chosen")
    deploy("chosen")
    functions.call("CreateFunctionVersion", function_urn=urn("chosen"), body={"version": "v1"})
    functions.call("CreateVersionAlias", function_urn=urn("chosen"), body={"name": "prod", "version": "v1"})
    info = {"function_urn": urn("chosen"), "invocation_type": "sync", "network_type": "V2", "timeout": 30000}
    for path, more in {"/version": {"version": "v1"}, "/alias": {"alias_urn": urn("chosen") + ":!prod"}}.items():
        shop.published("chosen", path, func_info=info | more)
        assert shop.ask(path).fine()["headers"]["x-cff-func-version"] == "v1"
    refused(404, "APIG.3019", "CreateApiV2", body=shop.definition("chosen", "/none", func_info=info | {"version": "v9"}))
    shop.published("chosen", "/exact", req_method="GET")
    shop.published("chosen", "/prefix", req_method="POST", match_mode="SWA")
    shop.ask("/exact").fine()
    shop.ask("/exact/more").refused(404, "APIG.0101")
    shop.ask("/exact", method="POST").refused(404, "APIG.0101")
    assert shop.ask("/prefix/more", method="POST", body="hello").fine()["body"] == "hello"
    # The function may take 30 s, its API gives it one; where the host is so busy that no instance is free in that time, it says so.
    shop.published("chosen", "/hang", func_info=info | {"timeout": 1000})
    for _ in range(60):
        late = shop.ask("/hang")
        if late.status != 503:
            break
    late.refused(504, "APIG.0201")
    assert "1000 ms" in late.json["error_msg"] and late.headers["X-Func-Err-Code"] == "4010", late.text
    refused(404, "APIG.3002", "UpdateApiV2", api_id="nobody", body=shop.definition("chosen", "/x"))
    shop.end()


@group("DebugApiV2", *PUBLISHING)
def debugging():
    """an API is called for a test, published or not"""
    shop = Group("debugged")
    api = shop.api("called", "/draft/{id}", req_params=PARAMETERS, backend_params=MAPPED)
    draft = {"mode": "DEVELOPER", "scheme": "HTTP", "method": "POST", "path": "/draft/7", "header": {"X-Test": ["a", "b"]},
             "query": {"colour": ["red"]}, "body": "some text"}
    shop.ask("/draft/7").refused(404, "APIG.0101")
    answer = call("DebugApiV2", api_id=api, body=draft)
    assert "200 OK" in answer.response.splitlines()[0] and '"x-number":"7"' in answer.response, answer.response
    assert answer.request.splitlines()[0] == "POST /draft/7?colour=red HTTP/1.1" and "some text" in answer.request, answer.request
    assert answer.latency >= 0 and answer.log, answer
    # What the gateway refuses is the answer of the test, not its failure.
    wrong = call("DebugApiV2", api_id=api, body=draft | {"path": "/draft/seven"})
    assert "400 Bad Request" in wrong.response.splitlines()[0] and "APIG.0201" in wrong.response, wrong.response
    elsewhere = call("DebugApiV2", api_id=api, body=draft | {"path": "/elsewhere"})
    assert "404 Not Found" in elsewhere.response.splitlines()[0] and "APIG.0101" in elsewhere.response, elsewhere.response
    refused(404, "APIG.3015", "DebugApiV2", api_id=api, body=draft | {"mode": "CONSUMER"})
    publish(api)
    published = call("DebugApiV2", api_id=api, body=draft | {"mode": "CONSUMER", "stage": "RELEASE"})
    assert "200 OK" in published.response.splitlines()[0], published.response
    told = refused(400, "APIG.2012", "DebugApiV2", api_id=api, body=draft | {
        "mode": "MARKET", "scheme": "FTP", "method": "FETCH", "path": "draft", "header": {"X-Stage": ["x"]}})
    assert all(name in told for name in ("mode", "scheme", "method", "path", "X-Stage")), told
    refused(404, "APIG.3002", "DebugApiV2", api_id="nobody", body=draft)
    shop.end()
