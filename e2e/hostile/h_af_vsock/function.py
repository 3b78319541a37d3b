import probe


def attempt():
    return {
        "socket": probe.made_socket(40, 1, 0),
    }
