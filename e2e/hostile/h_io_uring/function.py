import probe


def attempt():
    return {
        "io_uring_setup": probe.call("io_uring_setup", 1, 0),
    }
