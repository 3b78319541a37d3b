import probe


def attempt():
    return {
        "clone": probe.call("clone", 0x10000000 | 17, 0, 0, 0, 0),
    }
