"""A deployed function that asks for its agency's credentials: what it is given, what that is good for, and when it ends."""

import base64
import io
import json
import os
import urllib.request
import zipfile
from datetime import datetime, timedelta, timezone

from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkfunctiongraph.v2 import *  # noqa: F403 - request types, named as the operations are
from huaweicloudsdkiam.v3 import *  # noqa: F403

where = json.loads(os.environ["FUNCD_CREDENTIALS"])
HEADERS = ["x-cff-auth-token", "x-cff-security-access-key", "x-cff-security-secret-key", "x-cff-security-token"]


def fails(status, call, part=""):
    try:
        call()
    except ClientRequestException as error:
        assert error.status_code == status and part in error.error_msg, (error.status_code, error.error_msg)
        return
    raise AssertionError(f"should have failed with {status}")


def functions(credentials):
    return FunctionGraphClient.new_builder().with_credentials(credentials).with_endpoints([where["api"]]).build()


def listed(client):
    return [one.func_name for one in client.list_functions(ListFunctionsRequest()).functions]


def package():
    echo = """
        const answer = (q, r) => r.end(JSON.stringify(q.headers));
        require('http').createServer(answer).listen(8000, '127.0.0.1');"""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        start = zipfile.ZipInfo("bootstrap")
        start.external_attr = 0o755 << 16
        archive.writestr(start, "exec /opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node $RUNTIME_CODE_ROOT/index.js\n")
        archive.writestr("index.js", echo)
    return base64.b64encode(buffer.getvalue()).decode()


def called(claim=()):
    """The headers that the function sees."""
    port = where["gateway"].rsplit(":", 1)[1].strip("/")
    request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers={"Host": "lent.localhost", **dict(claim)})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


everything = GlobalCredentials(where["access_key"], where["secret_key"]).with_iam_endpoint(where["api"])
iam = IamClient.new_builder().with_credentials(everything).with_endpoints([where["api"]]).build()
domain = iam.keystone_list_auth_domains(KeystoneListAuthDomainsRequest()).domains[0].id
agency = iam.create_agency(CreateAgencyRequest(body=CreateAgencyRequestBody(agency=CreateAgencyOption(
    name="lent", domain_id=domain, trust_domain_name="op_svc_functiongraph", duration="ONEDAY")))).agency
roles = iam.keystone_list_permissions(KeystoneListPermissionsRequest(display_name="FunctionGraph ReadOnlyAccess")).roles
iam.associate_agency_with_project_permission(AssociateAgencyWithProjectPermissionRequest(
    project_id=where["project_id"], agency_id=agency.id, role_id=roles[0].id))

admin = functions(BasicCredentials(where["access_key"], where["secret_key"], where["project_id"]))
urn = admin.create_function(CreateFunctionRequest(body=CreateFunctionRequestBody(
    func_name="lent", package="default", runtime="http", timeout=30, handler="bootstrap", memory_size=256,
    code_type="zip", code_filename="index.zip", func_code=FuncCode(file=package()), xrole="lent"))).func_urn
admin.create_function_trigger(CreateFunctionTriggerRequest(function_urn=urn, body=CreateFunctionTriggerRequestBody(
    trigger_type_code="DEDICATEDGATEWAY", event_type_code="APICreated", trigger_status="ACTIVE",
    event_data={
        "name": "lent", "auth": "NONE", "protocol": "HTTP", "path": "/", "req_method": "ANY", "match_mode": "SWA",
        "sl_domain": "lent.localhost", "func_info": {"timeout": 30000},
    })))

# Nothing without being asked for, and nothing that a client claims.
given = called({"X-Cff-Auth-Token": "mine", "X_CFF_Security_Token": "mine"})
assert not [name for name in given if "security" in name or "auth-token" in name], given
admin.update_function_config(UpdateFunctionConfigRequest(function_urn=urn, body=UpdateFunctionConfigRequestBody(
    func_name="lent", runtime="http", timeout=30, handler="bootstrap", memory_size=256, enable_auth_in_header=True, xrole="lent")))
given = called({"X-Cff-Auth-Token": "mine", "X-Cff-Security-Access-Key": "mine"})
assert all(given.get(name) and "mine" not in given[name] for name in HEADERS), given.keys()

# What it was given signs requests, does what the agency may and nothing else, and is good for a day.
token, access, secret, security = (given[name] for name in HEADERS)
lent = functions(BasicCredentials(access, secret, where["project_id"]).with_security_token(security))
assert listed(lent) == listed(admin) and "lent" in listed(lent)
fails(403, lambda: lent.delete_function(DeleteFunctionRequest(function_urn=urn)), "functiongraph:function:delete")
fails(401, lambda: listed(functions(BasicCredentials(access, secret, where["project_id"]))), "X-Security-Token")
fails(401, lambda: listed(functions(BasicCredentials(access, "x" * 40, where["project_id"]).with_security_token(security))))
checked = iam.keystone_validate_token(KeystoneValidateTokenRequest(x_subject_token=token)).token
assert checked.project.id == where["project_id"] and checked.user.name.endswith("/lent"), checked
left = datetime.fromisoformat(checked.expires_at.replace("Z", "+00:00")) - datetime.now(timezone.utc)
assert timedelta(hours=23) < left <= timedelta(hours=24), checked.expires_at

# It ends with its agency, at once; the function goes on without.
iam.delete_agency(DeleteAgencyRequest(agency_id=agency.id))
fails(401, lambda: listed(lent), "revoked")
fails(404, lambda: iam.keystone_validate_token(KeystoneValidateTokenRequest(x_subject_token=token)))
admin.delete_function(DeleteFunctionRequest(function_urn=urn.removesuffix(":latest")))
print("the agency's credentials are done")
