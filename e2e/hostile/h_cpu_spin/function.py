import os
import time


def spin(end):
    while time.monotonic() < end:
        pass
    os._exit(0)


def attempt():
    start = time.monotonic()
    children = []
    for _ in range(8):
        child = os.fork()
        if child == 0:
            spin(start + 3)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    used = os.times()
    seconds = used.children_user + used.children_system
    return {"cpus": round(seconds / (time.monotonic() - start), 3), "cpu_seconds": round(seconds, 3)}
