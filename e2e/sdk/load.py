"""200 functions by eight clients at once: each is made, listed, changed and deleted exactly once, and what one client does shows to all.
How long it takes is not asked here: `script/bench api` measures. Argument: a package (zip) of an HTTP function."""

import base64
import concurrent.futures
import http.client
import json
import sys
import threading
import time
import zipfile
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from signer import sign, where

COUNT, CLIENTS = 200, 8
host = urlsplit(where["api"]).netloc
base = f"/v2/{where['project_id']}/fgs/functions"
package = Path(sys.argv[1]).read_bytes()
connections = threading.local()


def send(method, rest, body=None):
    data = b"" if body is None else json.dumps(body).encode()
    headers = {"host": host, "x-sdk-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())}
    authorization = sign(method, base + rest, headers, data)
    if not hasattr(connections, "own"):
        connections.own = http.client.HTTPConnection(host, timeout=60)
    connections.own.request(method, base + rest, data, {**headers, "authorization": authorization, "content-type": "application/json"})
    answer = connections.own.getresponse()
    text = answer.read()
    return answer.status, json.loads(text) if text else None


def own(number):
    """Another package for each."""
    buffer = BytesIO(package)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("number", str(number))
    return base64.b64encode(buffer.getvalue()).decode()


def create(number):
    status, answer = send("POST", "", {
        "func_name": f"load-{number}", "package": "default", "runtime": "http", "timeout": 30, "handler": "bootstrap",
        "memory_size": 128, "code_type": "zip", "code_filename": "index.zip", "func_code": {"file": own(number)}})
    assert status == 200, (number, status, answer)
    return answer["digest"]


def twice(number):
    status, answer = send("POST", "", {
        "func_name": "load-same", "package": "default", "runtime": "http", "timeout": 30, "handler": "bootstrap",
        "memory_size": 128, "code_type": "zip", "code_filename": "index.zip", "func_code": {"file": own(number)}})
    assert status in (200, 409), (status, answer)
    return status


def change(number):
    status, answer = send("PUT", f"/load-{number}/config", {
        "func_name": f"load-{number}", "runtime": "http", "timeout": 30 + number, "handler": "bootstrap", "memory_size": 256})
    assert status == 200 and answer["timeout"] == 30 + number, (number, status, answer)


def delete(number):
    status, answer = send("DELETE", f"/load-{number}")
    assert status == 204, (number, status, answer)


def listed():
    """All pages of 30."""
    found, marker = [], 0
    while True:
        status, page = send("GET", f"?func_name=load-&marker={marker}&maxitems=30")
        assert status == 200 and page["count"] is not None, (status, page)
        found += page["functions"]
        if len(page["functions"]) < 30:
            return {one["func_name"]: one for one in found}, len(found)
        marker += 30


def shown(expect):
    found, count = listed()
    assert count == len(found) == len(expect), (count, len(found), len(expect))
    assert {name: one["timeout"] for name, one in found.items()} == expect, "what was acknowledged is what is listed"
    return found


with concurrent.futures.ThreadPoolExecutor(CLIENTS) as clients:
    digests = list(clients.map(create, range(COUNT)))
    assert len(set(digests)) == COUNT, "each has its own code"
    found = shown({f"load-{number}": 30 for number in range(COUNT)})
    assert [found[f"load-{number}"]["digest"] for number in range(COUNT)] == digests
    list(clients.map(change, range(COUNT)))
    shown({f"load-{number}": 30 + number for number in range(COUNT)})
    # The same name by all of them at once: one makes it.
    assert sorted(clients.map(twice, range(CLIENTS))) == [200] + [409] * (CLIENTS - 1)
    assert send("DELETE", "/load-same")[0] == 204
    # Some delete while others still change what stays.
    half = [clients.submit(delete if number % 2 else change, number) for number in range(COUNT)]
    for one in half:
        one.result()
    shown({f"load-{number}": 30 + number for number in range(0, COUNT, 2)})
    list(clients.map(delete, range(0, COUNT, 2)))
    shown({})
print(f"done: {COUNT} functions by {CLIENTS} clients")
