import probe


def attempt():
    return {
        "socket": probe.made_socket(44, 3, 0),
    }
