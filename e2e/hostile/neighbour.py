"""A harmless function: says which instance it is."""

import os
import probe

BOOT = os.urandom(8).hex().encode()


def respond(connection, _number):
    while probe.head(connection)[0] is not None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Boot: %s\r\nContent-Length: 2\r\n\r\nok" % BOOT)
