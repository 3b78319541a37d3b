import probe


def attempt():
    return {
        "socket": probe.made_socket(16, 3, 6),
        "others": [n for n in range(1, 64) if probe.made_socket(16, 3, n) == "OK"],
    }
