import socket

import look
import probe

HELD = []


def attempt():
    """Leaves something wherever something can be left."""
    for path in ("/tmp", "/dev/shm"):
        probe.written(path + "/canary", b"canary")
    HELD.append(socket.socket(socket.AF_UNIX))
    HELD[0].bind("\0canary")
    HELD[0].listen(1)
    probe.LIBC.shmget(look.SEGMENT, 4096, 0o1666)
    return {"found": look.found()}
