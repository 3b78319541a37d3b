import probe


def attempt():
    return {
        "mount": probe.call("mount", b"none", b"/tmp", b"tmpfs", 0, 0),
    }
