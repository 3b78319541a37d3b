import os

import probe


def attempt():
    null = os.stat("/dev/null").st_rdev
    masks = ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/proc/sched_debug", "/proc/sysrq-trigger"]
    return {
        "unlink": probe.attempted(os.unlink, "/dev/null"),
        "rename": probe.attempted(os.rename, "/dev/null", "/dev/was"),
        "link": probe.attempted(os.symlink, "/proc/sys/kernel/core_pattern", "/dev/null"),
        "null": [os.major(null), os.minor(null)],
        "writable_masks": [
            path for path in masks if probe.opened(path) == "OK" and os.stat(path).st_rdev != os.makedev(1, 3)
        ],
    }
