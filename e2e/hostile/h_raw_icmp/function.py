import probe


def attempt():
    return {
        "socket": probe.made_socket(2, 3, 1),
    }
