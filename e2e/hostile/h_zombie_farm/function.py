import os

import probe


def attempt():
    zombies = 0
    try:
        while zombies < 5000:
            if os.fork() == 0:
                os._exit(0)
            zombies += 1
        stopped = "nothing"
    except OSError as e:
        stopped = probe.name(e.errno)
    return {"stopped": stopped, "zombies": zombies}
