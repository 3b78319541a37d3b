import os
import socket

import probe

SEGMENT = 4711


def found():
    """What the first function left, wherever it is seen from."""
    seen = [path for path in ("/dev/shm/canary", "/tmp/canary", "/var/tmp/canary") if os.path.exists(path)]
    with socket.socket(socket.AF_UNIX) as s:
        if probe.attempted(s.connect, "\0canary") == "OK":
            seen.append("abstract socket")
    if probe.LIBC.shmget(SEGMENT, 0, 0) >= 0:
        seen.append("shared memory")
    if "CANARY_OF_THE_FIRST" in os.environ:
        seen.append("variable")
    return seen
