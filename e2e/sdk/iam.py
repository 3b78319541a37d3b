"""The vendor's Python SDK: every identity operation that funcd has, its effect, and what users are told when they do it wrong."""

import json
from pathlib import Path

from groups import run, there, whole
from iam_suite.account import identity
# The order is that of the run.
from iam_suite import catalog, users, teams, keys, roles, agencies

paths = {}
for name in ("iam-v3", "funcd"):
    specification = json.loads((Path(__file__).parents[2] / f"spec/{name}.openapi.json").read_text())
    paths.update({one["operationId"]: path for path, methods in specification["paths"].items() for one in methods.values()
                  if path == "/" or path.startswith("/v3") and not path.endswith("/traces")})

for operation in sorted(paths.keys() - there.keys()):
    identity.refused(501, "", operation, body={})
run(lambda operation: None)
# Open to everybody, and there is nothing to get wrong.
whole(there.keys() & paths.keys(), refuse_nobody={"KeystoneListVersions", "KeystoneShowVersion"})
