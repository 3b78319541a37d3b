import socket


def is_open(port):
    with socket.socket() as s:
        # Who calls from the port that it calls has called itself.
        return s.connect_ex(("127.0.0.1", port)) == 0 and s.getsockname() != s.getpeername()


def attempt():
    return {"open": [port for port in range(1, 65536) if is_open(port)]}
