#!/usr/bin/env bash
# Builds the ACME server that the trial of ordered certificates speaks to, and the name server it asks, into target/pebble. Idempotent.
source "$(dirname "$0")/../../script/lib.sh" # moves to the root of the repository
install_missing go=golang-go
mkdir -p target/pebble
version=v2.10.1
GOBIN=$PWD/target/pebble go install \
  "github.com/letsencrypt/pebble/v2/cmd/pebble@$version" "github.com/letsencrypt/pebble/v2/cmd/pebble-challtestsrv@$version"
