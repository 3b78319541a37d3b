import probe


def attempt():
    return {
        "pidfd_getfd": probe.call("pidfd_getfd", 0, 0, 0),
    }
