import socket


def attempt():
    kept, queued = [], 0
    while True:
        one, two = socket.socketpair()
        kept += [one, two]
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 30)
        one.setblocking(False)
        try:
            while True:
                queued += one.send(bytes(256 << 10))
        except BlockingIOError:
            pass
