import os
import signal

import probe


def attempt():
    children = []
    try:
        while len(children) < 5000:
            child = os.fork()
            if child == 0:
                signal.pause()
            children.append(child)
        stopped = "nothing"
    except OSError as e:
        stopped = probe.name(e.errno)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return {"stopped": stopped, "processes": len(children)}
