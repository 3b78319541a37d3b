"""The vendor's SDK against funcd: create, read, update, trigger, invoke, list, delete, and the errors in between."""

import base64
import io
import json
import os
import sys
import urllib.request
import zipfile
from pathlib import Path

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException
from huaweicloudsdkcore.http.http_config import HttpConfig
from huaweicloudsdkfunctiongraph.v2 import (
    CreateFunctionRequest,
    CreateFunctionRequestBody,
    CreateFunctionTriggerRequest,
    CreateFunctionTriggerRequestBody,
    DeleteFunctionRequest,
    DeleteFunctionTriggerRequest,
    FuncCode,
    FunctionGraphClient,
    InvokeFunctionRequest,
    ListFunctionsRequest,
    ListFunctionTriggersRequest,
    ListWorkflowRequest,
    ShowFunctionCodeRequest,
    ShowFunctionConfigRequest,
    ShowFunctionTriggerRequest,
    UpdateFunctionCodeRequest,
    UpdateFunctionCodeRequestBody,
    UpdateFunctionConfigRequest,
    UpdateFunctionConfigRequestBody,
)

where = json.loads(os.environ["FUNCD_CREDENTIALS"])


def connect(secret_key):
    credentials = BasicCredentials(where["access_key"], secret_key, where["project_id"])
    builder = FunctionGraphClient.new_builder().with_http_config(HttpConfig.get_default_config())
    return builder.with_credentials(credentials).with_endpoints([where["api"]]).build()


def package(folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, path.name)
    return base64.b64encode(buffer.getvalue()).decode()


def fails(status, code, call):
    try:
        call()
    except (ClientRequestException, ServerResponseException) as error:
        assert error.status_code == status, (error.status_code, error.error_code, error.error_msg)
        assert error.error_code == code, (error.error_code, error.error_msg)
        return error.error_msg
    raise AssertionError(f"should have failed with {status} {code}")


client = connect(where["secret_key"])
code = package(sys.argv[1])
body = CreateFunctionRequestBody(
    func_name="sdk-walk", package="default", runtime="http", timeout=10, handler="bootstrap", memory_size=256,
    code_type="zip", code_filename="index.zip", func_code=FuncCode(file=code), description="made by the SDK",
    user_data=json.dumps({"COLOUR": "blue"}),
)
made = client.create_function(CreateFunctionRequest(body=body))
urn = made.func_urn
assert urn == f"urn:fss:{where['region']}:{where['project_id']}:function:default:sdk-walk:latest", urn
assert made.cpu == 400 and made.memory_size == 256 and made.timeout == 10, made
assert len(made.digest) == 128 and made.code_size == len(base64.b64decode(code)), made

fails(409, "FSS.1061", lambda: client.create_function(CreateFunctionRequest(body=body)))
fails(401, "APIG.0301", lambda: connect("wrong").list_functions(ListFunctionsRequest()))
fails(501, "FSS.0501", lambda: client.list_workflow(ListWorkflowRequest()))
fails(404, "FSS.1051", lambda: client.show_function_config(ShowFunctionConfigRequest(function_urn="nobody")))

config = client.show_function_config(ShowFunctionConfigRequest(function_urn=urn))
assert json.loads(config.user_data) == {"COLOUR": "blue"}, config.user_data
update = UpdateFunctionConfigRequestBody(func_name="sdk-walk", runtime="http", timeout=20, handler="bootstrap", memory_size=512)
assert client.update_function_config(UpdateFunctionConfigRequest(function_urn=urn, body=update)).memory_size == 512
assert client.show_function_config(ShowFunctionConfigRequest(function_urn=urn)).timeout == 20
message = fails(400, "FSS.1008", lambda: client.update_function_config(UpdateFunctionConfigRequest(
    function_urn=urn,
    body=UpdateFunctionConfigRequestBody(func_name="sdk-walk", runtime="http", timeout=1, handler="bootstrap", memory_size=100))))
assert "memory_size" in message and "timeout" in message, message

assert client.show_function_code(ShowFunctionCodeRequest(function_urn=urn)).digest == made.digest
again = UpdateFunctionCodeRequestBody(code_type="zip", code_filename="index.zip", func_code=FuncCode(file=code))
assert client.update_function_code(UpdateFunctionCodeRequest(function_urn=urn, body=again)).digest == made.digest

found = client.list_functions(ListFunctionsRequest(marker="0", maxitems="10", func_name="sdk-wa"))
assert [function.func_name for function in found.functions] == ["sdk-walk"] and found.count == 1, found

trigger = client.create_function_trigger(CreateFunctionTriggerRequest(function_urn=urn, body=CreateFunctionTriggerRequestBody(
    trigger_type_code="DEDICATEDGATEWAY", trigger_status="ACTIVE", event_type_code="APICreated",
    event_data={
        "name": "API_test_http", "group_id": "DEFAULT", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "env_name": "RELEASE",
        "auth": "NONE", "protocol": "HTTP", "path": "/sdk/walk", "req_method": "ANY", "match_mode": "SWA", "type": 1,
        "backend_type": "FUNCTION", "func_info": {"timeout": 5000},
    })))
url = trigger.event_data.invoke_url
assert url == f"{where['gateway']}/sdk/walk", url
with urllib.request.urlopen(url) as answer:
    assert answer.status == 200 and b"This is http function." in answer.read()
assert len(client.list_function_triggers(ListFunctionTriggersRequest(function_urn=urn)).body) == 1
shown = client.show_function_trigger(ShowFunctionTriggerRequest(
    function_urn=urn, trigger_type_code="DEDICATEDGATEWAY", trigger_id=trigger.trigger_id))
assert shown.trigger_status == "ACTIVE"

event = {"httpMethod": "GET", "path": "/", "headers": {"accept": "text/html"}, "queryStringParameters": {},
         "body": "", "isBase64Encoded": True, "requestContext": {"stage": "RELEASE"}}
result = client.invoke_function(InvokeFunctionRequest(
    function_urn=urn, body=event, x_cff_request_version="v1", x_cff_log_type="tail"))
envelope = json.loads(result.result)
assert envelope["statusCode"] == 200 and envelope["isBase64Encoded"] is True, envelope
assert b"This is http function." in base64.b64decode(envelope["body"]), envelope
assert envelope["headers"]["Content-Type"] == ["text/html"], envelope

client.delete_function_trigger(DeleteFunctionTriggerRequest(
    function_urn=urn, trigger_type_code="DEDICATEDGATEWAY", trigger_id=trigger.trigger_id))
client.delete_function(DeleteFunctionRequest(function_urn=urn.rsplit(":", 1)[0]))
fails(404, "FSS.1051", lambda: client.show_function_config(ShowFunctionConfigRequest(function_urn=urn)))
print("the SDK's walk is done")
