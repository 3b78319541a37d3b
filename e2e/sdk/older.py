"""Operations that the vendor's SDK does not have: of its earlier releases, of its Terraform provider, and of its console."""

import base64
import io
import zipfile

from groups import group, there
from plain import call, refused

TYPES = "GET /v2/{project_id}/fgs/"
ELSEWHERE = {"project_id": "0" * 32}


def package(text, name="library.txt"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        made.writestr(name, text)
    return base64.b64encode(buffer.getvalue()).decode()


@group("CreateDependency", "ShowDependcy", "UpdateDependcy", "DeleteDependency", "ListDependencyVersion")
def dependencies():
    """dependencies, as the SDKs of until 2023 and the Terraform provider keep them"""
    new = lambda text: {"depend_type": "zip", "depend_file": package(text), "runtime": "http", "name": "older"}
    made = call("CreateDependency", body=new("one"))
    assert (made["name"], made["version"], made["runtime"]) == ("older", 1, "http"), made
    one = {"depend_id": made["id"]}
    assert call("ShowDependcy", **one) == made
    changed = call("UpdateDependcy", **one, body=new("two"))
    assert (changed["id"], changed["version"]) == (made["id"], 2) and changed["etag"] != made["etag"], changed
    assert [version["version"] for version in call("ListDependencyVersion", **one)["dependencies"]] == [2, 1]
    refused(400, "FSS.1024", "CreateDependency", body={**new("x"), "name": "not a name"})
    refused(400, "FSS.1005", "UpdateDependcy", **one, body={**new("x"), "runtime": "Cobol"})
    call("DeleteDependency", **one)
    for operation, more in (("ShowDependcy", {}), ("DeleteDependency", {}), ("UpdateDependcy", {"body": new("x")}),
                            ("ListDependencyVersion", {})):
        refused(404, "FSS.1056", operation, **one, **more)


@group(f"{TYPES}runtimetypes", f"{TYPES}triggertypes", f"{TYPES}feature", f"{TYPES}service-trusted-agencies")
def installation():
    """what the console asks first: runtimes, types of triggers, what is there, agencies"""
    assert [one["type"] for one in call(f"{TYPES}runtimetypes")] == ["http"]
    assert call(f"{TYPES}triggertypes") == ["APIG", "DEDICATEDGATEWAY"]
    feature = call(f"{TYPES}feature")
    assert feature["http_function"] is True and feature["workflow"] is False, feature
    assert call(f"{TYPES}service-trusted-agencies") == []
    for name in ("runtimetypes", "triggertypes", "feature", "service-trusted-agencies"):
        refused(403, "FSS.0403", f"{TYPES}{name}", **ELSEWHERE)


@group("CreateFunction", "CreateFunctionTrigger", f"{TYPES}triggers", "DeleteFunction")
def triggers():
    """the triggers of all functions, page by page"""
    names = ["older-a", "older-b"]
    for name in names:
        call("CreateFunction", body={
            "func_name": name, "package": "default", "runtime": "http", "timeout": 10, "handler": "bootstrap", "memory_size": 128,
            "code_type": "zip", "code_filename": "index.zip", "func_code": {"file": package("never started", "bootstrap")}})
        call("CreateFunctionTrigger", function_urn=name, body={
            "trigger_type_code": "DEDICATEDGATEWAY", "event_data": {
                "auth": "NONE", "path": f"/{name}", "name": name, "func_info": {"timeout": 5000}}})
    pages = [call(f"{TYPES}triggers", query=f"maxitems=1&marker={marker}") for marker in (0, 1, 2)]
    urns = [[one["func_urn"].split(":")[-2] for one in page["triggers"]] for page in pages]
    assert urns == [["older-a"], ["older-b"], []] and [page["count"] for page in pages] == [2, 2, 2], pages
    assert call(f"{TYPES}triggers", query="trigger_type=TIMER")["triggers"] == []
    refused(400, "FSS.1001", f"{TYPES}triggers", query="maxitems=501")
    for name in names:
        call("DeleteFunction", function_urn=name)
    assert call(f"{TYPES}triggers")["count"] == 0


known = {"CreateDependency", "ShowDependcy", "UpdateDependcy", "DeleteDependency"}
# Those of FunctionGraph that are in none of the vendor's present documents.
older = {operation for operation, (_, path) in there.items() if operation in known or operation.startswith("GET /v2/")}
