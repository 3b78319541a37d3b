import socket

import probe


def connected(address):
    with socket.socket(socket.AF_INET6) as s:
        s.settimeout(3)
        return probe.attempted(s.connect, (address, 80))


def attempt():
    return {
        "public_mapped": connected("::ffff:93.184.216.34"),
        "mapped": connected("::ffff:169.254.169.254"),
        "compatible": connected("::169.254.169.254"),
        "nat64": connected("64:ff9b::a9fe:a9fe"),
    }
