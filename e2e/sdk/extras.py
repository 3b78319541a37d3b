"""The vendor's SDK against funcd: test events, tags, dependencies, quotas and templates, and their refusals."""

import base64
import hashlib
import hmac
import io
import json
import os
import subprocess
import tempfile
import urllib.error
import urllib.request
import zipfile

import huaweicloudsdkfunctiongraph.v2 as fg
from huaweicloudsdkcore.auth.credentials import BasicCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException, ServerResponseException
from huaweicloudsdkcore.http.http_config import HttpConfig

where = json.loads(os.environ["FUNCD_CREDENTIALS"])
credentials = BasicCredentials(where["access_key"], where["secret_key"], where["project_id"])
builder = fg.FunctionGraphClient.new_builder().with_http_config(HttpConfig.get_default_config())
client = builder.with_credentials(credentials).with_endpoints([where["api"]]).build()


def text(value):
    return base64.b64encode(value.encode()).decode()


def package(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return base64.b64encode(buffer.getvalue()).decode()


def fails(status, code, call):
    try:
        call()
    except (ClientRequestException, ServerResponseException) as error:
        assert (error.status_code, error.error_code) == (status, code), (error.status_code, error.error_code, error.error_msg)
        return error.error_msg
    raise AssertionError(f"{code} was expected")


def create(name, code, **more):
    body = fg.CreateFunctionRequestBody(
        func_name=name, package="default", runtime="http", timeout=30, handler="bootstrap", memory_size=512,
        code_type="zip", code_filename="index.zip", func_code=fg.FuncCode(file=code), **more)
    return client.create_function(fg.CreateFunctionRequest(body=body))


def publish(function, name):
    data = fg.TriggerEventDataRequestBody(
        name=name, auth="NONE", protocol="HTTP", req_method="ANY", match_mode="SWA", path=f"/{name}",
        func_info=fg.ApigTriggerFuncInfo(timeout=30000))
    body = fg.CreateFunctionTriggerRequestBody(trigger_type_code="DEDICATEDGATEWAY", event_data=data)
    made = client.create_function_trigger(fg.CreateFunctionTriggerRequest(function_urn=function.func_urn, body=body))
    return made.event_data.invoke_url


def remove(function):
    client.delete_function(fg.DeleteFunctionRequest(function_urn=function.func_urn.rsplit(":", 1)[0]))


def call(url, method="GET", body=None, headers=None):
    request = urllib.request.Request(url, data=body, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read() or b"null")


def events(urn):
    of = lambda name, content: fg.CreateEventRequest(
        function_urn=urn, body=fg.CreateEventRequestBody(name=name, content=text(content)))
    made = client.create_event(of("first", '{"key": "value"}'))
    shown = client.show_event(fg.ShowEventRequest(function_urn=urn, event_id=made.id))
    assert (shown.name, shown.content) == ("first", text('{"key": "value"}')), shown
    body = fg.UpdateEventRequestBody(content=text("[]"))
    client.update_event(fg.UpdateEventRequest(function_urn=urn, event_id=made.id, body=body))
    assert client.show_event(fg.ShowEventRequest(function_urn=urn, event_id=made.id)).content == text("[]")
    listed = client.list_events(fg.ListEventsRequest(function_urn=urn))
    assert (listed.count, listed.events[0].name) == (1, "first"), listed
    fails(403, "FSS.1073", lambda: client.create_event(of("first", "{}")))
    fails(400, "FSS.1074", lambda: client.create_event(of("1", "{}")))
    fails(400, "FSS.1074", lambda: client.create_event(of("a", "{")))
    fails(403, "FSS.1069", lambda: client.create_event(of("a", json.dumps("x" * 4096))))
    for number in range(9):
        client.create_event(of(f"e{number}", "{}"))
    fails(403, "FSS.1068", lambda: client.create_event(of("e9", "{}")))
    gone = client.delete_event(fg.DeleteEventRequest(function_urn=urn, event_id=made.id))
    assert gone.status_code == 204, gone.status_code
    fails(404, "FSS.1070", lambda: client.show_event(fg.ShowEventRequest(function_urn=urn, event_id=made.id)))


def tags(function):
    urn = function.func_urn
    items = lambda pairs: fg.UpdateFunctionTagsRequestBody(tags=[fg.KvItem(key=key, value=value) for key, value in pairs])
    add = lambda pairs: client.create_tags(
        fg.CreateTagsRequest(resource_type="functions", resource_id=urn, body=items(pairs)))
    of = lambda: {tag.key: tag.value for tag in client.list_function_tags(
        fg.ListFunctionTagsRequest(resource_type="functions", resource_id=urn)).tags}
    assert of() == {"made": "with"}, of()
    assert add([("team", "a"), ("empty", "")]).status_code == 204
    add([("team", "b")])
    assert of() == {"made": "with", "team": "b", "empty": ""}, of()
    fails(400, "FSS.0400", lambda: add([("_sys_x", "a")]))
    fails(400, "FSS.0400", lambda: add([(f"k{number}", "v") for number in range(18)]))
    every = client.show_project_tags_list(fg.ShowProjectTagsListRequest(resource_type="functions"))
    assert [tag.values for tag in every.tags if tag.key == "team"] == [["b"]], every
    find = lambda action, **body: client.show_res_instance_info(fg.ShowResInstanceInfoRequest(
        resource_type="functions", action=action, body=fg.ListEnterpriseResourceRequestBody(action=action, **body)))
    found = find("filter", matches=[fg.KvItem(key="resource_name", value="extras-sd")], limit="10", offset="0")
    assert [one.resource_name for one in found.resources] == ["extras-sdk"], found
    assert find("count", matches=[fg.KvItem(key="resource_name", value="extras-sd")]).total_count == 1
    fails(400, "FSS.0400", lambda: find("list"))
    gone = client.delete_tags(fg.DeleteTagsRequest(
        resource_type="functions", resource_id=urn, body=items([("team", "b"), ("empty", "")])))
    assert gone.status_code == 204 and of() == {"made": "with"}, of()


def dependency(name, files, runtime):
    body = fg.CreateDependencyRequestBody(depend_type="zip", depend_file=package(files), runtime=runtime, name=name)
    return client.create_dependency_version(fg.CreateDependencyVersionRequest(body=body))


def dependencies():
    node = dependency("extras-node", {"node_modules/greet/index.js": "module.exports = () => 'from node_modules';"}, "Node.js18.15")
    again = dependency("extras-node", {"node_modules/greet/index.js": "module.exports = () => 'second';"}, "Node.js18.15")
    python = dependency("extras-python", {"greet/__init__.py": "TEXT = 'from a package'\n"}, "Python3.9")
    assert (node.version, again.version, node.dep_id) == (1, 2, again.dep_id), (node, again)
    listed = client.list_dependencies(fg.ListDependenciesRequest(name="extras-", dependency_type="private"))
    assert {one.name: one.version for one in listed.dependencies} == {"extras-node": 2, "extras-python": 1}, listed
    versions = client.list_dependency_version(fg.ListDependencyVersionRequest(depend_id=node.dep_id))
    assert [one.version for one in versions.dependencies] == [2, 1], versions
    shown = client.show_dependency_version(fg.ShowDependencyVersionRequest(depend_id=node.dep_id, version="1"))
    assert (shown.id, shown.size, shown.is_shared) == (node.id, node.size, False), shown
    fails(400, "FSS.1024", lambda: dependency("1", {"a": "b"}, "Python3.9"))
    fails(400, "FSS.1024", lambda: dependency("bad", {"../a": "b", "c~": ""}, "Python3.9"))
    fails(404, "FSS.1056", lambda: client.show_dependency_version(
        fg.ShowDependencyVersionRequest(depend_id=node.dep_id, version="3")))

    server = "require('http').createServer((q, r) => r.end(JSON.stringify({said: require('greet')()}))).listen(8000, '127.0.0.1')"
    start = "/opt/function/runtime/nodejs18.15/rtsp/nodejs/bin/node $RUNTIME_CODE_ROOT/index.js\n"
    fails(400, "FSS.1024", lambda: create("extras-dep-node", package({"bootstrap": start}), depend_version_list=["none"]))
    web = create("extras-dep-node", package({"bootstrap": start, "index.js": server}), depend_version_list=[node.id])
    assert web.depend_version_list == [node.id], web
    url = publish(web, "extras-dep-node")
    assert call(url) == (200, {"said": "from node_modules"}), call(url)
    body = fg.UpdateFunctionCodeRequestBody(code_type="zip", depend_version_list=[again.id])
    client.update_function_code(fg.UpdateFunctionCodeRequest(function_urn=web.func_urn, body=body))
    assert call(url) == (200, {"said": "second"}), call(url)

    app = ("import json, os, greet\nfrom http.server import BaseHTTPRequestHandler, HTTPServer\n"
           "class H(BaseHTTPRequestHandler):\n  def do_GET(self):\n    b = json.dumps({'said': greet.TEXT, 'compiled': os.path.exists(greet.__cached__)}).encode()\n"
           "    self.send_response(200); self.send_header('Content-Length', str(len(b))); self.end_headers(); self.wfile.write(b)\n"
           "HTTPServer(('127.0.0.1', 8000), H).serve_forever()\n")
    start = "/opt/function/runtime/python3.9/rtsp/python/bin/python3 -u $RUNTIME_CODE_ROOT/app.py\n"
    py = create("extras-dep-python", package({"bootstrap": start, "app.py": app}), depend_version_list=[python.id])
    status, said = call(publish(py, "extras-dep-python"))
    assert (status, said["said"]) == (200, "from a package"), said
    assert said["compiled"], "its byte code was made when the function was deployed"

    drop = lambda version: client.delete_dependency_version(
        fg.DeleteDependencyVersionRequest(depend_id=version.dep_id, version=str(version.version)))
    fails(412, "FSS.1033", lambda: drop(again))
    drop(node)
    remove(web)
    remove(py)
    assert drop(again).status_code == 204
    drop(python)
    assert client.list_dependencies(fg.ListDependenciesRequest(name="extras-")).count == 0


def quotas():
    listed = client.list_quotas(fg.ListQuotasRequest()).quotas.resources
    of = {one.type: one for one in listed}
    count = client.list_functions(fg.ListFunctionsRequest(maxitems="1")).count
    assert (of["fgs_func_num"].quota, of["fgs_func_num"].used) == (400, count), of
    assert of["fgs_func_code_size"].quota == 10240, of


def compiled(code):
    """The Go template with its program, made as its build.sh says; nothing where there is no Go."""
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(io.BytesIO(base64.b64decode(code))) as archive:
            archive.extractall(folder)
        try:
            subprocess.run(["sh", f"{folder}/build.sh"], check=True, env={**os.environ, "GOFLAGS": "-mod=mod"})
        except (OSError, subprocess.CalledProcessError) as error:
            if subprocess.run(["sh", "-c", "command -v go"], stdout=subprocess.DEVNULL).returncode == 0:
                raise error
            return None
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for name in sorted(os.listdir(folder)):
                archive.write(f"{folder}/{name}", name)
        return base64.b64encode(buffer.getvalue()).decode()


def check_template(name, url):
    if name in ("nodejs-http", "python-http", "php-http", "go-http"):
        status, said = call(f"{url}?name=you")
        assert (status, said["hello"]) == (200, "you") and said["requestId"], (name, status, said)
    elif name == "java-http":
        status, said = call(url)
        assert status == 200 and said["hello"].startswith("/"), (name, status, said)
    elif name == "timer":
        event = {"version": "v1.0", "time": "2026-01-02T03:04:05Z", "trigger_type": "TIMER", "trigger_name": "hourly", "user_event": ""}
        assert call(url, "POST", json.dumps(event).encode()) == (200, {"done": "hourly", "at": event["time"]})
        assert call(url, "POST", b"{}")[0] == 400
    elif name == "upload":
        data = os.urandom(1 << 20)
        digest = hashlib.sha256(data).hexdigest()
        assert call(f"{url}/a.bin", "PUT", data) == (201, {"name": "a.bin", "size": len(data), "sha256": digest})
        assert call(f"{url}/.hidden", "PUT", data)[0] == 400
        assert call(f"{url}/a.bin")[0] == 405
    elif name == "webhook":
        body = b'{"action":"opened"}'
        signature = "sha256=" + hmac.new(b"secret", body, hashlib.sha256).hexdigest()
        assert call(url, "POST", body, {"X-Hub-Signature-256": signature}) == (200, {"accepted": "opened"})
        assert call(url, "POST", body + b" ", {"X-Hub-Signature-256": signature})[0] == 401
        assert call(url, "POST", body)[0] == 401
    else:
        raise AssertionError(f"nobody knows how to call {name}")


def templates():
    listed = client.list_function_template(fg.ListFunctionTemplateRequest()).func_templates
    assert len(listed) >= 8, listed
    for one in listed:
        name = one.template_name
        shown = client.show_function_template(fg.ShowFunctionTemplateRequest(template_id=one.id))
        code = compiled(shown.code) if name == "go-http" else shown.code
        if code is None:
            print(f"{name} was not tried: there is no Go here")
            continue
        secrets = {key: "secret" for key in json.loads(shown.encrypted_user_data or "{}")}
        more = {"encrypted_user_data": json.dumps(secrets)} if secrets else {}
        function = create(f"extras-{name}", code, user_data=shown.user_data or None, **more)
        check_template(name, publish(function, f"extras-{name}"))
        remove(function)
    fails(404, "FSS.1059", lambda: client.show_function_template(fg.ShowFunctionTemplateRequest(template_id="none")))


def main():
    start = "/opt/function/runtime/nodejs18.15/rtsp/nodejs/bin/node $RUNTIME_CODE_ROOT/index.js\n"
    function = create("extras-sdk", package({"bootstrap": start, "index.js": ""}), tags=json.dumps({"made": "with"}))
    events(function.func_urn)
    tags(function)
    quotas()
    remove(function)
    fails(404, "FSS.1051", lambda: client.list_events(fg.ListEventsRequest(function_urn=function.func_urn)))
    dependencies()
    templates()
    print("extras: fine")


main()
