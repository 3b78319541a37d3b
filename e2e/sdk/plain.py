"""Operations by name over plain HTTP, signed with the first user's key: for those that the vendor's SDK does not have."""

import json
import time
import urllib.error
import urllib.request
from urllib.parse import quote, urlsplit

from groups import record, there, where
from signer import sign


def ask(operation, body=None, query="", headers=None, **given):
    """Status, headers and body of the answer; the body is JSON, or as it came."""
    record.called.add(operation)
    method, path = there[operation]
    for name, value in {"project_id": where["project_id"], **given}.items():
        path = path.replace("{" + name + "}", quote(value, safe=""))
    target = path + (f"?{query}" if query else "")
    data = b"" if body is None else json.dumps(body).encode()
    signed = {"host": urlsplit(where["api"]).netloc, "x-sdk-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())}
    request = urllib.request.Request(where["api"] + target, data=data or None, method=method, headers={
        "Content-Type": "application/json", **signed, "Authorization": sign(method, target, signed, data), **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            status, head, text = answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        status, head, text = error.code, error.headers, error.read()
    return status, head, json.loads(text) if head.get_content_type() == "application/json" and text else text


def call(operation, **given):
    """The body of the answer to a request that must be accepted."""
    status, _, body = ask(operation, **given)
    assert status < 300, (operation, status, body)
    record.done.add(operation)
    return body


def refused(status, errorcode, operation, **given):
    """What the client is told; the status and the code must be these."""
    told, _, body = ask(operation, **given)
    assert (told, body.get("error_code")) == (status, errorcode), (operation, told, body)
    record.refused.add(operation)
    return body["error_msg"]
