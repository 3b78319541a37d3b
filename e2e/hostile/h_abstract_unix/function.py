import socket

import probe


def attempt():
    with open("/proc/net/unix") as lines:
        names = [line.split()[-1] for line in lines if "@" in line]
    with socket.socket(socket.AF_UNIX) as s:
        return {"seen": names, "connect": probe.attempted(s.connect, "\0funcd-hostile")}
