import fcntl
import os

import probe


def attempt():
    queued, pipes, stopped = 0, 0, "full"
    try:
        while pipes < 3000:
            _, into = os.pipe()
            pipes += 1
            try:
                fcntl.fcntl(into, 1031, 1 << 20)  # F_SETPIPE_SZ
            except OSError:
                pass  # beyond the user's budget pipes are small
            os.set_blocking(into, False)
            try:
                while True:
                    queued += os.write(into, bytes(64 << 10))
            except BlockingIOError:
                pass
    except OSError as e:
        stopped = probe.name(e.errno)
    return {"stopped": stopped, "pipes": pipes, "mib": queued >> 20}
