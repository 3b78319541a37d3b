#!/usr/bin/env bash
# A WebSocket echo server, Node's `ws`, on Node.js 20.15.
source "$(dirname "$0")/../lib.sh"
copy bootstrap index.js
once node_modules package.json package-lock.json -- npm_install
echo "$app: $out"
