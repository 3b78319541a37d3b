"""schemathesis against a started funcd: requests for each operation of its document, right ones and wrong ones. None may be answered
with a 5xx, a status or a content type that the document does not have, or a body that breaks its schema."""

import json
import os
import subprocess
import sys
from pathlib import Path

here = Path(__file__).parent
where = json.loads(os.environ["FUNCD_CREDENTIALS"])
arguments = [
    Path(sys.executable).parent / "schemathesis", "run", os.environ.get("CONTRACT", where["api"] + "/openapi.json"), "--url", where["api"],
    "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,"
                "response_headers_conformance",
    "--phases", "examples,coverage,fuzzing", "--mode", "all", "--seed", "20260101", "--generation-deterministic",
    "--suppress-health-check", "all", "--no-shrink", "--warnings", "off", "--no-color",
    "--request-timeout", "30", "--max-examples", "20", "--continue-on-failure",
]
sys.exit(subprocess.run(arguments, env={**os.environ, "SCHEMATHESIS_HOOKS": "hooks",
                                        "PYTHONPATH": f"{here}:{here.parent}"}).returncode)
