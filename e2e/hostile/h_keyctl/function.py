import probe


def attempt():
    return {
        "keyctl": probe.call("keyctl", 0, 0, 0, 0, 0),
    }
