"""What schemathesis must know of this API: how to sign, and names and bodies that are right, without which nearly everything would be a
404 or a 400. Some of both stay as they were generated."""

import atexit
import collections
import json
import os
import zlib
from pathlib import Path

import schemathesis
import schemathesis.core

import console
import functions
import gateway
import identity
from world import may_be_lost, project, signed

areas = [functions.area, gateway.area, identity.area, console.area]
answers = collections.defaultdict(collections.Counter)
turns = collections.Counter()
headers = identity.headers | console.headers
schemathesis.auth.set_from_requests(signed)


def draw(generated, sides):
    """A number from what was generated, so that a run with the same seed asks the same."""
    return zlib.crc32(json.dumps(generated, sort_keys=True, default=repr).encode()) % sides


def asked(case):
    """The operation that a request is for; none if its method is one that the path does not have."""
    if case.method.upper() == case.operation.method.upper():
        return case.operation.definition.raw["operationId"]


@schemathesis.hook
def before_call(context, case, kwargs):
    """The caller's own project; most often names of what is there, and often a body and a query that are right."""
    operation, signed.acting = asked(case), None
    paths = case.path_parameters or {}
    # By turns, for all requests of an operation may be without query and body. Not by the path: requests may share what is put in
    # below, which is another one in each run; nor by what stands for no body, which would be its place in memory.
    turns[operation] += 1
    body = "" if isinstance(case.body, schemathesis.core.NotSet) else repr(case.body)
    generated = [operation, turns[operation], body]
    wrong = paths and draw([*generated, case.query], 4) == 0
    own_project = not identity.area.owns(case.operation.path)
    if own_project and "project_id" in paths:
        paths["project_id"] = project
    if "runtime_id" in paths:
        # One that there is would be fetched: only the right body has one, see below.
        paths["runtime_id"] = "none"
    if case.query:
        # Answers without an end, of three operations: what is read is never read to its end.
        case.query.pop("follow", None)
    if operation is None:
        return
    area = next(area for area in areas if area.owns(case.operation.path))
    number = draw(generated, 3) + 1
    if wrong:
        return
    own = area.before.get(operation, lambda number: None)(number) or {}
    for name in paths:
        if name in own:
            paths[name] = own[name]
        elif name in area.names and not (name == "project_id" and own_project):
            paths[name] = area.names[name]()
    if draw(case.query or {}, 2):
        case.query = area.query.get(operation, dict)()
    elif operation in area.query:
        case.query = {**(case.query or {}), **area.query[operation]()}
    if operation in headers:
        case.headers.update(headers[operation]())
    # Once the success has been looked at, most bodies stay as they were generated.
    enough = sum(count for status, count in answers[operation].items() if status < 300) > 20
    if operation in area.right and draw([*generated, "right"], 4) in ((1,) if enough else (1, 2, 3)):
        case.body, case.media_type = area.right[operation](number), "application/json"
        if operation == "InstallRuntime":
            # From the folder that this body names; with any other body this one would be fetched.
            paths["runtime_id"] = functions.RUNTIME


@schemathesis.hook
def after_call(context, case, response):
    operation = asked(case)
    if response.status_code < 300 and (case.method.upper() == "DELETE" or "Delete" in (operation or "")):
        may_be_lost()
    if operation:
        answers[operation][response.status_code] += 1


@atexit.register
def summary():
    """What each operation answered, for whoever runs this."""
    Path(os.environ["CONTRACT_ANSWERS"]).write_text(json.dumps(answers))
