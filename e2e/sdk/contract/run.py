"""schemathesis against a started funcd: requests for each operation of its document, right ones and wrong ones. None may be answered
with a 5xx, a status or a content type that the document does not have, or a body that breaks its schema; and each operation must have
been accepted at least once, or its success would not have been looked at.
Argument: a package (zip) of an HTTP function. `CONTRACT` names another document than the one that is served, `CONTRACT_ONLY` (a regular
expression) the operations that are asked for, of all."""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

here = Path(__file__).parent
where = json.loads(os.environ["FUNCD_CREDENTIALS"])
arguments = [
    Path(sys.executable).parent / "schemathesis", "--config-file", here / "schemathesis.toml",
    "run", os.environ.get("CONTRACT", where["api"] + "/openapi.json"), "--url", where["api"],
    "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
                "response_headers_conformance",
    "--phases", "examples,coverage,fuzzing", "--mode", "all", "--seed", "20260101", "--generation-deterministic",
    "--suppress-health-check", "all", "--no-shrink", "--warnings", "off", "--no-color",
    "--request-timeout", "30", "--max-examples", "12", "--continue-on-failure",
]
only = os.environ.get("CONTRACT_ONLY", ".")
# Without one the document's own operation would be left out.
arguments += ["--include-operation-id-regex", only]


def offered():
    """The names of the operations of the document."""
    with urllib.request.urlopen(where["api"] + "/openapi.json") as answer:
        paths = json.load(answer)["paths"].values()
    return [one["operationId"] for methods in paths for one in methods.values() if re.search(only, one["operationId"])]


def unaccepted(answers):
    """Shows what each operation answered; those that never did what they were asked for."""
    left = []
    for operation in sorted(offered()):
        statuses = answers.get(operation, {})
        accepted = any(200 <= int(status) < 300 for status in statuses)
        note = "" if accepted else "  (never accepted)"
        print(operation, *(f"{status}x{count}" for status, count in sorted(statuses.items())), note)
        if not accepted:
            left.append(operation)
    return left


with tempfile.TemporaryDirectory() as folder:
    answers = Path(folder) / "answers.json"
    began = time.monotonic()
    ended = subprocess.run(arguments, env={
        **os.environ, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": f"{here}:{here.parent}", "CONTRACT_PACKAGE": sys.argv[-1],
        "CONTRACT_ANSWERS": str(answers), "CONTRACT_FOLDER": folder}).returncode
    told = json.loads(answers.read_text()) if answers.exists() else {}
left = unaccepted(told)
print(f"{len(told)} operations, {sum(sum(statuses.values()) for statuses in told.values())} requests in {time.monotonic() - began:.0f} s")
if left:
    print(f"operations of which no request was accepted, so that their success was not compared: {', '.join(left)}")
sys.exit(ended or bool(left) or not told)
