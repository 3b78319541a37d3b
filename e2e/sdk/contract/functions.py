"""FunctionGraph, and what funcd has beside it: what a success of each operation needs."""

import base64
import io
import os
import zipfile
from pathlib import Path

from world import Area, Thing, ask, functions, numbers, project, raw, unused

area = Area(lambda path: path.startswith("/v2/") and "/apigw/" not in path or path.endswith("/traces"))
names, right, query, fresh = area.names, area.right, area.query, area.fresh
triggers, dependencies = f"/v2/{project}/fgs/triggers", f"/v2/{project}/fgs/dependencies"


def package():
    """An HTTP function that is never started: what it does is not asked here."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o100755 << 16
        archive.writestr(entry, "#!/bin/sh\nexit 1\n")
    return base64.b64encode(buffer.getvalue()).decode()


# What `runtime` is one of; no function of this trial needs it.
RUNTIME = "php7.3"


def runtime():
    """A folder with a language runtime, as far as an installation looks at one: an executable that says its version."""
    folder = Path(os.environ["CONTRACT_FOLDER"]) / "runtime"
    program = folder / "bin" / "php"
    if not program.exists():
        program.parent.mkdir(parents=True)
        program.write_text("#!/bin/sh\necho 'PHP 7.3.33 (cli)'\n")
        program.chmod(0o755)
    return str(folder)


code = package()
content = base64.b64encode(b"{}").decode()


def settings(name, code=code, memory=128):
    return {"func_name": name, "package": "default", "runtime": "http", "timeout": 3, "handler": "bootstrap", "memory_size": memory,
            "code_type": "zip", "code_filename": "index.zip", "func_code": {"file": code}}


def remove(name):
    ask("DELETE", f"{functions}/{name}", allow=(404,))


def made_anew(name):
    """A function as it was when it was made."""
    remove(name)
    ask("POST", functions, settings(name))
    return name


def published(name):
    """One with a version `v1`, which has the alias `prod`."""
    made_anew(name)
    ask("POST", f"{functions}/{name}/versions", {"version": "v1"})
    ask("POST", f"{functions}/{name}/aliases", {"name": "prod", "version": "v1"})
    return name


def api():
    event = {"name": "api", "auth": "NONE", "path": f"/contract/{next(numbers)}", "req_method": "GET", "match_mode": "NORMAL",
             "group_id": "DEFAULT", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "env_name": "RELEASE", "protocol": "HTTP", "type": 1,
             "backend_type": "FUNCTION", "func_info": {"timeout": 5000}}
    return {"trigger_type_code": "DEDICATEDGATEWAY", "trigger_status": "ACTIVE", "event_data": event}


def library(number):
    return {"depend_type": "zip", "depend_file": code, "runtime": "http", "name": f"library{number}"}


# The function that the names in paths are about, and one that answers when it is called: the package is the suite's argument.
function = Thing(lambda: published("contract"), lambda known: f"{functions}/{known}/config")
remove("answers")
ask("POST", functions, settings("answers", base64.b64encode(Path(os.environ["CONTRACT_PACKAGE"]).read_bytes()).decode(), 256))
trigger = Thing(lambda: ask("POST", f"{triggers}/{function()}", api())["trigger_id"],
                lambda known: f"{triggers}/contract/DEDICATEDGATEWAY/{known}")
event = Thing(lambda: ask("POST", f"{functions}/{function()}/events", {"name": unused("kept"), "content": content})["id"],
              lambda known: f"{functions}/contract/events/{known}")
dependency = Thing(lambda: ask("POST", f"{dependencies}/version", library(unused("")))["dep_id"],
                   lambda known: f"{dependencies}/{known}/version/1")
template = ask("GET", f"/v2/{project}/fgs/templates")["func_templates"][0]["id"]

names.update({
    **{name: function for name in ("function_urn", "func_urn", "resource_id")},
    "trigger_type_code": lambda: "DEDICATEDGATEWAY", "trigger_id": trigger, "alias_name": lambda: "prod", "event_id": event,
    "depend_id": dependency, "version": lambda: "1", "template_id": lambda: template, "resource_type": lambda: "functions",
    "action": lambda: "filter", "state": lambda: "true", "period": lambda: "60",
    "request_id": lambda: "0" * 32,
})
query.update({
    "ListStatistics": lambda: {"filter": "monitor_data"}, "ListFunctionAsMetric": lambda: {"type": "count"},
    "ExportFunction": lambda: {"config": "true", "code": "true"}, "ListTraces": lambda: {"limit": "10"},
})


@fresh("CreateFunction")
def _(number):
    remove("made")


@fresh("DeleteFunction")
def _(number):
    return {"function_urn": made_anew("deleted")}


@fresh("CreateFunctionVersion", "CreateEvent")
def _(number):
    return {"function_urn": made_anew("plain")}


@fresh("CreateVersionAlias")
def _(number):
    ask("POST", f"{functions}/{made_anew('versioned')}/versions", {"version": "v1"})
    return {"function_urn": "versioned"}


@fresh("DeleteVersionAlias")
def _(number):
    return {"function_urn": published("aliased")}


@fresh("CreateFunctionTrigger")
def _(number):
    # A function has ten at most.
    if len(ask("GET", f"{triggers}/{function()}")) > 5:
        ask("DELETE", f"{triggers}/{function()}")


@fresh("InvokeFunction")
def _(number):
    return {"function_urn": "answers"}


@fresh("ImportFunction")
def _(number):
    remove("imported")


def exported():
    """A function as a package that can be imported."""
    return base64.b64encode(raw(f"{functions}/{function()}/export?config=true&code=true")).decode()


version = {"version": "v1"}
right.update({
    "CreateFunction": lambda number: settings("made"),
    "UpdateFunctionConfig": lambda number: {
        "func_name": "contract", "runtime": "http", "timeout": 3 + number, "handler": "bootstrap", "memory_size": 128 * number},
    "UpdateFunctionCode": lambda number: {"code_type": "zip", "code_filename": "index.zip", "func_code": {"file": code}},
    "UpdateFunctionMaxInstanceConfig": lambda number: {"max_instance_num": number},
    "ImportFunction": lambda number: {
        "func_name": "imported", "file_name": "imported.zip", "file_type": "zip", "file_code": exported()},
    "InvokeFunction": lambda number: {
        "httpMethod": "GET", "path": "/", "headers": {}, "queryStringParameters": {}, "body": "", "isBase64Encoded": True},
    "CreateFunctionTrigger": lambda number: api(),
    "UpdateTrigger": lambda number: {"trigger_status": "ACTIVE"},
    "CreateFunctionVersion": lambda number: {"version": f"v{number}"},
    "CreateVersionAlias": lambda number: {"name": f"alias{number}", **version},
    "UpdateVersionAlias": lambda number: {**version, "description": f"{number}"},
    "CreateEvent": lambda number: {"name": f"event{number}", "content": content},
    "UpdateEvent": lambda number: {"content": content},
    "CreateTags": lambda number: {"action": "create", "tags": [{"key": f"key{number}", "value": "value"}]},
    "DeleteTags": lambda number: {"action": "delete", "tags": [{"key": f"key{number}"}]},
    "ShowResInstanceInfo": lambda number: {"action": "filter", "limit": "10", "offset": "0"},
    "CreateDependencyVersion": library, "CreateDependency": lambda number: library(unused("")), "UpdateDependcy": lambda number: library(unused("")),
    "UpdateFunctionReservedInstancesCount": lambda number: {"count": 0}, "InstallRuntime": lambda number: {"from": runtime()},
    "StartHeaderCapture": lambda number: {"seconds": 60 * number, "names": [f"x-name{number}"]},
})
