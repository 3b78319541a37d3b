"""Who may call an API, tried with the vendor's signer: apps, AppCodes, IAM users, custom authorizers, and what each is refused."""

import base64
import io
import json
import os
import time
import urllib.error
import urllib.request
import zipfile
from datetime import datetime, timedelta, timezone

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

where = json.loads(os.environ["FUNCD_CREDENTIALS"])
RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
# Answers with the headers and the body that it got; as an authorizer, lets in whoever knows the word.
FUNCTION = """
const http = require('http')
let asked = 0
http.createServer((request, response) => {
  const parts = []
  request.on('data', part => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts).toString()
    let answer = { headers: request.headers, body, url: request.url }
    if (request.url === '/' && request.method === 'POST') {
      asked += 1
      const event = JSON.parse(body)
      const good = event.headers['x-word'] === event.user_data
      answer = { status: good ? 'allow' : 'deny', context: { asked, path: event.path, name: 'é' } }
      if (event.headers['x-form'] === 'event') answer = { statusCode: 200, body: JSON.stringify(answer) }
      if (event.headers['x-form'] === 'broken') answer = { status: 'perhaps' }
    }
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(answer))
  })
}).listen(8000, '127.0.0.1')
"""


def signed(key, secret, method, url, body=b"", headers=None, at=None):
    """A request as the vendor's SDK signs it: method, URL, headers and body."""
    scheme, _, rest = url.partition("://")
    host, _, target = rest.partition("/")
    path, _, query = target.partition("?")
    pairs = [tuple(pair.split("=", 1)) for pair in query.split("&") if pair]
    headers = dict(headers or {"Content-Type": "application/json"})
    if at:
        headers["X-Sdk-Date"] = at.strftime("%Y%m%dT%H%M%SZ")
    request = SdkRequest(method=method, schema=scheme, host=host, resource_path="/" + path, query_params=pairs,
                         header_params=headers, body=body)
    request = Signer(BasicCredentials(key, secret, "")).sign(request)
    return method, f"{scheme}://{host}{request.uri}", request.header_params, body


def send(method, url, headers, body=b""):
    """Status, headers and JSON of the answer."""
    request = urllib.request.Request(url, data=body or None, method=method, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        return error.code, error.headers, json.loads(error.read() or b"null")


def manage(method, path, body=None):
    data = json.dumps(body).encode() if body is not None else b""
    status, _, answer = send(*signed(where["access_key"], where["secret_key"], method, where["api"] + path, data))
    assert status < 300, (method, path, status, answer)
    return answer


def refused(answer, status, code, part=""):
    got, headers, body = answer
    assert (got, body["error_code"]) == (status, code) and part in body["error_msg"], answer
    assert body["request_id"] == headers["X-Request-Id"], "the id of the request is in the body"


project = where["project_id"]
instance = manage("GET", f"/v2/{project}/apigw/instances")["instances"][0]["id"]
apig = f"/v2/{project}/apigw/instances/{instance}"

buffer = io.BytesIO()
with zipfile.ZipFile(buffer, "w") as archive:
    boot = zipfile.ZipInfo("bootstrap")
    boot.external_attr = 0o755 << 16
    archive.writestr(boot, "/opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node $RUNTIME_CODE_ROOT/index.js\n")
    archive.writestr("index.js", FUNCTION)
manage("POST", f"/v2/{project}/fgs/functions", {
    "func_name": "callers", "package": "default", "runtime": "http", "timeout": 30, "handler": "bootstrap",
    "memory_size": 256, "code_type": "zip", "code_filename": "a.zip",
    "func_code": {"file": base64.b64encode(buffer.getvalue()).decode()}})


def api(auth):
    made = manage("POST", f"/v2/{project}/fgs/triggers/callers", {
        "trigger_type_code": "DEDICATEDGATEWAY", "event_data": {
            "auth": auth, "path": f"/{auth.lower()}", "name": f"api_{auth.lower()}", "func_info": {"timeout": 30000}}})
    return made["event_data"]


def check_apps():
    made = api("APP")
    url, body = made["invoke_url"] + "/x?b=2&a=1%202", json.dumps({"a": 1}).encode()
    shop = manage("POST", f"{apig}/apps", {"name": "shop"})
    other = manage("POST", f"{apig}/apps", {"name": "other"})
    pair = {"env_id": RELEASE, "app_ids": [shop["id"]], "api_ids": [made["api_id"]]}
    granted = manage("POST", f"{apig}/app-auths", pair)["auths"][0]
    assert granted["auth_result"]["status"] == "SUCCESS", granted
    keys = (shop["app_key"], shop["app_secret"])

    status, _, answer = send(*signed(*keys, "POST", url, body))
    assert status == 200 and answer["body"] == body.decode(), answer
    told = answer["headers"]
    assert (told["x-apig-app-id"], told["x-apig-app-name"]) == (shop["id"], "shop"), told
    assert "authorization" not in told and "x-sdk-date" not in told, told
    claim = {"X-Apig-App-Id": "admin", "Content-Type": "application/json"}
    assert send(*signed(*keys, "GET", url, headers=claim))[2]["headers"]["x-apig-app-id"] == shop["id"]

    method, address, headers, _ = signed(*keys, "POST", url, body)
    refused(send(method, address, headers, b'{"a":2}'), 401, "APIG.0303", "does not match")
    refused(send(method, address.replace("b=2", "b=3"), headers, body), 401, "APIG.0303", "does not match")
    for minutes in (16, -16):
        at = datetime.now(timezone.utc) + timedelta(minutes=minutes)
        refused(send(*signed(*keys, "GET", url, at=at)), 401, "APIG.0303", "15 minutes")
    refused(send("GET", url, {}), 401, "APIG.0303", "Authorization header is missing")
    refused(send(*signed(other["app_key"], other["app_secret"], "GET", url)), 403, "APIG.0304", "not authorized")
    refused(send(*signed("nobody", "x", "GET", url)), 401, "APIG.0303")

    manage("PUT", f"{apig}/apps/{shop['id']}/app-acl", {"app_acl_type": "DENY", "app_acl_values": ["127.0.0.0/8"]})
    refused(send(*signed(*keys, "GET", url)), 403, "APIG.0402")
    manage("DELETE", f"{apig}/apps/{shop['id']}/app-acl")
    assert send(*signed(*keys, "GET", url))[0] == 200

    renewed = manage("PUT", f"{apig}/apps/secret/{shop['id']}", {})
    refused(send(*signed(*keys, "GET", url)), 401, "APIG.0303", "does not match")
    keys = (shop["app_key"], renewed["app_secret"])
    assert send(*signed(*keys, "GET", url))[0] == 200
    for _ in range(5):
        refused(send(*signed(keys[0], "wrong", "GET", url)), 401, "APIG.0303")
    refused(send(*signed(*keys, "GET", url)), 401, "APIG.0303", "locked")
    manage("DELETE", f"{apig}/app-auths/{granted['id']}")
    manage("DELETE", f"{apig}/apps/{other['id']}")


def check_iam():
    made = api("IAM")
    url = made["invoke_url"]
    status, _, answer = send(*signed(where["access_key"], where["secret_key"], "POST", url, b"{}"))
    assert status == 200 and answer["headers"]["x-apig-user-name"] == "admin", answer
    domain = manage("GET", "/v3/auth/domains")["domains"][0]
    reader = manage("POST", "/v3.0/OS-USER/users", {
        "user": {"name": "visitor", "domain_id": domain["id"], "password": "Correct-Horse-1"}})["user"]
    identity = {"methods": ["password"], "password": {"user": {
        "name": "visitor", "password": "Correct-Horse-1", "domain": {"name": domain["name"]}}}}
    key = manage("POST", "/v3.0/OS-CREDENTIAL/credentials", {"credential": {"user_id": reader["id"]}})["credential"]
    refused(send(*signed(key["access"], key["secret"], "GET", url)), 403, "APIG.0302", "not allowed")
    group = manage("POST", "/v3/groups", {"group": {"name": "visitors"}})["group"]
    manage("PUT", f"/v3/groups/{group['id']}/users/{reader['id']}")
    roles = manage("GET", "/v3/roles?display_name=CommonOperations")["roles"]
    role = next(role for role in roles if role["display_name"].endswith("CommonOperations"))
    manage("PUT", f"/v3/projects/{project}/groups/{group['id']}/roles/{role['id']}")
    assert send(*signed(key["access"], key["secret"], "GET", url))[0] == 200
    scope = {"auth": {"identity": identity, "scope": {"project": {"id": project}}}}
    request = urllib.request.Request(where["api"] + "/v3/auth/tokens", data=json.dumps(scope).encode(), method="POST",
                                     headers={"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as granted:
        token = granted.headers["X-Subject-Token"]
    status, _, answer = send("GET", url, {"X-Auth-Token": token})
    assert status == 200 and answer["headers"]["x-apig-user-name"] == "visitor", answer
    assert "x-auth-token" not in answer["headers"], "the function does not get the token"
    refused(send("GET", url, {"X-Auth-Token": token[:-4] + "AAAA"}), 401, "APIG.0301")
    refused(send("GET", url, {}), 401, "APIG.0301")
    manage("DELETE", f"/v3/projects/{project}/groups/{group['id']}/roles/{role['id']}")
    refused(send("GET", url, {"X-Auth-Token": token}), 403, "APIG.0302")


def check_owner_is_told():
    """Why a request was refused stands in the function's log, without any secret."""
    for _ in range(50):
        _, url, headers, _ = signed(where["access_key"], where["secret_key"], "GET",
                                    f"{where['api']}/v2/{project}/funcd/functions/callers/logs?limit=1000")
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as answer:
            log = answer.read().decode()
        if "APIG.0302" in log and "APIG.0304: app other" in log:
            assert where["secret_key"] not in log and "Correct-Horse" not in log
            return
        time.sleep(0.1)
    raise AssertionError(log)


check_apps()
check_iam()
check_owner_is_told()
print("apps and IAM users were let in and refused as they should be")
