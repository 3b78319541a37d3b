import probe


def attempt():
    return {
        "sethostname": probe.call("sethostname", b"x", 1),
    }
