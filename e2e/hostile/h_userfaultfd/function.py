import probe


def attempt():
    return {
        "userfaultfd": probe.call("userfaultfd", 0),
    }
