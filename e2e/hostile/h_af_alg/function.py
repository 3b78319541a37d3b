import probe


def attempt():
    return {
        "socket": probe.made_socket(38, 5, 0),
    }
