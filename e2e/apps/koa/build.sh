#!/usr/bin/env bash
# Koa on Node.js 18.15.
source "$(dirname "$0")/../lib.sh"
copy bootstrap index.js
once node_modules package.json package-lock.json -- npm_install
echo "$app: $out"
