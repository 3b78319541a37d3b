"""FastAPI: the contract that every application here answers, in FastAPI's own words, and server-sent events."""

import asyncio
import hashlib
import os

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, StreamingResponse

app = FastAPI()

# Byte i is i mod 251; blocks are a multiple of that, so each is the same.
BLOCK = bytes(i % 251 for i in range(251 * 256))


@app.get("/", response_class=HTMLResponse)
async def page():
    return "<!doctype html><title>FastAPI</title><h1>Hello from FastAPI</h1>"


@app.get("/json")
async def json(request: Request):
    headers = {name: value for name, value in request.headers.items() if name.startswith("x-cff-")}
    return {
        "method": request.method,
        "path": request.url.path,
        "query": dict(request.query_params),
        "headers": headers,
    }


@app.post("/upload")
async def upload(request: Request):
    digest, size = hashlib.sha256(), 0
    async for chunk in request.stream():
        digest.update(chunk)
        size += len(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}


@app.get("/download")
async def download(bytes: int = 0):
    async def content():
        left = bytes
        while left > 0:
            yield BLOCK[:left]
            left -= len(BLOCK)

    return StreamingResponse(content(), media_type="application/octet-stream")


@app.get("/error")
async def error():
    raise RuntimeError("this page fails on purpose")


@app.exception_handler(RuntimeError)
async def failed(request: Request, cause: RuntimeError):
    print(cause)
    return HTMLResponse(f"<!doctype html><title>Error</title><h1>FastAPI: {cause}</h1>", status_code=500)


@app.get("/version", response_class=PlainTextResponse)
async def version():
    return os.environ.get("APP_VERSION", "")


@app.get("/slow")
async def slow(ms: int = 0):
    await asyncio.sleep(ms / 1000)
    return {"ms": ms}


@app.get("/events")
async def events(n: int = 5):
    async def stream():
        for i in range(n):
            yield f"id: {i}\ndata: event {i}\n\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"Cache-Control": "no-cache"})
