#!/usr/bin/env bash
# The suite over the vendor's Go SDK, exactly as go.sum says, into target/sdk-go/suite. Idempotent.
source "$(dirname "$0")/../../../script/lib.sh" # moves to the root of the repository
install_missing go=golang-go
mkdir -p target/sdk-go
out=$PWD/target/sdk-go/suite
cd e2e/sdk/go
CGO_ENABLED=0 go build -trimpath -o "$out" .
