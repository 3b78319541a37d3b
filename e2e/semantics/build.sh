#!/usr/bin/env bash
# The proxies beside funcd that are no package of Debian, or an old one: Caddy and Envoy, in a virtual environment of their own, target/peers.
# Idempotent.
set -euo pipefail
cd "$(dirname "$0")/../.."
wanted=$(sha256sum e2e/semantics/requirements.txt)
[ "$(cat target/peers/built 2>/dev/null)" != "$wanted" ] || exit 0
python=$(command -v python3.11 || command -v python3)
[ -x target/peers/bin/python ] || "$python" -m venv target/peers 2>/dev/null || {
  rm -rf target/peers
  "$python" -m pip install --quiet --target target/peers-virtualenv virtualenv
  PYTHONPATH=target/peers-virtualenv "$python" -m virtualenv --quiet target/peers
}
target/peers/bin/python -m pip install --quiet --disable-pip-version-check -r e2e/semantics/requirements.txt
echo "$wanted" >target/peers/built
