"""The requests of the vendor's Terraform provider, in its order and with its peculiarities: it signs accept, content-type, user-agent and
x-sdk-date only, adds X-Project-Id after signing, ends JSON in a newline, leaves `:` and `!` in paths as they are, and takes only certain
statuses for success. The life of a resource is: create, read, read again without a difference, update, import, destroy.
Argument: a package (zip) of an HTTP function."""

import base64
import http.client
import io
import json
import re
import sys
import time
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from groups import called, document, group, run, where
from signer import sign

AGENT = "terraform-provider-iac huaweicloud/1.80.0 golangsdk"
# Which statuses its client takes for success.
GOOD = {"GET": {200}, "POST": {200, 201, 202}, "PUT": {200, 201, 202}, "DELETE": {200, 202, 204}}
project = where["project_id"]
base = f"/v2/{project}"
host = urlsplit(where["api"]).netloc
code = base64.b64encode(Path(sys.argv[1]).read_bytes()).decode()


def operation_of(method, target):
    """The operation that the document has at this place."""
    path, best = target.partition("?")[0].split("/"), None
    for template, methods in document["paths"].items():
        parts = template.split("/")
        fits = len(parts) == len(path) and all(a.startswith("{") or a == b for a, b in zip(parts, path))
        if fits and method.lower() in methods and (best is None or template.count("{") < best.count("{")):
            best = template
    return document["paths"][best][method.lower()]["operationId"] if best else None


def send(method, target, body=None):
    data = b"" if body is None else (json.dumps(body, separators=(",", ":"), ensure_ascii=False) + "\n").encode()
    headers = {"accept": "application/json", "user-agent": AGENT, "x-sdk-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())}
    if body is not None:
        headers["content-type"] = "application/json"
    authorization = sign(method, target, headers, data)
    connection = http.client.HTTPConnection(host, timeout=120)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    unsigned = {"Host": host, "X-Project-Id": project, "Authorization": authorization, "Accept-Encoding": "gzip"}
    for name, value in {**headers, **unsigned, "Content-Length": str(len(data))}.items():
        connection.putheader(name, value)
    connection.endheaders(data)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    called.add(operation_of(method, target))
    return answer.status, json.loads(text) if text else None


def do(method, target, body=None, only=None):
    """A request that must succeed as the provider understands it."""
    status, answer = send(method, target, body)
    assert status in ({only} if only else GOOD[method]), (method, target, status, answer)
    return answer


def gone(target):
    status, answer = send("GET", target)
    assert status == 404, (target, status, answer)


def same(seen, sent):
    """No difference in a second plan: what was sent is what is read."""
    for name, value in sent.items():
        assert seen.get(name) == value, (name, "sent", value, "read", seen.get(name))


def without_version(urn):
    """The provider cuts the last field of the answer's URN, whatever it is."""
    return urn.rsplit(":", 1)[0]


SENT = {
    "func_name": "tf-suite", "package": "default", "runtime": "http", "timeout": 10, "handler": "bootstrap", "memory_size": 256,
    "code_type": "zip", "code_filename": "index.zip", "description": "made by terraform, née 世界", "user_data": '{"COLOUR":"blue"}',
    "enterprise_project_id": "0",
}


def read_function(urn):
    """Everything a read of `huaweicloud_fgs_function` asks for; a failure of any but the log's detail fails it."""
    config = do("GET", f"{base}/fgs/functions/{urn}/config")
    status, answer = send("GET", f"{base}/fgs/functions/{urn}/lts-log-detail")
    assert status in (200, 404), (status, answer)
    versions = do("GET", f"{base}/fgs/functions/{urn}/versions")["versions"]
    aliases = do("GET", f"{base}/fgs/functions/{urn}/aliases")
    reserved, marker = [], 0
    for _ in range(20):
        page = do("GET", f"{base}/fgs/functions/reservedinstanceconfigs?function_urn={urn}&limit=100&marker={marker}")
        if not page["reserved_instances"]:
            break
        reserved += page["reserved_instances"]
        marker += len(page["reserved_instances"])
    else:
        raise AssertionError("the pages of reserved instances do not end")
    return config, versions, aliases, reserved


@group("CreateFunction", "ShowFunctionConfig", "UpdateFunctionConfig", "UpdateFunctionCode", "DeleteFunction")
def function():
    """huaweicloud_fgs_function: create, read twice, update, import, destroy"""
    urn = without_version(do("POST", f"{base}/fgs/functions", {**SENT, "func_code": {"file": code}})["func_urn"])
    config = f"{base}/fgs/functions/{urn}/config"
    same(do("GET", config), SENT)
    assert do("GET", config) == do("GET", config)
    # Its update has no func_name, and each group of fields goes alone.
    change = {**{name: SENT[name] for name in ("runtime", "handler", "description", "user_data")}, "timeout": 30, "memory_size": 512}
    do("PUT", config, change)
    same(do("GET", config), {**SENT, **change})
    # Dependencies are changed without the code, which stays.
    before = do("GET", config)["digest"]
    do("PUT", f"{base}/fgs/functions/{urn}/code", {"depend_version_list": [], "code_type": "zip"})
    assert do("GET", config)["digest"] == before
    do("DELETE", f"{base}/fgs/functions/{urn}")
    gone(config)
    status, _ = send("DELETE", f"{base}/fgs/functions/{urn}")
    assert status == 404, status


@group("CreateFunction", "ShowFunctionConfig", "UpdateFunctionConfig", "UpdateFunctionMaxInstanceConfig", "CreateTags", "DeleteTags",
       "ListFunctionTags", "CreateFunctionVersion", "ListFunctionVersions", "CreateVersionAlias", "ListVersionAliases",
       "DeleteVersionAlias", "UpdateFunctionReservedInstancesCount", "ListReservedInstanceConfigs", "ShowLtsLogDetails", "DeleteFunction")
def whole_function():
    """huaweicloud_fgs_function with versions, aliases, tags, limits and reserved instances: create, read twice, update, import, destroy"""
    urn = without_version(do("POST", f"{base}/fgs/functions", {**SENT, "func_code": {"file": code}})["func_urn"])
    own = f"{base}/fgs/functions/{urn}"
    do("PUT", f"{own}/config-max-instance", {"max_instance_num": 5})
    do("POST", f"{base}/functions/{urn}:latest/tags/create", {"action": "create", "tags": [{"key": "team", "value": "a b"}]}, only=204)
    do("POST", f"{own}/versions", {"version": "v1", "description": "first"})
    do("POST", f"{own}/aliases", {"name": "prod", "version": "v1", "description": "stable"})
    do("PUT", f"{own}:!prod/reservedinstances", {"count": 1, "idle_mode": True})
    first = read_function(urn)
    config, versions, aliases, reserved = first
    same(config, SENT)
    assert config["strategy_config"]["concurrency"] == 5, config["strategy_config"]
    assert sorted(one["version"] for one in versions) == ["latest", "v1"], versions
    assert [(one["name"], one["version"]) for one in aliases] == [("prod", "v1")], aliases
    assert [(one["qualifier_name"], one["min_count"]) for one in reserved] == [("prod", 1)], reserved
    tags = do("GET", f"{base}/functions/{urn}:latest/tags")["tags"]
    assert tags == [{"key": "team", "value": "a b"}], tags
    assert read_function(urn)[1:3] == first[1:3], "an import reads what the create left"
    do("PUT", f"{own}:!prod/reservedinstances", {"count": 0, "idle_mode": False})
    do("DELETE", f"{base}/functions/{urn}/tags/delete", {"action": "delete", "tags": [{"key": "team", "value": "a b"}]}, only=204)
    do("POST", f"{base}/functions/{urn}:latest/tags/create", {"action": "create", "tags": [{"key": "team", "value": "b"}]}, only=204)
    do("PUT", f"{own}/config", {"runtime": "http", "handler": "bootstrap", "timeout": 20, "memory_size": 256})
    do("DELETE", f"{own}/aliases/prod")
    do("DELETE", f"{own}:v1")
    assert [one["version"] for one in read_function(urn)[1]] == ["latest"]
    do("DELETE", own)
    gone(f"{own}/config")


@group("CreateFunction", "CreateFunctionTrigger", "ShowFunctionTrigger", "UpdateTrigger", "DeleteFunctionTrigger", "DeleteFunction")
def trigger():
    """huaweicloud_fgs_function_trigger: create, read twice, update, import, destroy"""
    urn = do("POST", f"{base}/fgs/functions", {**SENT, "func_name": "tf-trigger", "func_code": {"file": code}})["func_urn"]
    event = {
        "env_name": "RELEASE", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "group_id": "DEFAULT", "protocol": "HTTP", "auth": "NONE",
        "name": "api_tf", "path": "/api_tf", "backend_type": "FUNCTION", "match_mode": "SWA", "req_method": "ANY", "type": 1,
        "func_info": {"timeout": 5000},
    }
    sent = {"trigger_type_code": "DEDICATEDGATEWAY", "trigger_status": "ACTIVE", "event_type_code": "MessageCreated", "event_data": event}
    made = do("POST", f"{base}/fgs/triggers/{urn}", sent, only=201)
    own = f"{base}/fgs/triggers/{urn}/DEDICATEDGATEWAY/{made['trigger_id']}"
    first = do("GET", own)
    assert first["trigger_status"] == "ACTIVE", first
    same(first["event_data"], {name: value for name, value in event.items() if name not in ("func_info", "group_id")})
    assert first["event_data"]["func_info"]["timeout"] == 5000, first
    assert do("GET", own) == first
    # The provider sends event_data as an object here, the SDKs as a list.
    do("PUT", own, {"trigger_status": "ACTIVE", "event_data": {}})
    do("DELETE", own)
    gone(own)
    do("DELETE", f"{base}/fgs/functions/{without_version(urn)}")
    status, _ = send("DELETE", own)
    assert status == 404, status


def library(text):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("lib/text", text)
    return base64.b64encode(buffer.getvalue()).decode()


@group("CreateDependencyVersion", "ListDependencies", "ListDependencyVersion", "ShowDependencyVersion", "DeleteDependencyVersion")
def dependency_version():
    """huaweicloud_fgs_dependency_version: create, read twice, import, destroy"""
    sent = {"depend_type": "zip", "runtime": "http", "name": "tf-library", "description": "shared"}
    made = do("POST", f"{base}/fgs/dependencies/version", {**sent, "depend_file": library("1")})
    own = f"{base}/fgs/dependencies/{made['dep_id']}/version"
    first = do("GET", f"{own}/{made['version']}")
    same(first, {name: sent[name] for name in ("runtime", "name", "description")})
    assert do("GET", f"{own}/{made['version']}") == first
    # An import finds the dependency by its name and the version in its list.
    listed = do("GET", f"{base}/fgs/dependencies?name=tf-library&limit=100&marker=0")["dependencies"]
    assert [one["name"] for one in listed] == ["tf-library"], listed
    versions = do("GET", f"{own}?limit=100&marker=0")["dependencies"]
    assert [one["version"] for one in versions] == [1], versions
    do("DELETE", f"{own}/{made['version']}")
    gone(f"{own}/{made['version']}")


@group("CreateFunction", "CreateEvent", "ListEvents", "ShowEvent", "UpdateEvent", "DeleteEvent", "DeleteFunction")
def event():
    """huaweicloud_fgs_function_event: create, read twice, update, import, destroy"""
    urn = without_version(do("POST", f"{base}/fgs/functions", {**SENT, "func_name": "tf-event", "func_code": {"file": code}})["func_urn"])
    own = f"{base}/fgs/functions/{urn}/events"
    content = base64.b64encode(b'{"a":1}').decode()
    made = do("POST", own, {"name": "one", "content": content})
    first = do("GET", f"{own}/{made['id']}")
    same(first, {"name": "one", "content": content})
    assert do("GET", f"{own}/{made['id']}") == first
    assert [one["id"] for one in do("GET", own)["events"]] == [made["id"]]
    changed = base64.b64encode(b'{"a":2}').decode()
    do("PUT", f"{own}/{made['id']}", {"content": changed})
    assert do("GET", f"{own}/{made['id']}")["content"] == changed
    do("DELETE", f"{own}/{made['id']}", only=204)
    gone(f"{own}/{made['id']}")
    do("DELETE", f"{base}/fgs/functions/{urn}")


specified = {}
for name in ("functiongraph-v2", "iam-v3"):
    for path, methods in json.loads((Path(__file__).parents[2] / f"spec/{name}.openapi.json").read_text())["paths"].items():
        specified.update({one["operationId"]: (method.upper(), path) for method, one in methods.items()})


def probe(operation):
    method, path = specified[operation]
    target = re.sub(r"{\w+}", "x", path.replace("{project_id}", project))
    status, answer = send(method, target, None if method == "GET" else {})
    assert status == 501, (operation, status, answer)


run(probe)
