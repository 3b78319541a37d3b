import probe


def attempt():
    return {
        "add_key": probe.call("add_key", b"user", b"k", b"v", 1, -2),
    }
