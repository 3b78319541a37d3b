"""The requests of the vendor's Terraform provider, in its order and with its peculiarities: it signs accept, content-type, user-agent and
x-sdk-date only, adds X-Project-Id after signing, ends JSON in a newline, leaves `:` and `!` in paths as they are, and takes only certain
statuses for success. The life of a resource is: create, read, plan without a difference, update, import, destroy. A plan compares the file with
what is read, as the provider flattens it: an attribute that is optional and not computed and that the file lacks must be read as nothing.
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
    """Everything a read of `huaweicloud_fgs_function` asks for; a failure of any but the log's detail fails it. The resource's id, with its
    version, is what it names at the log and at the reserved instances."""
    config = do("GET", f"{base}/fgs/functions/{urn}/config")
    status, log = send("GET", f"{base}/fgs/functions/{urn}:latest/lts-log-detail")
    assert status in (200, 404), (status, log)
    versions = do("GET", f"{base}/fgs/functions/{urn}/versions")["versions"]
    aliases = do("GET", f"{base}/fgs/functions/{urn}/aliases")
    reserved, marker = [], 0
    for _ in range(20):
        page = do("GET", f"{base}/fgs/functions/reservedinstanceconfigs?function_urn={urn}:latest&limit=100&marker={marker}")
        if not page["reserved_instances"]:
            break
        reserved += page["reserved_instances"]
        marker += len(page["reserved_instances"])
    else:
        raise AssertionError("the pages of reserved instances do not end")
    return config, versions, aliases, reserved, log


# Attributes of `huaweicloud_fgs_function` that are optional and not computed, with the field each is read from: what the file lacks is
# nothing, and a plan shows whatever else is read.
NOT_COMPUTED = {
    "description": "description", "code_url": "code_url", "user_data": "user_data", "agency": "xrole", "lts_custom_tag": "lts_custom_tag",
    "gpu_type": "gpu_type", "gpu_memory": "gpu_memory", "pre_stop_handler": "pre_stop_handler", "pre_stop_timeout": "pre_stop_timeout",
    "func_vpc": "func_vpc", "peering_cidr": "peering_cidr", "enable_dynamic_memory": "enable_dynamic_memory",
    "is_stateful_function": "is_stateful_function", "enable_auth_in_header": "enable_auth_in_header",
    "enable_class_isolation": "enable_class_isolation", "heartbeat_handler": "heartbeat_handler",
    "restore_hook_handler": "restore_hook_handler", "restore_hook_timeout": "restore_hook_timeout",
    "user_data_encrypt_kms_key_id": "user_data_encrypt_kms_key_id", "code_encrypt_kms_key_id": "code_encrypt_kms_key_id",
}
REQUIRED = {"name": "func_name", "memory_size": "memory_size", "runtime": "runtime", "timeout": "timeout", "app": "package"}


def flat_versions(versions, aliases):
    """Versions as the provider keeps them: `latest` only where it has an alias."""
    flat = []
    for name, description in ((one["version"], one.get("version_description") or "") for one in versions):
        own = [{"name": one["name"], "description": one.get("description") or "",
                "weights": one.get("additional_version_weights") or {}} for one in aliases if one["version"] == name]
        if name != "latest" or own:
            flat.append({"name": name, "description": "" if name == "latest" else description, "aliases": own})
    return flat


def flat_reserved(reserved):
    """Reserved instances as the provider keeps them: an object of policies with anything in it is one policy."""
    return [{"qualifier_type": one["qualifier_type"], "qualifier_name": one["qualifier_name"], "count": one["min_count"],
             "idle_mode": one["idle_mode"], "tactics_config": [one["tactics_config"]] if one["tactics_config"] else []} for one in reserved]


def flat_network(network):
    return [] if network is None else [{"disable_public_network": network["disable_public_network"]}]


def plan(file, urn):
    """Each attribute in which the file and what is read differ."""
    config, versions, aliases, reserved, log = read_function(urn)
    read = {name: config.get(field) or None for name, field in {**NOT_COMPUTED, **REQUIRED}.items()}
    read.update(network_controller=flat_network(config.get("network_controller")) or None,
                versions=flat_versions(versions, aliases) or None, reserved_instances=flat_reserved(reserved) or None)
    # Cast without a look by the provider.
    assert all(isinstance(config["strategy_config"][name], int) for name in ("concurrency", "concurrent_num")), config
    # Computed: what the file does not say is whatever is read.
    read.update({f"log_{name}": log[name] for name in ("group_id", "group_name", "stream_id", "stream_name") if f"log_{name}" in file})
    return {name: (file.get(name), seen) for name, seen in read.items() if (file.get(name) or None) != seen}


def metadata(file):
    """The body of its update: empty where it does not leave out, and the app only beside an agency."""
    body = {
        "runtime": "http", "timeout": file["timeout"], "memory_size": file["memory_size"], "handler": "bootstrap",
        "description": file.get("description", ""), "strategy_config": {"concurrent_num": 1}, "enable_dynamic_memory": False,
        "is_stateful_function": False, "enterprise_project_id": "", "peering_cidr": "", "enable_auth_in_header": False,
        "enable_class_isolation": False, "ephemeral_storage": 512, "heartbeat_handler": "", "restore_hook_handler": "",
        "restore_hook_timeout": 0,
    }
    if file.get("agency"):
        body.update(package="default", xrole=file["agency"])
    body.update({name: file[name] for name in ("user_data", "lts_custom_tag") if file.get(name)})
    if file.get("network_controller"):
        body["network_controller"] = file["network_controller"][0]
    log = {name.removeprefix("log_"): value for name, value in file.items() if name.startswith("log_")}
    if log:
        body.update(enable_lts_log=True, log_config=log)
    return body


@group("CreateFunction", "ShowFunctionConfig", "UpdateFunctionConfig", "ShowLtsLogDetails", "ListFunctionVersions", "ListVersionAliases",
       "ListReservedInstanceConfigs", "CreateFunctionVersion", "CreateVersionAlias", "UpdateFunctionReservedInstancesCount", "DeleteFunction")
def plans():
    """huaweicloud_fgs_function: no plan after an apply shows a difference"""
    # As jsonencode() writes it, and as people do.
    texts = [r'{"A":"1","B":"x\u0026y"}', '{\n  "B": "2",\n  "A": "1"\n}\n']
    file = {"name": "tf-plan", "runtime": "http", "timeout": 10, "memory_size": 256, "app": "default", "user_data": texts[0]}
    sent = {"func_name": "tf-plan", "package": "default", "runtime": "http", "timeout": 10, "handler": "bootstrap", "memory_size": 256,
            "code_type": "zip", "user_data": texts[0], "enable_dynamic_memory": False, "is_stateful_function": False,
            "func_code": {"file": code}}
    urn = without_version(do("POST", f"{base}/fgs/functions", sent)["func_urn"])
    own = f"{base}/fgs/functions/{urn}"
    assert plan(file, urn) == {}, plan(file, urn)
    place = {"log_group_id": "g1", "log_group_name": "group", "log_stream_id": "s1", "log_stream_name": "stream"}
    for change in (place, {"timeout": 20, "user_data": texts[1]}, {"agency": "helper", "lts_custom_tag": {"team": "a"}},
                   {"network_controller": [{"disable_public_network": True}]}, {"network_controller": [{"disable_public_network": False}]}):
        file.update(change)
        assert set(plan(file, urn)) == set(change), (change, plan(file, urn))
        do("PUT", f"{own}/config", metadata(file))
        assert plan(file, urn) == {}, (change, plan(file, urn))
    do("POST", f"{own}/versions", {"version": "v1", "description": "first"})
    do("POST", f"{own}/aliases", {"version": "v1", "name": "prod", "description": "stable"})
    do("POST", f"{own}/aliases", {"version": "latest", "name": "dev", "additional_version_weights": {"v1": 10}})
    cron = {"name": "day", "cron": "0 0 9 * * ?", "count": 2, "start_time": 1700000000, "expired_time": 1900000000}
    do("PUT", f"{own}:!prod/reservedinstances", {"count": 1, "idle_mode": False})
    do("PUT", f"{own}:latest/reservedinstances", {"count": 1, "idle_mode": True, "tactics_config": {"cron_configs": [cron]}})
    file.update(
        versions=[{"name": "latest", "description": "", "aliases": [{"name": "dev", "description": "", "weights": {"v1": 10}}]},
                  {"name": "v1", "description": "first", "aliases": [{"name": "prod", "description": "stable", "weights": {}}]}],
        reserved_instances=[
            {"qualifier_type": "alias", "qualifier_name": "prod", "count": 1, "idle_mode": False, "tactics_config": []},
            {"qualifier_type": "version", "qualifier_name": "latest", "count": 1, "idle_mode": True,
             "tactics_config": [{"cron_configs": [cron]}]}])
    assert plan(file, urn) == {}, plan(file, urn)
    do("DELETE", own)


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
    config, versions, aliases, reserved, _ = first
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
    # The provider sends event_data as an object here, whole; the SDKs as a list.
    do("PUT", own, {"trigger_status": "ACTIVE", "event_data": {}})
    do("PUT", own, {"trigger_status": "ACTIVE", "event_data": first["event_data"]})
    do("PUT", own, {"trigger_status": "ACTIVE", "event_data": {**event, "path": "/api_tf2"}})
    assert do("GET", own)["event_data"]["path"] == "/api_tf2"
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
    # All but the link to the package, which is good for ten minutes and another one in each answer; the provider keeps none.
    shown = lambda: {name: value for name, value in do("GET", f"{own}/{made['version']}").items() if name != "download_link"}
    first = shown()
    same(first, {name: sent[name] for name in ("runtime", "name", "description")})
    assert shown() == first
    # An import finds the dependency by its name and the version in its list.
    listed = do("GET", f"{base}/fgs/dependencies?name=tf-library&limit=100&marker=0")["dependencies"]
    assert [one["name"] for one in listed] == ["tf-library"], listed
    versions = do("GET", f"{own}?maxitems=100&marker=0")["dependencies"]
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
    do("PUT", f"{own}/{made['id']}", {"name": "two", "content": changed})
    same(do("GET", f"{own}/{made['id']}"), {"name": "two", "content": changed})
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
