"""The vendor's page "Create an HTTP function", step by step, with its SDKs: create, upload, create a trigger, edit the API's path,
publish, call the URL. Then each side is deleted, and nothing is left of the other.
Argument: a package (zip) of the page's function, which answers "This is http function."."""

import base64
import sys
import urllib.error
import urllib.request
from pathlib import Path

import huaweicloudsdkapig.v2 as apig
import huaweicloudsdkfunctiongraph.v2 as functiongraph

from groups import where
from vendor import Vendor

package = base64.b64encode(Path(sys.argv[1]).read_bytes()).decode()
functions = Vendor(functiongraph, functiongraph.FunctionGraphClient)
instance = Vendor(apig, apig.ApigClient).call("ListInstancesV2").instances[0].id
gateway = Vendor(apig, apig.ApigClient, instance_id=instance)

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
NAME = "http_function"
URN = f"urn:fss:{where['region']}:{where['project_id']}:function:default:{NAME}"
# What a definition shows and does not take.
SHOWN = ("id", "status", "arrange_necessary", "register_time", "update_time", "group_name", "group_version", "run_env_name",
         "run_env_id", "publish_id", "publish_time", "roma_app_name", "ld_api_id", "backend_api", "api_group_info", "func_info",
         "mock_info", "policy_functions", "policy_mocks", "policy_https", "req_params", "backend_params")


def fetch(url):
    """Status and text of the answer."""
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def answers(url):
    status, text = fetch(url)
    assert status == 200 and "This is http function." in text, (url, status, text)


def answers_not(url):
    status, text = fetch(url)
    assert status == 404 and "APIG.0101" in text, (url, status, text)


def create_function():
    made = functions.call("CreateFunction", body={
        "func_name": NAME, "package": "default", "runtime": "http", "timeout": 30, "handler": "bootstrap", "memory_size": 256,
        "code_type": "zip", "code_filename": "empty.zip", "func_code": {"file": package}})
    assert made.func_urn == f"{URN}:latest", made
    uploaded = functions.call("UpdateFunctionCode", function_urn=URN, body={
        "code_type": "zip", "code_filename": "index.zip", "func_code": {"file": package}})
    assert uploaded.digest == made.digest, uploaded


def create_trigger():
    """As the console does for "API Gateway (dedicated)", with the safety "None"."""
    return functions.call("CreateFunctionTrigger", function_urn=URN, body={
        "trigger_type_code": "DEDICATEDGATEWAY", "trigger_status": "ACTIVE", "event_type_code": "APICreated", "event_data": {
            "name": "API_test_http", "group_id": "DEFAULT", "env_id": RELEASE, "env_name": "RELEASE", "auth": "NONE",
            "protocol": "HTTP", "path": f"/{NAME}", "req_method": "ANY", "match_mode": "SWA", "type": 1,
            "backend_type": "FUNCTION", "instance_id": instance, "func_info": {"timeout": 5000}}})


def edit(api, path):
    """The console reads the API, changes its path and sends all of it back."""
    shown = gateway.call("ShowDetailsOfApiV2", api_id=api)
    body = {name: getattr(shown, name) for name in gateway.sdk.ApiCreate.openapi_types
            if name not in SHOWN and getattr(shown, name, None) is not None}
    function = {name: getattr(shown.func_info, name) for name in gateway.sdk.ApiFuncCreate.openapi_types
                if getattr(shown.func_info, name, None) is not None}
    changed = gateway.call("UpdateApiV2", api_id=api, body=body | {"req_uri": path, "func_info": function})
    assert (changed.req_uri, changed.run_env_name) == (path, "RELEASE"), changed


def publish(api):
    done = gateway.call("CreateOrDeletePublishRecordForApiV2", body={"action": "online", "env_id": RELEASE, "api_id": api})
    assert (done.api_id, done.env_id) == (api, RELEASE) and done.publish_id and done.version_id, done


def nothing_is_left():
    """Neither the API, nor the trigger, nor what answers."""
    assert gateway.call("ListApisV2").total == 0, gateway.call("ListApisV2")
    quantities = gateway.call("ListApiQuantitiesV2")
    assert (quantities.instance_num, quantities.nums_on_release) == (0, 0), quantities
    answers_not(f"{where['gateway']}/{NAME}")
    answers_not(f"{where['gateway']}/user/get")


def steps():
    """The page's steps; gives the trigger."""
    create_function()
    trigger = create_trigger()
    api, url = trigger.event_data.api_id, trigger.event_data.invoke_url
    assert [one.name for one in gateway.call("ListApisV2").apis] == ["API_test_http"]
    old, new = f"{where['gateway']}/{NAME}", f"{where['gateway']}/user/get"
    assert url == old, url
    answers(old)
    edit(api, "/user/get")
    # What is edited is not published: the gateway answers as before.
    answers(old)
    answers_not(new)
    assert gateway.call("ListApiRuntimeDefinitionV2", api_id=api).req_uri == f"/{NAME}"
    publish(api)
    shown = functions.call("ShowFunctionTrigger", function_urn=URN, trigger_type_code="DEDICATEDGATEWAY", trigger_id=trigger.trigger_id)
    assert shown.event_data.invoke_url == new, shown.event_data.invoke_url
    answers(shown.event_data.invoke_url)
    answers_not(old)
    return trigger


def delete_the_trigger():
    trigger = steps()
    functions.call("DeleteFunctionTrigger", function_urn=URN, trigger_type_code="DEDICATEDGATEWAY", trigger_id=trigger.trigger_id)
    gateway.refused(404, "APIG.3002", "ShowDetailsOfApiV2", api_id=trigger.event_data.api_id)
    nothing_is_left()
    functions.call("DeleteFunction", function_urn=URN)


def delete_the_api():
    trigger = steps()
    api = trigger.event_data.api_id
    told = gateway.refused(409, "APIG.3416", "DeleteApiV2", api_id=api)
    assert "RELEASE" in told, told
    gateway.call("CreateOrDeletePublishRecordForApiV2", body={"action": "offline", "env_id": RELEASE, "api_id": api})
    answers_not(f"{where['gateway']}/user/get")
    gateway.call("DeleteApiV2", api_id=api)
    assert not functions.call("ListFunctionTriggers", function_urn=URN).body
    functions.refused(404, "FSS.1138", "ShowFunctionTrigger", function_urn=URN, trigger_type_code="DEDICATEDGATEWAY",
                      trigger_id=trigger.trigger_id)
    nothing_is_left()
    functions.call("DeleteFunction", function_urn=URN)


def delete_the_function():
    trigger = steps()
    functions.call("DeleteFunction", function_urn=URN)
    gateway.refused(404, "APIG.3002", "ShowDetailsOfApiV2", api_id=trigger.event_data.api_id)
    nothing_is_left()


for ending in (delete_the_trigger, delete_the_api, delete_the_function):
    ending()
    print(f"done: the page's steps, then {ending.__name__.replace('_', ' ')}")
