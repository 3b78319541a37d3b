"""Policies that change while clients call: each counts from the moment it was acknowledged, and no call fails for it.

Calls are made over kept connections by threads of this program; the function counts those that reach it. Requests to the REST API are
signed by the vendor's signer.
"""

import base64
import http.client
import io
import json
import os
import threading
import time
import urllib.error
import urllib.request
import zipfile

from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer

where = json.loads(os.environ["FUNCD_CREDENTIALS"])
RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
CLIENTS = 6
PATIENCE = 60
# Answers which call of its instance this is, and when that was started.
FUNCTION = """
const http = require('http')
const started = Date.now()
let calls = 0
http.createServer((request, response) => {
  calls += 1
  response.setHeader('content-type', 'application/json')
  response.setHeader('x-own', 'own')
  response.end(JSON.stringify({ calls, started }))
}).listen(8000, '127.0.0.1')
"""


def manage(method, path, body=None):
    data = json.dumps(body) if body is not None else ""
    scheme, _, host = where["api"].partition("://")
    request = SdkRequest(method=method, schema=scheme, host=host, resource_path=path.partition("?")[0],
                         query_params=[tuple(pair.split("=", 1)) for pair in path.partition("?")[2].split("&") if pair],
                         header_params={"Content-Type": "application/json"}, body=data.encode())
    request = Signer(BasicCredentials(where["access_key"], where["secret_key"], "")).sign(request)
    sent = urllib.request.Request(f"{scheme}://{host}{request.uri}", data=data.encode() or None, method=method,
                                  headers=request.header_params)
    try:
        with urllib.request.urlopen(sent) as answer:
            return json.loads(answer.read() or b"null")
    except urllib.error.HTTPError as error:
        raise AssertionError((method, path, error.code, error.read())) from None


project = where["project_id"]
apig = f"/v2/{project}/apigw/instances/{manage('GET', f'/v2/{project}/apigw/instances')['instances'][0]['id']}"


class Api:
    """A function with a trigger, and what is bound to it."""

    def __init__(self, name):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            boot = zipfile.ZipInfo("bootstrap")
            boot.external_attr = 0o755 << 16
            archive.writestr(boot, "/opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node $RUNTIME_CODE_ROOT/index.js\n")
            archive.writestr("index.js", FUNCTION)
        manage("POST", f"/v2/{project}/fgs/functions", {
            "func_name": name, "package": "default", "runtime": "http", "timeout": 30, "handler": "bootstrap",
            "memory_size": 256, "code_type": "zip", "code_filename": "a.zip",
            "strategy_config": {"concurrency": 1, "concurrent_num": 100},
            "func_code": {"file": base64.b64encode(buffer.getvalue()).decode()}})
        made = manage("POST", f"/v2/{project}/fgs/triggers/{name}", {
            "trigger_type_code": "DEDICATEDGATEWAY", "event_data": {
                "auth": "NONE", "path": f"/{name}", "name": f"api_{name}", "func_info": {"timeout": 30000}}})["event_data"]
        self.path, self.id, self.group = f"/{name}", made["api_id"], made["group_id"]
        self.host = made["invoke_url"].partition("://")[2].partition("/")[0]
        self.publication = manage("GET", f"{apig}/apis/{self.id}")["publish_id"]

    def connect(self):
        address = self.host.rpartition(":")[2]
        return http.client.HTTPConnection("127.0.0.1", int(address), timeout=PATIENCE)

    def call(self, connection=None, method="GET", **headers):
        connection = connection or self.connect()
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, self.path, headers={"Host": self.host, **headers})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


class Load:
    """Clients that call without a pause; every answer is kept with when it was asked for."""

    def __init__(self, api):
        self.api, self.answers, self.failures, self.ended = api, [], [], threading.Event()
        self.latest = [0.0] * CLIENTS
        self.threads = [threading.Thread(target=self.client, args=(number,)) for number in range(CLIENTS)]
        for thread in self.threads:
            thread.start()

    def client(self, number):
        try:
            connection = self.api.connect()
            while not self.ended.is_set():
                asked = time.monotonic()
                status, headers, body = self.api.call(connection)
                code = headers.get("X-Funcd-Error", "")
                self.answers.append((asked, status, code))
                self.latest[number] = asked
        except Exception as error:  # told by the one who waits
            self.failures.append(repr(error))

    def mark(self):
        """Now: what is asked for from here on was asked for after whatever was acknowledged before."""
        return time.monotonic()

    def since(self, mark):
        return [(status, code) for asked, status, code in list(self.answers) if asked >= mark]

    def wait(self, mark, count, what):
        """So many answers to calls after a mark, and one of them at least to each client: no call of before is under way any more."""
        deadline = time.monotonic() + PATIENCE
        while len(self.since(mark)) < count or min(self.latest) < mark:
            assert not self.failures, self.failures
            assert time.monotonic() < deadline, f"still not: {what}"
            time.sleep(0.01)
        return self.since(mark)

    def all_are(self, expect, what, count=60):
        found = self.wait(self.mark(), count, what)
        assert set(found) == {expect}, (what, set(found))

    def passed(self):
        return sum(status == 200 for _, status, _ in list(self.answers))

    def stop(self):
        self.ended.set()
        for thread in self.threads:
            thread.join()
        assert not self.failures, self.failures


GOOD, FULL, DENIED = (200, ""), (429, "APIG.0308"), (403, "APIG.0402")


def limits(name, api):
    return {"name": name, "type": 1, "time_unit": "DAY", "time_interval": 1, "api_call_limits": api, "ip_call_limits": api}


def throttled(api, load):
    load.all_are(GOOD, "no policy")
    made = manage("POST", f"{apig}/throttles", limits("changing", 50))["id"]
    load.all_are(GOOD, "a policy that is bound to nothing")
    passed = load.passed()
    bind = {"strategy_id": made, "publish_ids": [api.publication]}
    binding = manage("POST", f"{apig}/throttle-bindings", bind)["throttle_applys"][0]["id"]
    bound = load.mark()
    load.wait(bound, 200, "calls over the limit")
    load.all_are(FULL, "the limit is reached")
    after = sum(status == 200 for status, _ in load.since(bound))
    # Calls that were under way may be counted too.
    during = load.passed() - passed
    assert after <= 50 <= during, f"{after} passed after it was bound, {during} answers since before; 50 may"

    before = load.passed()
    manage("PUT", f"{apig}/throttles/{made}", limits("changing", 80))
    load.wait(load.mark(), 200, "calls over the new limit")
    load.all_are(FULL, "the new limit is reached")
    assert load.passed() - before == 30, f"{load.passed() - before} more passed; 30 may"

    manage("DELETE", f"{apig}/throttle-bindings/{binding}")
    load.all_are(GOOD, "nothing is bound")
    manage("POST", f"{apig}/throttle-bindings", bind)
    load.all_are(FULL, "the day's calls stay counted while nothing is bound")
    manage("DELETE", f"{apig}/throttles/{made}")
    load.all_are(GOOD, "the policy is gone")


def flipped(api, load):
    made = manage("POST", f"{apig}/acls", {
        "acl_name": "flipping", "acl_type": "DENY", "entity_type": "IP", "acl_value": "127.0.0.0/8"})["id"]
    binding = manage("POST", f"{apig}/acl-bindings", {"acl_id": made, "publish_ids": [api.publication]})
    load.all_are(DENIED, "the list denies everybody here")
    for turn in range(10):
        value, expect = [("192.0.2.0/24", GOOD), ("127.0.0.1", DENIED)][turn % 2]
        manage("PUT", f"{apig}/acls/{made}", {
            "acl_name": "flipping", "acl_type": "DENY", "entity_type": "IP", "acl_value": value})
        load.all_are(expect, f"turn {turn}", count=20)
    manage("DELETE", f"{apig}/acl-bindings/{binding['acl_bindings'][0]['id']}")
    load.all_are(GOOD, "no list")


def plugin(api, kind, content):
    made = manage("POST", f"{apig}/plugins", {
        "plugin_name": f"own_{kind}", "plugin_type": kind, "plugin_scope": "global", "plugin_content": json.dumps(content)})
    manage("POST", f"{apig}/plugins/{made['plugin_id']}/attach", {"env_id": RELEASE, "api_ids": [api.id]})
    return made["plugin_id"]


def changed(api, load):
    tag = [{"name": "X-Tag", "value": "one", "action": "override"}, {"name": "X-Own", "value": "", "action": "delete"}]
    made = plugin(api, "set_resp_headers", {"response_headers": tag})
    headers = api.call()[1]
    assert (headers["X-Tag"], headers["X-Own"]) == ("one", None), headers
    tag[0]["value"] = "two"
    manage("PUT", f"{apig}/plugins/{made}", {
        "plugin_name": "own_set_resp_headers", "plugin_type": "set_resp_headers", "plugin_scope": "global",
        "plugin_content": json.dumps({"response_headers": tag})})
    assert api.call()[1]["X-Tag"] == "two"
    manage("PUT", f"{apig}/plugins/{made}/detach", {"env_id": RELEASE, "api_ids": [api.id]})
    headers = api.call()[1]
    assert (headers["X-Tag"], headers["X-Own"]) == (None, "own"), headers
    load.all_are(GOOD, "headers were changed")


def preflights():
    """A function that nobody has called is not started by a browser's question."""
    asleep = Api("asleep")
    plugin(asleep, "cors", {"allow_origin": "https://a.example", "allow_methods": "GET,PUT", "allow_headers": "x-a",
                            "expose_headers": "x-own", "max_age": 60, "allow_credentials": True})
    ask = {"Origin": "https://a.example", "Access_Control_Request_Method": "PUT"}
    for _ in range(20):
        status, headers, body = asleep.call(method="OPTIONS", **ask)
        assert (status, headers["Access-Control-Allow-Origin"], body) == (204, "https://a.example", b""), (status, headers)
        assert headers["Access-Control-Allow-Methods"] == "GET,PUT"
    status, headers, _ = asleep.call(method="OPTIONS", **{**ask, "Origin": "https://b.example"})
    assert (status, headers["Access-Control-Allow-Origin"]) == (204, None), headers
    asked = time.time() * 1000
    status, headers, body = asleep.call(Origin="https://a.example")
    first = json.loads(body)
    assert (status, first["calls"]) == (200, 1) and first["started"] >= asked - 5, (first, asked)
    assert headers["Access-Control-Allow-Origin"] == "https://a.example" and headers["Access-Control-Expose-Headers"] == "x-own"


def own_words(api, load):
    made = manage("POST", f"{apig}/throttles", limits("words", 1))["id"]
    manage("POST", f"{apig}/throttle-bindings", {"strategy_id": made, "publish_ids": [api.publication]})
    load.wait(load.mark(), 60, "calls over the limit")
    load.all_are(FULL, "the limit is reached")
    body = '{"why": "$context.error.code", "id": "$context.requestId", "from": "$context.sourceIp"}'
    group = f"{apig}/api-groups/{api.group}/gateway-responses"
    words = [one for one in manage("GET", group)["responses"] if one["default"]][0]["id"]
    manage("PUT", f"{group}/{words}/THROTTLED", {"status": 503, "body": body})
    status, headers, text = api.call()
    told = json.loads(text)
    assert status == 503 and told == {"why": "APIG.0308", "id": headers["X-Request-Id"], "from": "127.0.0.1"}, (status, told)
    load.all_are((503, "APIG.0308"), "the group answers in its own words")
    manage("DELETE", f"{group}/{words}/THROTTLED")
    load.all_are(FULL, "the group has no words of its own")
    manage("DELETE", f"{apig}/throttles/{made}")
    load.all_are(GOOD, "the policy is gone")


def main():
    preflights()
    api = Api("loaded")
    assert api.call()[0] == 200
    load = Load(api)
    alone = 1
    try:
        throttled(api, load)
        flipped(api, load)
        changed(api, load)
        alone += 3
        own_words(api, load)
    finally:
        load.ended.set()
    load.stop()
    statuses = {status for _, status, _ in load.answers}
    assert statuses == {200, 403, 429, 503}, statuses
    calls = json.loads(api.call()[2])["calls"]
    assert calls == load.passed() + alone + 1, f"{calls} calls reached the function, {load.passed() + alone + 1} were let through"
    print(f"{len(load.answers)} calls, {load.passed()} of them let through, none failed")


main()
