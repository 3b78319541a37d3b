import os
import socket

import probe

HELD = []


def attempt():
    """Leaves something wherever something can be left."""
    kept = {path: probe.written(path + "/canary", b"canary") for path in ("/tmp", "/dev/shm")}
    HELD.append(socket.socket(socket.AF_UNIX))
    HELD[0].bind("\0canary")
    HELD[0].listen(1)
    segment = probe.LIBC.shmget(4711, 4096, 0o1666)
    return {"left": kept, "segment": segment >= 0, "pid": os.getpid()}
