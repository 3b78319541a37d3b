import probe

SEEN = {}


def respond(connection, number):
    probe.head(connection)
    if number == 1:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Evil: a\r\x00X-Split: b\r\nContent-Length: 9\r\n\r\nevil-body")
        SEEN["dropped"] = probe.dropped(connection)
    else:
        connection.sendall(probe.reply({**SEEN, "connections": number}))
