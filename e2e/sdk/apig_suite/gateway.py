"""What every part of the suite needs: the SDK's clients, functions to call, APIs that are published, and the gateway as its callers see
it."""

import base64
import http.client
import io
import json
import zipfile

import huaweicloudsdkapig.v2 as apig
import huaweicloudsdkfunctiongraph.v2 as functiongraph

from groups import where
from vendor import Vendor

RELEASE = "DEFAULT_ENVIRONMENT_RELEASE_ID"
# Answers with what it got, but below /hang never; as an authorizer (`POST /` with JSON that has `user_data`), lets in whoever knows the word.
FUNCTION = """
const http = require('http')
let asked = 0
http.createServer((request, response) => {
  const parts = []
  request.on('data', part => parts.push(part))
  request.on('end', () => {
    if (request.url.startsWith('/hang')) { return }
    const body = Buffer.concat(parts).toString()
    let answer = { says: 'NAME', method: request.method, url: request.url, headers: request.headers, body }
    if (body.includes('"user_data"')) {
      asked += 1
      const event = JSON.parse(body)
      const word = event.headers['x-word']
      if (word === 'broken') { response.statusCode = 500 }
      answer = { status: word === event.user_data ? 'allow' : 'deny', context: { asked: String(asked) } }
    }
    response.setHeader('content-type', 'application/json')
    response.setHeader('x-made-by', 'the function')
    response.end(JSON.stringify(answer))
  })
}).listen(8000, '127.0.0.1')
"""

# Only a help here: they have a suite of their own.
functions = Vendor(functiongraph, functiongraph.FunctionGraphClient, help=True)
INSTANCE = Vendor(apig, apig.ApigClient).call("ListInstancesV2").instances[0].id
vendor = Vendor(apig, apig.ApigClient, instance_id=INSTANCE)
call, refused = vendor.call, vendor.refused


def urn(name):
    return f"urn:fss:{where['region']}:{where['project_id']}:function:default:{name}"


def deploy(name):
    """A function that says its name; gives its URN."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        boot = zipfile.ZipInfo("bootstrap")
        boot.external_attr = 0o755 << 16
        archive.writestr(boot, "/opt/function/runtime/nodejs20.15/rtsp/nodejs/bin/node $RUNTIME_CODE_ROOT/index.js\n")
        archive.writestr("index.js", FUNCTION.replace("NAME", name))
    functions.call("CreateFunction", body={
        "func_name": name, "package": "default", "runtime": "http", "timeout": 30, "handler": "bootstrap", "memory_size": 256,
        "code_type": "zip", "code_filename": "index.zip", "func_code": {"file": base64.b64encode(buffer.getvalue()).decode()}})
    return urn(name)


class Group:
    """A group with a host of its own, which answers at the gateway's address."""

    def __init__(self, name):
        self.name = name
        made = call("CreateApiGroupV2", body={"name": name})
        self.id, self.host = made.id, made.sl_domain

    def definition(self, function, path, **more):
        return {
            "name": "api" + path.replace("/", "_").translate(str.maketrans("", "", "{}#")), "type": 1, "req_protocol": "BOTH",
            "req_method": "ANY", "req_uri": path, "auth_type": "NONE", "match_mode": "NORMAL", "backend_type": "FUNCTION",
            "group_id": self.id, "func_info": {
                "function_urn": urn(function), "invocation_type": "sync", "network_type": "V2", "timeout": 30000}} | more

    def api(self, function, path, **more):
        """An API that is not published; gives its id."""
        return call("CreateApiV2", body=self.definition(function, path, **more)).id

    def published(self, function, path, **more):
        """Ids of an API and of its publication in RELEASE."""
        api = self.api(function, path, **more)
        return api, publish(api).publish_id

    def ask(self, path, method="GET", headers=None, body=None, host=None):
        return ask(host or self.host, path, method, headers, body)

    def end(self):
        """Takes everything of the group away."""
        apis = call("ListApisV2", group_id=self.id, limit=500).apis
        for api in apis:
            for environment in (api.run_env_id or "").split("|"):
                if environment:
                    publish(api.id, environment, "offline")
            call("DeleteApiV2", api_id=api.id)
        call("DeleteApiGroupV2", group_id=self.id)


def publish(api, environment=RELEASE, action="online"):
    return call("CreateOrDeletePublishRecordForApiV2", body={"action": action, "env_id": environment, "api_id": api})


class Answer:
    """What a caller of an API gets."""

    def __init__(self, status, headers, body):
        self.status, self.headers, self.text = status, headers, body.decode()

    @property
    def json(self):
        return json.loads(self.text)

    def fine(self):
        """The JSON of an answer that the function made."""
        assert self.status == 200, (self.status, self.text)
        return self.json

    def refused(self, status, errorcode):
        told = (self.status, self.json.get("error_code"))
        assert told == (status, errorcode), (told, self.text)
        assert self.json["request_id"] == self.headers["X-Request-Id"], self.text


def ask(host, path, method="GET", headers=None, body=None):
    connection = http.client.HTTPConnection(where["gateway"].split("//")[1], timeout=60)
    try:
        connection.request(method, path, body, {"Host": host} | (headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
