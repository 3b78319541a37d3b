import os

import probe


def attempt():
    made = 0
    try:
        while made < 500000:
            os.close(os.open(f"/tmp/{made}", os.O_WRONLY | os.O_CREAT))
            made += 1
        stopped = "nothing"
    except OSError as e:
        stopped = probe.name(e.errno)
    return {"stopped": stopped, "files": made}
