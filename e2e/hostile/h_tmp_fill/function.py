import os

import probe


def attempt():
    written, block = 0, bytes(1 << 20)
    descriptor = os.open("/tmp/big", os.O_WRONLY | os.O_CREAT)
    try:
        while written < 2000 << 20:
            written += os.write(descriptor, block)
        stopped = "nothing"
    except OSError as e:
        stopped = probe.name(e.errno)
    os.close(descriptor)
    os.unlink("/tmp/big")
    return {"stopped": stopped, "mib": written >> 20}
