#!/usr/bin/env bash
# FastAPI with uvicorn on Python 3.9.
source "$(dirname "$0")/../lib.sh"
copy bootstrap main.py
once site-packages requirements.txt -- pip_install 3.9
compile_python 3.9
echo "$app: $out"
