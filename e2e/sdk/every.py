"""The vendor's Python SDK: every operation that funcd has, and what its users are told when they do it wrong.
Argument: a package (zip) of an HTTP function that answers "This is http function."."""

import base64
import io
import json
import sys
import time
import urllib.request
import zipfile
from pathlib import Path

import huaweicloudsdkfunctiongraph.v2 as sdk

from groups import group, run, there, where, whole
from plain import ask
from vendor import Vendor
# Its groups are the first to run.
from older import older

NAME = "python-suite"
code = base64.b64encode(Path(sys.argv[1]).read_bytes()).decode()


vendor = Vendor(sdk, sdk.FunctionGraphClient)
call, refused = vendor.call, vendor.refused
elsewhere = vendor.connect(where["secret_key"], project="0" * 32)


def urn(name=NAME, qualifier=None):
    plain = f"urn:fss:{where['region']}:{where['project_id']}:function:default:{name}"
    return f"{plain}:{qualifier}" if qualifier else plain


def settings(name=NAME, **more):
    return {"func_name": name, "package": "default", "runtime": "http", "timeout": 10, "handler": "bootstrap", "memory_size": 256,
            "code_type": "zip", "code_filename": "index.zip", "func_code": {"file": code}, **more}


def config(**more):
    return {"func_name": NAME, "runtime": "http", "timeout": 10, "handler": "bootstrap", "memory_size": 256, **more}


def encoded(text):
    return base64.b64encode(text.encode()).decode()


def archive(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in files.items():
            made.writestr(f"lib/{name}", text)
    return base64.b64encode(buffer.getvalue()).decode()


EVENT = {"httpMethod": "GET", "path": "/", "headers": {}, "queryStringParameters": {}, "body": "", "isBase64Encoded": True}


def page(answer):
    envelope = json.loads(answer.result)
    assert envelope["statusCode"] == 200, envelope
    return base64.b64decode(envelope["body"]).decode()


@group("CreateFunction", "ShowFunctionConfig", "UpdateFunctionConfig", "ShowFunctionCode", "UpdateFunctionCode", "ListFunctions")
def functions():
    """functions, their code and settings"""
    made = call("CreateFunction", body=settings(user_data='{"COLOUR":"blue"}', encrypted_user_data='{"SECRET":"s3cret"}'))
    assert made.func_urn == urn(qualifier="latest") and len(made.digest) == 128, made
    shown = call("ShowFunctionConfig", function_urn=urn())
    assert json.loads(shown.user_data) == {"COLOUR": "blue"} and "s3cret" not in str(shown), shown
    refused(409, "FSS.1061", "CreateFunction", body=settings())
    for errorcode, more in {
        "FSS.1002": {"func_name": "not a name"}, "FSS.1004": {"package": "a b"}, "FSS.1005": {"runtime": "Cobol"},
        "FSS.1006": {"code_type": "tar"}, "FSS.1007": {"memory_size": 100}, "FSS.1008": {"timeout": 1},
        "FSS.1009": {"user_data": "[]"}, "FSS.1011": {"func_code": {"file": encoded("no zip")}},
        "FSS.1017": {"user_data": json.dumps({f"V{number}": "" for number in range(21)})},
        "FSS.1018": {"user_data": json.dumps({"V": "x" * 5000})},
    }.items():
        refused(400, errorcode, "CreateFunction", body=settings(**{"func_name": "python-bad", **more}))
    assert call("UpdateFunctionConfig", function_urn=urn(), body=config(memory_size=512, timeout=20)).memory_size == 512
    why = refused(400, "FSS.1008", "UpdateFunctionConfig", function_urn=urn(), body=config(timeout=1, memory_size=100))
    assert "timeout" in why and "memory_size" in why, why
    refused(404, "FSS.1051", "UpdateFunctionConfig", function_urn=urn("nobody"), body=config())
    before = call("ShowFunctionCode", function_urn=urn())
    again = {"code_type": "zip", "code_filename": "index.zip", "func_code": {"file": code}}
    assert call("UpdateFunctionCode", function_urn=urn(), body=again).digest == before.digest == made.digest
    refused(400, "FSS.1011", "UpdateFunctionCode", function_urn=urn(), body={**again, "func_code": {"file": encoded("no zip")}})
    refused(404, "FSS.1051", "ShowFunctionCode", function_urn=urn("nobody"))
    refused(400, "FSS.1309", "ShowFunctionConfig", function_urn="not:one:of:its:forms")
    found = call("ListFunctions", marker="0", maxitems="10", func_name="python-sui")
    assert [one.func_name for one in found.functions] == [NAME] and found.count == 1, found
    refused(400, "FSS.1001", "ListFunctions", marker="x")
    refused(400, "FSS.1006", "UpdateFunctionCode", function_urn=urn(), body={**again, "code_type": "tar"})
    refused(401, "APIG.0301", "ListFunctions", vendor.connect("wrong"))


@group("UpdateFunctionCollectState", "UpdateFunctionMaxInstanceConfig", "ListFunctions", "ShowFunctionConfig", "InvokeFunction",
       "CreateFunction", "DeleteFunction")
def switches():
    """pinned, limited, switched off and on"""
    call("CreateFunction", body=settings("python-a-suite"))
    names = lambda: [one.func_name for one in call("ListFunctions", func_name="suite").functions if one.func_name.startswith("python")]
    assert names() == ["python-a-suite", NAME], names()
    call("UpdateFunctionCollectState", func_urn=urn(), state="true")
    assert names() == [NAME, "python-a-suite"], names()
    call("UpdateFunctionCollectState", func_urn=urn(), state="false")
    refused(404, "FSS.1051", "UpdateFunctionCollectState", func_urn=urn("nobody"), state="true")
    call("UpdateFunctionMaxInstanceConfig", function_urn=urn(), body={"max_instance_num": 0})
    refused(403, "FSS.0403", "InvokeFunction", function_urn=urn(), body=EVENT, x_cff_request_version="v1")
    refused(400, "FSS.1026", "UpdateFunctionMaxInstanceConfig", function_urn=urn(), body={"max_instance_num": -2})
    call("UpdateFunctionMaxInstanceConfig", function_urn=urn(), body={"max_instance_num": 7})
    assert call("ShowFunctionConfig", function_urn=urn()).strategy_config.concurrency == 7
    assert "This is http function." in page(call("InvokeFunction", function_urn=urn(), body=EVENT, x_cff_request_version="v1"))
    call("DeleteFunction", function_urn=urn("python-a-suite"))


@group("InvokeFunction")
def invocation():
    """calls"""
    answer = call("InvokeFunction", function_urn=urn(), body=EVENT, x_cff_request_version="v1", x_cff_log_type="tail")
    assert answer.status == 200 and "This is http function." in page(answer), answer
    refused(404, "FSS.1051", "InvokeFunction", function_urn=urn("nobody"), body=EVENT)
    refused(404, "FSS.1052", "InvokeFunction", function_urn=urn(qualifier="v99"), body=EVENT)
    refused(404, "FSS.1053", "InvokeFunction", function_urn=urn(qualifier="!nobody"), body=EVENT)


@group("CreateFunctionTrigger", "ListFunctionTriggers", "ShowFunctionTrigger", "UpdateTrigger", "DeleteFunctionTrigger",
       "BatchDeleteFunctionTriggers")
def triggers():
    """triggers"""
    event = {"name": "API_python", "group_id": "DEFAULT", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "env_name": "RELEASE",
             "auth": "NONE", "protocol": "HTTP", "path": "/python/suite", "req_method": "ANY", "match_mode": "SWA", "type": 1,
             "backend_type": "FUNCTION", "func_info": {"timeout": 5000}}
    new = lambda **more: {"trigger_type_code": "DEDICATEDGATEWAY", "trigger_status": "ACTIVE", "event_data": {**event, **more}}
    made = call("CreateFunctionTrigger", function_urn=urn(), body=new())
    assert made.status_code == 201, made.status_code
    with urllib.request.urlopen(made.event_data.invoke_url) as answer:
        assert b"This is http function." in answer.read()
    one = {"function_urn": urn(), "trigger_type_code": "DEDICATEDGATEWAY", "trigger_id": made.trigger_id}
    assert [own.trigger_id for own in call("ListFunctionTriggers", function_urn=urn()).body] == [made.trigger_id]
    assert call("ShowFunctionTrigger", **one).trigger_status == "ACTIVE"
    call("UpdateTrigger", **one, body={"trigger_status": "ACTIVE"})
    refused(404, "FSS.1138", "UpdateTrigger", **{**one, "trigger_id": "nobody"}, body={"trigger_status": "ACTIVE"})
    for operation in ("ListFunctionTriggers", "BatchDeleteFunctionTriggers"):
        refused(404, "FSS.1051", operation, function_urn=urn("nobody"))
    refused(409, "FSS.1147", "CreateFunctionTrigger", function_urn=urn(), body=new(name="API_again"))
    refused(400, "FSS.1417", "CreateFunctionTrigger", function_urn=urn(), body=new(path="no slash"))
    refused(400, "FSS.1101", "CreateFunctionTrigger", function_urn=urn(), body={**new(), "trigger_type_code": "PIGEON"})
    refused(404, "FSS.1051", "CreateFunctionTrigger", function_urn=urn("nobody"), body=new())
    call("DeleteFunctionTrigger", **one)
    refused(404, "FSS.1138", "ShowFunctionTrigger", **one)
    refused(404, "FSS.1138", "DeleteFunctionTrigger", **one)
    call("CreateFunctionTrigger", function_urn=urn(), body=new())
    call("BatchDeleteFunctionTriggers", function_urn=urn())
    assert not call("ListFunctionTriggers", function_urn=urn()).body


@group("CreateFunctionVersion", "ListFunctionVersions", "CreateVersionAlias", "ListVersionAliases", "ShowVersionAlias",
       "UpdateVersionAlias", "DeleteVersionAlias", "InvokeFunction", "DeleteFunction", "UpdateFunctionConfig", "ShowFunctionConfig")
def versions():
    """versions and aliases"""
    publish = lambda version: {"function_urn": urn(), "body": {"version": version, "description": f"as {version}"}}
    assert call("CreateFunctionVersion", **publish("v1")).func_urn == urn(qualifier="v1")
    refused(400, "FSS.1016", "CreateFunctionVersion", **publish("v1-again"))
    call("UpdateFunctionConfig", function_urn=urn(), body=config(memory_size=512, timeout=25))
    call("CreateFunctionVersion", **publish("v2"))
    refused(400, "FSS.1015", "CreateFunctionVersion", **publish("not a name"))
    listed = call("ListFunctionVersions", function_urn=urn())
    assert sorted(one.version for one in listed.versions) == ["latest", "v1", "v2"] and listed.count == 3, listed
    timeouts = [call("ShowFunctionConfig", function_urn=urn(qualifier=version)).timeout for version in ("v1", "v2")]
    assert timeouts == [20, 25], timeouts
    alias = lambda name, **more: {"function_urn": urn(), "body": {"name": name, **more}}
    made = call("CreateVersionAlias", **alias("prod", version="v1", additional_version_weights={"v2": 10}))
    assert (made.alias_urn, made.version, made.additional_version_weights) == (urn(qualifier="!prod"), "v1", {"v2": 10}), made
    refused(409, "FSS.1063", "CreateVersionAlias", **alias("prod", version="v2"))
    refused(404, "FSS.1052", "CreateVersionAlias", **alias("other", version="v9"))
    refused(409, "FSS.1066", "CreateVersionAlias", **alias("other", version="v1"))
    refused(400, "FSS.1014", "CreateVersionAlias", **alias("not a name", version="v2"))
    assert [one.name for one in call("ListVersionAliases", function_urn=urn()).body] == ["prod"]
    assert "http function" in page(call("InvokeFunction", function_urn=urn(qualifier="!prod"), body=EVENT, x_cff_request_version="v1"))
    refused(403, "FSS.1094", "DeleteFunction", function_urn=urn(qualifier="v2"))
    one = {"function_urn": urn(), "alias_name": "prod"}
    rules = {"v1": {"combine_type": "and", "rules": [{"rule_type": "Header", "param": "x-test", "op": "=", "value": "1"}]}}
    call("UpdateVersionAlias", **one, body={"version": "v2", "additional_version_strategy": rules})
    shown = call("ShowVersionAlias", **one)
    assert shown.version == "v2" and shown.additional_version_strategy["v1"].rules[0].param == "x-test", shown
    refused(404, "FSS.1052", "UpdateVersionAlias", **one, body={"version": "v9"})
    call("DeleteVersionAlias", **one)
    for operation in ("ShowVersionAlias", "DeleteVersionAlias"):
        refused(404, "FSS.1053", operation, **one)
    for operation in ("ListVersionAliases", "ListFunctionVersions"):
        refused(404, "FSS.1051", operation, function_urn=urn("nobody"))
    call("DeleteFunction", function_urn=urn(qualifier="v1"))
    refused(404, "FSS.1052", "ShowFunctionConfig", function_urn=urn(qualifier="v1"))
    refused(400, "FSS.1015", "DeleteFunction", function_urn=urn(qualifier="latest"))


@group("CreateEvent", "ListEvents", "ShowEvent", "UpdateEvent", "DeleteEvent")
def events():
    """test events"""
    new = lambda name, text: {"function_urn": urn(), "body": {"name": name, "content": encoded(text)}}
    made = call("CreateEvent", **new("one", '{"a":1}'))
    one = {"function_urn": urn(), "event_id": made.id}
    assert base64.b64decode(call("ShowEvent", **one).content) == b'{"a":1}'
    listed = call("ListEvents", function_urn=urn())
    assert [own.name for own in listed.events] == ["one"] and listed.count == 1, listed
    call("UpdateEvent", **one, body={"content": encoded('{"a":2}')})
    assert base64.b64decode(call("ShowEvent", **one).content) == b'{"a":2}'
    refused(404, "FSS.1051", "ListEvents", function_urn=urn("nobody"))
    for name, text in (("not a name", "{}"), ("two", "no json")):
        refused(400, "FSS.1074", "CreateEvent", **new(name, text))
    refused(400, "FSS.1074", "UpdateEvent", **one, body={"content": encoded("no json")})
    deleted = call("DeleteEvent", **one)
    assert deleted.status_code == 204, deleted.status_code
    for operation in ("ShowEvent", "DeleteEvent"):
        refused(404, "FSS.1070", operation, **one)


@group("CreateTags", "DeleteTags", "ListFunctionTags", "ShowProjectTagsList", "ShowResInstanceInfo")
def tags():
    """tags"""
    of = {"resource_type": "functions", "resource_id": urn(qualifier="latest")}
    pairs = lambda found: sorted((tag.key, tag.value) for tag in found.tags)
    made = call("CreateTags", **of, body={"action": "create", "tags": [{"key": "team", "value": "a b"}, {"key": "stage", "value": ""}]})
    assert made.status_code == 204, made.status_code
    assert pairs(call("ListFunctionTags", **of)) == [("stage", ""), ("team", "a b")]
    assert {tag.key for tag in call("ShowProjectTagsList", resource_type="functions").tags} == {"stage", "team"}
    found = call("ShowResInstanceInfo", resource_type="functions", action="filter",
                 body={"action": "filter", "limit": "10", "offset": "0"})
    assert found.total_count >= 1 and NAME in [one.resource_name for one in found.resources], found
    assert call("DeleteTags", **of, body={"action": "delete", "tags": [{"key": "stage", "value": ""}]}).status_code == 204
    assert pairs(call("ListFunctionTags", **of)) == [("team", "a b")]
    for operation, more in (("CreateTags", {"body": {"action": "create", "tags": [{"key": "_sys_a", "value": ""}]}}),
                            ("DeleteTags", {"body": {"action": "create", "tags": [{"key": "team", "value": ""}]}})):
        refused(400, "FSS.0400", operation, **of, **more)
    refused(404, "FSS.1051", "ListFunctionTags", resource_type="functions", resource_id=urn("nobody"))
    refused(400, "FSS.0400", "ShowProjectTagsList", resource_type="pigeons")
    refused(400, "FSS.0400", "ShowResInstanceInfo", resource_type="functions", action="guess", body={"action": "guess"})


@group("CreateDependencyVersion", "ListDependencies", "ListDependencyVersion", "ShowDependencyVersion", "DeleteDependencyVersion",
       "UpdateFunctionCode", "ShowFunctionCode", "ShowFunctionConfig")
def dependencies():
    """dependencies"""
    new = lambda **files: {"depend_type": "zip", "depend_file": archive(**files), "runtime": "http", "name": "python-library"}
    first = call("CreateDependencyVersion", body=new(a="1"))
    second = call("CreateDependencyVersion", body=new(a="2"))
    assert (first.dep_id, first.version, second.version) == (second.dep_id, 1, 2), (first, second)
    assert [one.name for one in call("ListDependencies", name="python-library", marker="0", maxitems="10").dependencies] == ["python-library"]
    listed = call("ListDependencyVersion", depend_id=first.dep_id, marker="0", maxitems="10").dependencies
    assert sorted(one.version for one in listed) == [1, 2], listed
    assert call("ShowDependencyVersion", depend_id=first.dep_id, version="1").name == "python-library"
    again = {"code_type": "zip", "code_filename": "index.zip", "func_code": {"file": code}}
    call("UpdateFunctionCode", function_urn=urn(), body={**again, "depend_version_list": [first.id]})
    assert call("ShowFunctionCode", function_urn=urn()).depend_version_list == [first.id]
    assert call("ShowFunctionConfig", function_urn=urn()).depend_version_list == [first.id]
    refused(412, "FSS.1033", "DeleteDependencyVersion", depend_id=first.dep_id, version="1")
    refused(400, "FSS.1024", "CreateDependencyVersion", body={**new(a="1"), "name": "not a name"})
    refused(400, "FSS.1001", "ListDependencies", marker="x")
    refused(400, "FSS.1024", "UpdateFunctionCode", function_urn=urn(), body={**again, "depend_version_list": ["nobody"]})
    call("UpdateFunctionCode", function_urn=urn(), body={**again, "depend_version_list": []})
    for version in ("1", "2"):
        assert call("DeleteDependencyVersion", depend_id=first.dep_id, version=version).status_code == 204
    refused(404, "FSS.1056", "ShowDependencyVersion", depend_id=first.dep_id, version="1")
    refused(404, "FSS.1056", "ListDependencyVersion", depend_id=first.dep_id, marker="0", maxitems="10")


@group("ExportFunction", "ImportFunction", "ShowFunctionConfig", "DeleteFunction")
def export():
    """exported and imported"""
    call("ExportFunction", function_urn=urn(), config=True, code=True)
    # The SDK models no body: what it leaves unread is fetched by hand.
    status, _, exported = ask("ExportFunction", function_urn=urn(), query="config=true&code=true")
    assert status == 200, exported
    exported = base64.b64encode(exported).decode()
    imported = {"func_name": "python-again", "file_name": "again.zip", "file_type": "zip", "file_code": exported}
    call("ImportFunction", body=imported)
    kept = ("runtime", "memory_size", "timeout", "handler", "digest", "user_data")
    before, after = call("ShowFunctionConfig", function_urn=urn()), call("ShowFunctionConfig", function_urn=urn("python-again"))
    assert [getattr(before, name) for name in kept] == [getattr(after, name) for name in kept], (before, after)
    refused(400, "FSS.1058", "ImportFunction", body=imported)
    refused(400, "FSS.1025", "ImportFunction", body={**imported, "func_name": "python-third", "file_code": archive(a="1")})
    refused(404, "FSS.1051", "ExportFunction", function_urn=urn("nobody"), config=True)
    call("DeleteFunction", function_urn=urn("python-again"))


@group("ListQuotas")
def quotas():
    """quotas"""
    found = {one.type: one for one in call("ListQuotas").quotas.resources}
    assert found["fgs_func_num"].used >= 1 and found["fgs_func_num"].quota >= found["fgs_func_num"].used, found
    refused(403, "FSS.0403", "ListQuotas", elsewhere)


@group("ListFunctionTemplate", "ShowFunctionTemplate")
def templates():
    """templates"""
    found = call("ListFunctionTemplate", marker="0", maxitems="100").func_templates
    assert len(found) >= 8, len(found)
    assert call("ShowFunctionTemplate", template_id=found[0].id).template_name == found[0].template_name
    assert not call("ListFunctionTemplate", runtime="Cobol").func_templates
    refused(404, "FSS.1059", "ShowFunctionTemplate", template_id="nobody")
    refused(400, "FSS.1001", "ListFunctionTemplate", marker="x")


@group("UpdateFunctionReservedInstancesCount", "ListReservedInstanceConfigs", "ListFunctionReservedInstances")
def reserved():
    """reserved instances"""
    own = urn(qualifier="latest")
    call("UpdateFunctionReservedInstancesCount", function_urn=own, body={"count": 1, "idle_mode": False})
    configs = call("ListReservedInstanceConfigs", function_urn=urn(), marker="0", limit="10").reserved_instances
    assert [(one.qualifier_name, one.min_count) for one in configs] == [("latest", 1)], configs
    found = call("ListFunctionReservedInstances", marker="0", limit="10").reservedinstances
    assert [(one.func_urn, one.count) for one in found] == [(own, 1)], found
    for operation in ("ListReservedInstanceConfigs", "ListFunctionReservedInstances"):
        refused(400, "FSS.1001", operation, limit="x")
    refused(400, "FSS.0400", "UpdateFunctionReservedInstancesCount", function_urn=own, body={"count": 100_000})
    call("UpdateFunctionReservedInstancesCount", function_urn=own, body={"count": 0})
    refused(404, "FSS.1051", "UpdateFunctionReservedInstancesCount", function_urn=urn("nobody"), body={"count": 1})


@group("ShowLtsLogDetails", "EnableLtsLogs")
def logs():
    """where logs are"""
    call("EnableLtsLogs")
    told = call("ShowLtsLogDetails", function_urn=urn())
    assert (told.group_id, told.stream_name) == (where["project_id"], f"{NAME}-default"), told
    refused(404, "FSS.1051", "ShowLtsLogDetails", function_urn=urn("nobody"))
    refused(403, "FSS.0403", "EnableLtsLogs", elsewhere)


@group("ListFunctionAsMetric", "ShowFuncReservedInstanceMetrics", "ShowFunctionMetrics")
def metrics():
    """metrics"""
    assert call("ShowFunctionMetrics", func_urn=urn(), period="60").count is not None
    call("ShowFuncReservedInstanceMetrics", func_urn=urn(), marker="0", limit="10")
    now = int(time.time() * 1000)
    call("ListFunctionAsMetric", type="count", start_time=str(now - 3_600_000), end_time=str(now), limit="10")
    refused(404, "FSS.1051", "ShowFunctionMetrics", func_urn=urn("nobody"), period="60")
    refused(400, "FSS.1001", "ShowFuncReservedInstanceMetrics", func_urn=urn(), marker="x", limit="10")
    refused(400, "FSS.1001", "ListFunctionAsMetric", type="luck", start_time=str(now), end_time=str(now), limit="10")


@group("ListStatistics", "ListFunctionStatistics")
def statistics():
    """statistics"""
    # Minutes are written down a little later than they are over.
    call("ListStatistics", filter="monitor_data", period="60")
    months = call("ListStatistics", filter="monthly_report", option="2").count
    assert len(months) == 3, months
    assert len(call("ListFunctionStatistics", func_urn=urn(), period="60").count) == 61
    refused(400, "FSS.1001", "ListStatistics", filter="luck", period="60")
    refused(400, "FSS.1001", "ListFunctionStatistics", func_urn=urn(), period="0")


@group("DeleteFunction", "ShowFunctionConfig")
def end():
    """a function goes"""
    assert call("DeleteFunction", function_urn=urn()).status_code == 204
    refused(404, "FSS.1051", "ShowFunctionConfig", function_urn=urn())
    refused(404, "FSS.1051", "DeleteFunction", function_urn=urn())


def probe(operation):
    vendor.probe(operation, paths[operation], "FSS.0501")


paths = {}
specification = json.loads((Path(__file__).parents[2] / "spec/functiongraph-v2.openapi.json").read_text())
for path, methods in specification["paths"].items():
    paths.update({one["operationId"]: path for one in methods.values()})
run(probe)
whole((there.keys() & paths.keys()) | older)
