import os
import socket

import probe


def attempt():
    """Looks everywhere for what the other left."""
    found = [path for path in ("/tmp/canary", "/dev/shm/canary", "/var/tmp/canary") if os.path.exists(path)]
    with socket.socket(socket.AF_UNIX) as s:
        if probe.attempted(s.connect, "\0canary") == "OK":
            found.append("abstract socket")
    if probe.LIBC.shmget(4711, 0, 0) >= 0:
        found.append("shared memory")
    if "CANARY_OF_THE_FIRST" in os.environ:
        found.append("variable")
    return {"found": found}
