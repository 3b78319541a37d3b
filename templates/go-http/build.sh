#!/bin/sh
# Makes ./server, which needs nothing at run time.
cd "$(dirname "$0")" && CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags="-s -w" -o server .
