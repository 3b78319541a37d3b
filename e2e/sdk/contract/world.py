"""The one that asks: how requests are signed, and things that exist, made when they are not there (any more)."""

import itertools
import time
from urllib.parse import urlsplit

import requests
from requests.auth import AuthBase

from signer import sign, where

project, region = where["project_id"], where["region"]
functions = f"/v2/{project}/fgs/functions"
first = (where["access_key"], where["secret_key"])
numbers = itertools.count(1)
# How often something may have gone: by a request that was tried, or by one that made room.
losses = itertools.count(1)
lost = next(losses)


class Signed(AuthBase):
    """Signs a request as it goes out, with the first user's key or the one that `acting` holds; not one of the console's."""

    acting = None

    def __call__(self, request):
        if "X-Funcd-Session" in request.headers:
            return request
        body = request.body or b""
        if isinstance(body, str):
            body = body.encode()
        headers = {"host": urlsplit(request.url).netloc, "x-sdk-date": time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())}
        request.headers["X-Sdk-Date"] = headers["x-sdk-date"]
        request.headers["Authorization"] = sign(request.method, request.path_url, headers, body, *(self.acting or first))
        return request


connection = requests.Session()
signed = Signed()


def ask(method, path, body=None, allow=()):
    """The answer's JSON; a refusal that is not allowed for is an error of this program."""
    answer = connection.request(method, where["api"] + path, json=body, auth=Signed(), timeout=60)
    assert answer.status_code < 300 or answer.status_code in allow, (method, path, answer.status_code, answer.text)
    if method == "DELETE":
        may_be_lost()
    return answer.json() if answer.content else None


def raw(path):
    """The bytes of what is there."""
    answer = connection.get(where["api"] + path, auth=Signed(), timeout=60)
    assert answer.status_code == 200, (path, answer.status_code, answer.text)
    return answer.content


def there(path):
    return connection.get(where["api"] + path, auth=Signed(), timeout=60).status_code == 200


def unused(name):
    """A name that nothing has."""
    return f"{name}{next(numbers)}"


def may_be_lost():
    """To be called after every request that may have deleted something."""
    global lost
    lost = next(losses)


class Thing:
    """Something with an id: `make` makes it and says its id, `path` shows it. It is looked for again when it may have gone."""

    def __init__(self, make, path):
        self.make, self.path, self.known, self.seen = make, path, None, 0

    def __call__(self):
        if self.known is None or self.seen != lost and not there(self.path(self.known)):
            self.known = self.make()
        self.seen = lost
        return self.known


class Area:
    """What one part of the API needs for a success of each operation.

    `names` fills parameters of paths, of this area, by name; `before` is called with the body's number first and may give names that
    are to stand in the path of this operation; `right` are bodies, `query` parameters of the query."""

    def __init__(self, owns):
        self.owns, self.names, self.before, self.right, self.query = owns, {}, {}, {}, {}

    def fresh(self, *operations):
        """Marks what makes something new for these operations, because it will be gone, or must not be there yet."""
        return lambda make: [self.before.__setitem__(operation, make) for operation in operations] and make
