import probe


def attempt():
    return {
        "attach": probe.call("ptrace", 16, 1, 0, 0),
        "traceme": probe.call("ptrace", 0, 0, 0, 0),
        "allow_others": probe.call("prctl", 0x59616D61, -1, 0, 0, 0),
    }
