import probe


def attempt():
    return {
        "pivot_root": probe.call("pivot_root", b"/tmp", b"/tmp"),
    }
