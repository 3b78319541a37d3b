import os

import probe


def attempt():
    written, block = 0, bytes(1 << 20)
    descriptor = os.open("/dev/shm/big", os.O_WRONLY | os.O_CREAT)
    try:
        while written < 2000 << 20:
            written += os.write(descriptor, block)
        stopped = "nothing"
    except OSError as e:
        stopped = probe.name(e.errno)
    os.close(descriptor)
    os.unlink("/dev/shm/big")
    with open("/dev/shm/run", "w") as file:
        file.write("#!/bin/sh\n")
    os.chmod("/dev/shm/run", 0o755)
    # Asked for, not touched.
    segment = "OK" if probe.LIBC.shmget(0, probe.ctypes.c_size_t(1 << 42), 0o1666) >= 0 else probe.name(probe.ctypes.get_errno())
    return {
        "stopped": stopped,
        "mib": written >> 20,
        "segment": segment,
        "exec": probe.attempted(os.execv, "/dev/shm/run", ["run"]),
    }
