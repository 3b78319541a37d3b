#!/usr/bin/env bash
# The vendor's Python SDK in a virtual environment of its own: target/sdk. Idempotent.
set -euo pipefail
cd "$(dirname "$0")/../.."
python=$(command -v python3.11 || command -v python3)
[ -x target/sdk/bin/python ] || "$python" -m venv target/sdk 2>/dev/null || {
  rm -rf target/sdk
  "$python" -m pip install --quiet --target target/sdk-virtualenv virtualenv
  PYTHONPATH=target/sdk-virtualenv "$python" -m virtualenv --quiet target/sdk
}
target/sdk/bin/python -c 'import huaweicloudsdkapig, huaweicloudsdkfunctiongraph, huaweicloudsdkiam' 2>/dev/null ||
  target/sdk/bin/python -m pip install --quiet --disable-pip-version-check -r e2e/sdk/requirements.txt
