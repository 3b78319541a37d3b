"""The vendor's Python SDK: every operation of the API gateway that funcd has, its effect at the gateway, and what users are told when
they do it wrong. `APIG_CERTIFICATE` is a folder with `chain.pem` and `key.pem` of shop.example.com."""

import json
from pathlib import Path

from groups import run, there, whole
from apig_suite.gateway import vendor
# The order is that of the run.
from apig_suite import instances, places, apis, callers, policies, domains

specification = json.loads((Path(__file__).parents[2] / "spec/apig-v2.openapi.json").read_text())
paths = {one["operationId"]: path for path, methods in specification["paths"].items() for one in methods.values()}

for operation in sorted(paths.keys() - there.keys()):
    vendor.probe(operation, paths[operation], "APIG.0501")
run(lambda operation: vendor.probe(operation, paths[operation], "APIG.0501"))
whole(there.keys() & paths.keys())
