"""What schemathesis must know of this API: how to sign, and names of things that exist, without which everything would be a 404."""

import atexit
import base64
import collections
import io
import json
import time
import zipfile
import zlib
from urllib.parse import urlsplit

import requests
import schemathesis
from requests.auth import AuthBase

from signer import sign, where

project = where["project_id"]
base = f"{where['api']}/v2/{project}"


class Signed(AuthBase):
    """Signs the request as it goes out."""

    def __call__(self, request):
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        headers = {"host": urlsplit(request.url).netloc, "x-sdk-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())}
        request.headers["X-Sdk-Date"] = headers["x-sdk-date"]
        request.headers["Authorization"] = sign(request.method, request.path_url, headers, body)
        return request


def package():
    """An HTTP function that is never started: what it does is not asked here."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o100755 << 16
        archive.writestr(entry, "#!/bin/sh\nexit 1\n")
    return base64.b64encode(buffer.getvalue()).decode()


code = package()


def settings(name):
    return {"func_name": name, "package": "default", "runtime": "http", "timeout": 3, "handler": "bootstrap", "memory_size": 128,
            "code_type": "zip", "code_filename": "index.zip", "func_code": {"file": code}}


def ensure(name):
    """A function of this name is there, whatever the last request did."""
    answer = requests.post(f"{base}/fgs/functions", json=settings(name), auth=Signed(), timeout=60)
    # The list of functions may be full.
    assert answer.status_code in (200, 403, 409), (answer.status_code, answer.text)


def api(number):
    event = {"name": "api", "auth": "NONE", "path": f"/contract/{number}", "req_method": "GET", "match_mode": "NORMAL",
             "group_id": "DEFAULT", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "env_name": "RELEASE", "protocol": "HTTP", "type": 1,
             "backend_type": "FUNCTION", "func_info": {"timeout": 5000}}
    return {"trigger_type_code": "DEDICATEDGATEWAY", "trigger_status": "ACTIVE", "event_data": event}


def trigger():
    """The id of a trigger of the function, whatever the last request did."""
    ensure("contract")
    where_they_are = f"{base}/fgs/triggers/contract"
    there = requests.get(where_they_are, auth=Signed(), timeout=60).json()
    return (there or [requests.post(where_they_are, json=api(0), auth=Signed(), timeout=60).json()])[0]["trigger_id"]


content = base64.b64encode(b"{}").decode()
# Bodies that are right, because generated ones hardly ever are.
RIGHT = {
    "CreateFunction": lambda number: settings(f"made-{number}-{time.monotonic_ns()}"),
    "UpdateFunctionConfig": lambda number: {
        "func_name": "contract", "runtime": "http", "timeout": 3 + number, "handler": "bootstrap", "memory_size": 128 * number},
    "UpdateFunctionCode": lambda number: {"code_type": "zip", "code_filename": "index.zip", "func_code": {"file": code}},
    "CreateFunctionTrigger": api,
    "UpdateTrigger": lambda number: {"trigger_status": "ACTIVE"},
    "CreateFunctionVersion": lambda number: {"version": f"v{number}"},
    "CreateVersionAlias": lambda number: {"name": f"alias{number}", "version": f"v{number}"},
    "UpdateVersionAlias": lambda number: {"version": f"v{number}"},
    "CreateEvent": lambda number: {"name": f"event{number}", "content": content},
    "UpdateEvent": lambda number: {"content": content},
    "CreateTags": lambda number: {"action": "create", "tags": [{"key": f"key{number}", "value": "value"}]},
    "DeleteTags": lambda number: {"action": "delete", "tags": [{"key": f"key{number}"}]},
    "CreateDependencyVersion": lambda number: {
        "depend_type": "zip", "depend_file": code, "runtime": "http", "name": f"library{number}"},
    "UpdateFunctionReservedInstancesCount": lambda number: {"count": 0},
}

ensure("contract")
schemathesis.auth.set_from_requests(Signed())


@schemathesis.hook
def before_call(context, case, kwargs):
    """The caller's own project, most often a function that exists, and often a body that is right."""
    if case.path_parameters is None:
        return
    operation = case.operation.definition.raw["operationId"]
    if case.query:
        # Answers without an end, of three operations: what is read is never read to its end.
        case.query.pop("follow", None)
    # From what was generated, so that a run with the same seed asks the same.
    choice = zlib.crc32(json.dumps(case.path_parameters, sort_keys=True, default=repr).encode()) % 4
    if case.operation.path.startswith("/v2/") and "project_id" in case.path_parameters:
        case.path_parameters["project_id"] = project
    for name in ("function_urn", "func_urn", "resource_id"):
        if name in case.path_parameters and choice:
            case.path_parameters[name] = "contract"
    for name, value in (("resource_type", "functions"), ("action", "filter"), ("state", "true"), ("period", "60")):
        if name in case.path_parameters and choice:
            case.path_parameters[name] = value
    if operation == "InstallRuntime":
        # One that there is would be fetched.
        case.path_parameters["runtime_id"] = f"no-{choice}"
    if operation.startswith("Delete") and choice:
        ensure("contract")
    if "trigger_id" in case.path_parameters and choice:
        case.path_parameters.update(trigger_type_code="DEDICATEDGATEWAY", trigger_id=trigger())
    right = RIGHT.get(operation)
    if right and choice:
        case.body = right(choice)


answers = collections.defaultdict(collections.Counter)


@schemathesis.hook
def after_call(context, case, response):
    """Counts what each operation answered, so that a run that was only ever refused shows."""
    answers[case.operation.definition.raw["operationId"]][response.status_code] += 1


@atexit.register
def summary():
    for operation, statuses in sorted(answers.items()):
        note = "" if any(status < 300 for status in statuses) else "  (never accepted)"
        print(operation, *(f"{status}x{count}" for status, count in sorted(statuses.items())), note)
