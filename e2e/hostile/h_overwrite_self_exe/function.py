import probe


def attempt():
    return {
        "self": probe.opened("/proc/self/exe"),
        "init": probe.opened("/proc/1/exe"),
        "path": probe.opened("/usr/bin/python3"),
    }
