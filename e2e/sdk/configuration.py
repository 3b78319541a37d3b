"""The vendor's SDK against funcd: what a function is set to, its code as a link, itself as a file, and its switches."""

import base64
import io
import json
import os
import sys
import urllib.error
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
    ExportFunctionRequest,
    FuncCode,
    FuncLogConfig,
    FunctionGraphClient,
    ImportFunctionRequest,
    ImportFunctionRequestBody,
    ListFunctionsRequest,
    ShowFunctionCodeRequest,
    ShowFunctionConfigRequest,
    UpdateFunctionCodeRequest,
    UpdateFunctionCodeRequestBody,
    UpdateFunctionCollectStateRequest,
    UpdateFunctionConfigRequest,
    UpdateFunctionConfigRequestBody,
    UpdateFunctionMaxInstanceConfigRequest,
    UpdateFunctionMaxInstanceConfigRequestBody,
)

where = json.loads(os.environ["FUNCD_CREDENTIALS"])
credentials = BasicCredentials(where["access_key"], where["secret_key"], where["project_id"])
builder = FunctionGraphClient.new_builder().with_http_config(HttpConfig.get_default_config())
client = builder.with_credentials(credentials).with_endpoints([where["api"]]).build()


def package(folder):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(Path(folder).iterdir()):
            archive.write(path, path.name)
    return buffer.getvalue()


def fails(status, code, call):
    try:
        call()
    except (ClientRequestException, ServerResponseException) as error:
        assert (error.status_code, error.error_code) == (status, code), (error.status_code, error.error_code, error.error_msg)
        return error.error_msg
    raise AssertionError(f"should have failed with {status} {code}")


def status(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


zipped = package(sys.argv[1])
body = CreateFunctionRequestBody(
    func_name="sdk-set", package="default", runtime="http", timeout=10, handler="bootstrap", memory_size=256,
    code_type="jar", code_filename="app.jar", func_code=FuncCode(file=base64.b64encode(zipped).decode()),
    enable_dynamic_memory=True, enable_lts_log=True, log_config=FuncLogConfig(group_id="g1", stream_id="s1"),
    lts_custom_tag={"team": "a"}, encrypted_user_data=json.dumps({"KEY": "secret"}),
)
made = client.create_function(CreateFunctionRequest(body=body))
urn = made.func_urn
assert made.code_type == "jar" and made.enable_dynamic_memory and made.enable_lts_log, made
assert (made.log_group_id, made.log_stream_id, made.lts_custom_tag) == ("g1", "s1", {"team": "a"}), made
assert len(made.domain_id) == 32, made.domain_id

change = UpdateFunctionConfigRequestBody(
    func_name="sdk-set", runtime="http", timeout=20, handler="bootstrap", memory_size=512, pre_stop_handler="stop",
    pre_stop_timeout=5, enable_auth_in_header=True, lts_custom_tag={"team": "b"}, encrypted_user_data=json.dumps({"KEY": ""}))
client.update_function_config(UpdateFunctionConfigRequest(function_urn=urn, body=change))
config = client.show_function_config(ShowFunctionConfigRequest(function_urn=urn))
assert (config.pre_stop_handler, config.pre_stop_timeout, config.lts_custom_tag) == ("stop", 5, {"team": "b"}), config
assert config.enable_auth_in_header and json.loads(config.encrypted_user_data) == {"KEY": ""}, config
change.pre_stop_timeout = 91
fails(400, "FSS.0400", lambda: client.update_function_config(UpdateFunctionConfigRequest(function_urn=urn, body=change)))

shown = client.show_function_code(ShowFunctionCodeRequest(function_urn=urn))
with urllib.request.urlopen(shown.func_code.link) as answer:
    assert answer.read() == zipped, "the link gives what was uploaded"
fetch = UpdateFunctionCodeRequestBody(code_type="obs", code_url="https://obs.example.com/app.zip", func_code=FuncCode())
assert "[code] hosts" in fails(400, "FSS.1010", lambda: client.update_function_code(
    UpdateFunctionCodeRequest(function_urn=urn, body=fetch)))

trigger = client.create_function_trigger(CreateFunctionTriggerRequest(function_urn=urn, body=CreateFunctionTriggerRequestBody(
    trigger_type_code="DEDICATEDGATEWAY", trigger_status="ACTIVE", event_type_code="APICreated",
    event_data={
        "name": "API_set", "group_id": "DEFAULT", "env_id": "DEFAULT_ENVIRONMENT_RELEASE_ID", "env_name": "RELEASE",
        "auth": "NONE", "protocol": "HTTP", "path": "/sdk/set", "req_method": "ANY", "match_mode": "SWA", "type": 1,
        "backend_type": "FUNCTION", "func_info": {"timeout": 5000},
    })))
url = trigger.event_data.invoke_url
assert status(url) == 200
for instances, expected in ((0, 403), (3, 200)):
    number = UpdateFunctionMaxInstanceConfigRequestBody(max_instance_num=instances)
    answer = client.update_function_max_instance_config(
        UpdateFunctionMaxInstanceConfigRequest(function_urn=urn, body=number))
    assert answer.strategy_config.concurrency == instances, answer
    assert status(url) == expected, (instances, expected)

exported = client.export_function(ExportFunctionRequest(function_urn=urn, code=True, config=True)).raw_content
with zipfile.ZipFile(io.BytesIO(exported)) as archive:
    assert archive.testzip() is None and archive.namelist() == ["sdk-set.yaml", "code.zip"], archive.namelist()
    assert archive.read("code.zip") == zipped and b"secret" not in archive.read("sdk-set.yaml")
file = ImportFunctionRequestBody(
    func_name="sdk-set-copy", file_name="sdk-set.zip", file_type="zip", file_code=base64.b64encode(exported).decode())
copy = client.import_function(ImportFunctionRequest(body=file))
assert (copy.digest, copy.memory_size, copy.timeout) == (made.digest, 512, 20), copy
fails(400, "FSS.1058", lambda: client.import_function(ImportFunctionRequest(body=file)))
again = client.show_function_config(ShowFunctionConfigRequest(function_urn=copy.func_urn))
assert (again.pre_stop_timeout, again.lts_custom_tag, again.enable_auth_in_header) == (5, {"team": "b"}, True), again

for pinned, first in (("true", "sdk-set-copy"), ("false", "sdk-set")):
    client.update_function_collect_state(UpdateFunctionCollectStateRequest(func_urn=copy.func_urn, state=pinned))
    found = client.list_functions(ListFunctionsRequest(func_name="sdk-set", package_name="default"))
    assert found.functions[0].func_name == first and found.count == 2, found

for one in (urn, copy.func_urn):
    client.delete_function(DeleteFunctionRequest(function_urn=one.rsplit(":", 1)[0]))
fails(404, "FSS.1051", lambda: client.show_function_config(ShowFunctionConfigRequest(function_urn=urn)))
print("the SDK's walk through the settings is done")
