#!/usr/bin/env bash
# The vendor's Node.js SDK, exactly as package-lock.json says, into target/sdk-node. Idempotent.
source "$(dirname "$0")/../../../script/lib.sh" # moves to the root of the repository
install_missing node=nodejs npm=npm
mkdir -p target/sdk-node
if ! cmp -s e2e/sdk/node/package-lock.json target/sdk-node/installed.json; then
  cp e2e/sdk/node/package.json e2e/sdk/node/package-lock.json target/sdk-node/
  (cd target/sdk-node && npm ci --omit=dev --no-audit --no-fund --loglevel=error)
  cp e2e/sdk/node/package-lock.json target/sdk-node/installed.json
fi
