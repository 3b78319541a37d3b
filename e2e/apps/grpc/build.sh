#!/usr/bin/env bash
# gRPC's own interoperability suite, as grpc-go has it: the server is a function, the client is what the trial runs.
source "$(dirname "$0")/../lib.sh"
install_missing go=golang-go
copy bootstrap
say "$app: compiling server and client"
CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags='-s -w' -o "$out/server" ./server
CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags='-s -w' -o "$(dirname "$out")/grpc-client" ./client
echo "$app: $out"
