import probe


def attempt():
    return {
        "open": probe.opened("/proc/sysrq-trigger"),
    }
