import probe


def attempt():
    return {
        "quotactl": probe.call("quotactl", 0, 0, 0, 0),
        "swapon": probe.call("swapon", b"/tmp/x", 0),
    }
