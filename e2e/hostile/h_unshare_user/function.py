import probe


def attempt():
    return {
        "unshare": probe.call("unshare", 0x10000000),
    }
