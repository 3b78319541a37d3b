"""Flask: the contract that every application here answers, in Flask's own words."""

import hashlib
import os
import time

from flask import Flask, Response, jsonify, request

app = Flask(__name__)

# Byte i is i mod 251; blocks are a multiple of that, so each is the same.
BLOCK = bytes(i % 251 for i in range(251 * 256))


@app.get("/")
def page():
    return "<!doctype html><title>Flask</title><h1>Hello from Flask</h1>"


@app.get("/json")
def json():
    headers = {name.lower(): value for name, value in request.headers if name.lower().startswith("x-cff-")}
    return jsonify(method=request.method, path=request.path, query=request.args, headers=headers)


@app.post("/upload")
def upload():
    digest, size = hashlib.sha256(), 0
    while chunk := request.stream.read(65536):
        digest.update(chunk)
        size += len(chunk)
    return jsonify(bytes=size, sha256=digest.hexdigest())


@app.get("/download")
def download():
    def content(left):
        while left > 0:
            yield BLOCK[:left]
            left -= len(BLOCK)

    return Response(content(request.args.get("bytes", 0, int)), mimetype="application/octet-stream")


@app.get("/error")
def error():
    raise RuntimeError("this page fails on purpose")


@app.errorhandler(RuntimeError)
def failed(cause):
    print(cause)
    return f"<!doctype html><title>Error</title><h1>Flask: {cause}</h1>", 500


@app.get("/version")
def version():
    return Response(os.environ.get("APP_VERSION", ""), mimetype="text/plain")


@app.get("/slow")
def slow():
    ms = request.args.get("ms", 0, int)
    time.sleep(ms / 1000)
    return jsonify(ms=ms)
