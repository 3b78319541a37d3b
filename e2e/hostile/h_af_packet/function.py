import probe


def attempt():
    return {
        "socket": probe.made_socket(17, 3, 768),
    }
