import os

import probe


def attempt():
    bind = probe.call("mount", b"/proc/sys/kernel/core_pattern", b"/proc/self/attr/exec", 0, 4096, 0)
    mount = probe.call("mount", b"proc", b"/proc", b"proc", 0, 0)
    with open("/proc/self/mountinfo") as lines:
        points = [line.split()[4] for line in lines]
    return {
        "bind": bind,
        "mount": mount,
        "make": probe.attempted(os.mkdir, "/proc/x"),
        "link": probe.attempted(os.symlink, "/proc/sys/kernel/core_pattern", "/proc/self/attr"),
        "mounts_in_self": [point for point in points if point.startswith("/proc/self") or point.split("/")[2:3] == [str(os.getpid())]],
    }
