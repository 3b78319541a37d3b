#!/usr/bin/env bash
# schemathesis and what it needs, pinned, in a virtual environment of its own: target/sdk-contract. Idempotent.
source "$(dirname "$0")/../../../script/lib.sh" # moves to the root of the repository
install_missing python3=python3
python=$(command -v python3.11 || command -v python3)
if ! cmp -s e2e/sdk/contract/requirements.txt target/sdk-contract/installed.txt; then
  [ -x target/sdk-contract/bin/python ] || "$python" -m venv target/sdk-contract 2>/dev/null || {
    rm -rf target/sdk-contract
    "$python" -m pip install --quiet --target target/sdk-virtualenv virtualenv
    PYTHONPATH=target/sdk-virtualenv "$python" -m virtualenv --quiet target/sdk-contract
  }
  target/sdk-contract/bin/python -m pip install --quiet --disable-pip-version-check -r e2e/sdk/contract/requirements.txt
  cp e2e/sdk/contract/requirements.txt target/sdk-contract/installed.txt
fi
