import probe


def attempt():
    return {
        "root": probe.call("mount", 0, b"/", 0, 0x1020, 0),
        "usr": probe.call("mount", 0, b"/usr", 0, 0x1020, 0),
        "umount": probe.call("umount2", b"/usr", 2),
        "setattr": probe.call("mount_setattr", -100, b"/", 0, 0, 0),
    }
