import os
import time


def attempt():
    line, written = b"flood " * 20 + b"\n", 0
    block, end = line * 500, time.monotonic() + 3
    while time.monotonic() < end:
        written += os.write(1, block)
    return {"written_mib": written >> 20}
