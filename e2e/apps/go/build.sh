#!/usr/bin/env bash
# Go's net/http in one static binary.
source "$(dirname "$0")/../lib.sh"
install_missing go=golang-go
copy bootstrap
say "$app: compiling server"
CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags='-s -w' -o "$out/server" .
echo "$app: $out"
