"""Floods of the gateway, each bounded in count and time: what it took of each is printed as JSON.

usage: flood.py resets|continuation PORT HOST
       flood.py half|full PORT CA
"""

import json
import socket
import ssl
import sys
import threading
import time

CONNECTIONS = 8
# Streams that a connection of the reset flood tries, and bytes that one of the CONTINUATION flood does.
STREAMS = 20_000
BYTES = 64 << 20
HALF = 1500
FULL_THREADS, FULL = 4, 150
NAME = "a.example.com"


def frame(kind, flags, stream, payload=b""):
    return len(payload).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload


def http2(port):
    raw = socket.create_connection(("127.0.0.1", port), timeout=30)
    raw.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0))
    return raw


def head(host):
    """GET / with the static table's entries (RFC 7541 appendix A), and the host as a literal."""
    host = host.encode()
    return b"\x82\x84\x86\x01" + bytes([len(host)]) + host


def until_closed(raw, send):
    """Sends pieces until the other side closes or there is no more; whether it closed, and what it said last."""
    said = b""

    def read():
        nonlocal said
        try:
            while piece := raw.recv(65536):
                said = (said + piece)[-65536:]
        except OSError:
            pass

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    sent, closed = 0, False
    try:
        for piece in send():
            raw.sendall(piece)
            sent += 1
            if not reader.is_alive():
                closed = True
                break
    except OSError:
        closed = True
    reader.join(timeout=5)
    closed = closed or not reader.is_alive()
    raw.close()
    return sent, closed


def resets(port, host):
    def one():
        def send():
            for batch in range(STREAMS // 100):
                ids = range(1 + batch * 200, 1 + (batch + 1) * 200, 2)
                yield b"".join(frame(1, 5, id, head(host)) + frame(3, 0, id, b"\0\0\0\x08") for id in ids)

        return until_closed(http2(port), send)

    sent, closed = zip(*together(one, CONNECTIONS))
    return {"connections": CONNECTIONS, "streams": sum(sent) * 100, "closed": sum(closed)}


def continuation(port, host):
    # A literal header that is not indexed, as often as it fits.
    field = b"\x00\x01x\x7f\x01" + b"a" * 128
    fragment = field * (16_000 // len(field))

    def one():
        def send():
            yield frame(1, 1, 1, head(host))
            for _ in range(BYTES // len(fragment)):
                yield frame(9, 0, 1, fragment)

        return until_closed(http2(port), send)

    sent, closed = zip(*together(one, CONNECTIONS))
    return {"connections": CONNECTIONS, "bytes": sum(sent) * len(fragment), "closed": sum(closed)}


def hello():
    """The first flight of a TLS client."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=NAME)
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def get(port, ca):
    """Milliseconds of a handshake and a request on a new connection."""
    began = time.monotonic()
    made = ssl.create_default_context(cafile=ca)
    with socket.create_connection(("127.0.0.1", port), timeout=60) as raw:
        with made.wrap_socket(raw, server_hostname=NAME) as stream:
            stream.sendall(f"GET / HTTP/1.1\r\nHost: {NAME}\r\nConnection: close\r\n\r\n".encode())
            answer = stream.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200"), answer[:80]
    return (time.monotonic() - began) * 1000


def half(port, ca):
    """Many that begin a handshake and say no more; somebody honest comes while all of them wait."""
    first = hello()
    alone = get(port, ca)
    waiting = []
    for _ in range(HALF):
        raw = socket.create_connection(("127.0.0.1", port), timeout=30)
        raw.sendall(first[: len(first) // 2])
        waiting.append(raw)
    beside = get(port, ca)
    closed = 0
    for raw in waiting:
        raw.settimeout(60)
        try:
            closed += not raw.recv(1)
        except ConnectionError:
            closed += 1
        raw.close()
    return {"connections": HALF, "closed": closed, "honest_ms": [round(alone), round(beside)]}


def full(port, ca):
    def one():
        return [get(port, ca) for _ in range(FULL)]

    began = time.monotonic()
    times = sorted(sum(together(one, FULL_THREADS), []))
    seconds = time.monotonic() - began
    return {"connections": len(times), "closed": len(times), "handshakes_per_second": round(len(times) / seconds),
            "p50_ms": round(times[len(times) // 2]), "p99_ms": round(times[len(times) * 99 // 100])}


def together(work, count):
    results, threads = [], []

    def run():
        results.append(work())

    for _ in range(count):
        threads.append(threading.Thread(target=run))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert len(results) == count, "a thread failed"
    return results


kind, port, argument = sys.argv[1], int(sys.argv[2]), sys.argv[3]
print(json.dumps({"resets": resets, "continuation": continuation, "half": half, "full": full}[kind](port, argument)))
