#!/usr/bin/env bash
# The sample of FunctionGraph's page "create an HTTP function": its two files as they are. Without an execute bit, as the page
# does not ask for one.
source "$(dirname "$0")/../lib.sh"
copy bootstrap index.js
chmod 644 "$out/bootstrap"
echo "$app: $out"
