import probe


def attempt():
    return {
        "fsopen": probe.call("fsopen", b"tmpfs", 0),
        "fsconfig": probe.call("fsconfig", 0, 0, 0, 0, 0),
        "fsmount": probe.call("fsmount", 0, 0, 0),
        "fspick": probe.call("fspick", -100, b"/", 0),
        "open_tree": probe.call("open_tree", -100, b"/", 1),
        "move_mount": probe.call("move_mount", 0, b"", 0, b"", 0),
        "mount_setattr": probe.call("mount_setattr", -100, b"/", 0, 0, 0),
        "statmount": probe.call("statmount", 0, 0, 0, 0),
        "listmount": probe.call("listmount", 0, 0, 0, 0),
    }
