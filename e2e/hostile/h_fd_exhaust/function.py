import os
import resource

import probe


def attempt():
    opened = []
    try:
        while len(opened) < 100000:
            opened.append(os.open("/dev/null", os.O_RDONLY))
        stopped = "nothing"
    except OSError as e:
        stopped = probe.name(e.errno)
    for descriptor in opened:
        os.close(descriptor)
    raised = probe.attempted(resource.setrlimit, resource.RLIMIT_NOFILE, (1 << 20, 1 << 20))
    return {"stopped": stopped, "open": len(opened), "raised": raised}
