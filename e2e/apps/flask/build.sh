#!/usr/bin/env bash
# Flask with gunicorn on Python 3.10.
source "$(dirname "$0")/../lib.sh"
copy bootstrap app.py
once site-packages requirements.txt -- pip_install 3.10
compile_python 3.10
echo "$app: $out"
