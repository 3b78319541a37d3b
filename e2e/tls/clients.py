"""Clients of the TLS address that are not ours: Python's ssl (OpenSSL) and curl.

usage: clients.py checks PORT PLAIN_PORT CA
       clients.py load PORT CA STOP_FILE
"""

import hashlib
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
import time


def context(ca, **options):
    made = ssl.create_default_context(cafile=ca)
    if "alpn" in options:
        made.set_alpn_protocols(options["alpn"])
    if "version" in options:
        made.set_ciphers("ALL:@SECLEVEL=0")
        made.minimum_version = made.maximum_version = options["version"]
    return made


def connect(port, name, made):
    raw = socket.create_connection(("127.0.0.1", port), timeout=20)
    try:
        return made.wrap_socket(raw, server_hostname=name)
    except BaseException:
        raw.close()
        raise


def get(stream, host, path="/x?y"):
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    data = b""
    while b"\r\n\r\n" not in data:
        piece = stream.recv(65536)
        assert piece, f"closed after {data!r}"
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines[1:])
    length = int(headers["content-length"])
    while len(body) < length:
        piece = stream.recv(65536)
        assert piece, "closed in a body"
        body += piece
    return int(lines[0].split()[1]), headers, body


def refused(port, name, made, what):
    try:
        connect(port, name, made).close()
    except (ssl.SSLError, ConnectionError):
        return
    raise AssertionError(f"not refused: {what}")


def curl(*arguments):
    done = subprocess.run(["curl", "-sS", "--max-time", "20", *arguments], capture_output=True, text=True)
    return done.returncode, done.stdout


def checks(port, plain, ca):
    shown = {}
    for name in ("a.example.com", "b.example.org", "z.example.org"):
        with connect(port, name, context(ca)) as stream:
            shown[name] = stream.getpeercert(True)
            status, headers, body = get(stream, name)
            assert status == 200, (status, body)
            seen = {key.lower(): value for key, value in json.loads(body)["headers"].items()}
            assert seen["x-forwarded-proto"] == "https", seen
            assert headers["strict-transport-security"] == "max-age=3600", headers
    assert shown["a.example.com"] != shown["b.example.org"], "two names, one certificate"
    assert shown["b.example.org"] == shown["z.example.org"], "one wildcard, two certificates"

    refused(port, "nobody.example.net", context(ca), "a name that nobody has")
    refused(port, "a.a.example.com", context(ca), "a name below")
    refused(port, "a.example.com", context(ca, version=ssl.TLSVersion.TLSv1_1), "TLS 1.1")
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        with connect(port, "a.example.com", context(ca, version=version)) as stream:
            assert get(stream, "a.example.com")[0] == 200
    for offered, agreed in ((["h2", "http/1.1"], "h2"), (["http/1.1"], "http/1.1"), (["smtp"], None)):
        if agreed is None:
            refused(port, "a.example.com", context(ca, alpn=offered), "a protocol that is not spoken")
            continue
        with connect(port, "a.example.com", context(ca, alpn=offered)) as stream:
            assert stream.selected_alpn_protocol() == agreed

    resolve = ["--cacert", ca, "--resolve", f"a.example.com:{port}:127.0.0.1", "--resolve", f"a.example.com:{plain}:127.0.0.1"]
    for flag, version in (("--http1.1", "1.1"), ("--http2", "2")):
        code, out = curl(*resolve, flag, "-o", "/dev/null", "-w", "%{http_code} %{http_version}", f"https://a.example.com:{port}/x")
        assert (code, out) == (0, f"200 {version}"), (flag, code, out)
    code, out = curl(*resolve, "-o", "/dev/null", "-w", "%{http_code} %{redirect_url}", f"http://a.example.com:{plain}/x?y")
    assert (code, out) == (0, f"301 https://a.example.com:{port}/x?y"), (code, out)
    code, out = curl(*resolve, "-L", "-o", "/dev/null", "-w", "%{http_code}", f"http://a.example.com:{plain}/x?y")
    assert (code, out) == (0, "200"), (code, out)
    print(json.dumps({"checked": True}))


def load(port, ca, stop):
    """One connection for each request, from four threads, at most two minutes. How many were answered is the size of a file."""
    answered, failed, seen, lock = [0], [], set(), threading.Lock()
    end = time.monotonic() + 120

    def work():
        made = context(ca)
        while not os.path.exists(stop) and time.monotonic() < end:
            try:
                with connect(port, "a.example.com", made) as stream:
                    own = hashlib.sha256(stream.getpeercert(True)).hexdigest()
                    status = get(stream, "a.example.com")[0]
                with lock:
                    seen.add(own)
                    answered[0] += 1
                    with open(stop + ".answered", "w", encoding="ascii") as said:
                        said.write("." * answered[0])
                    if status != 200:
                        failed.append(str(status))
            except Exception as error:  # noqa: BLE001: whatever it is, a client would have seen it
                with lock:
                    failed.append(repr(error))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(json.dumps({"answered": answered[0], "failed": failed[:5], "failures": len(failed), "certificates": len(seen)}))


if __name__ == "__main__":
    if sys.argv[1] == "checks":
        checks(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        load(int(sys.argv[2]), sys.argv[3], sys.argv[4])
