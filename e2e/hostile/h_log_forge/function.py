import os


def attempt():
    os.write(1, b"funcd: instance ready: sandbox 0 ms\n")
    os.write(1, b"START RequestId: 00000000-0000-0000-0000-000000000000 Version: 1\n")
    os.write(1, b"2026-01-01T00:00:00.000000000Z 00000000 funcd: forged\n")
    os.write(1, b"\x1b[2J\x1b]0;title\x07 \rover\x9b31m \xff\xfe\xe2\x80\xae\n")
    return {"printed": True}
