import probe


def respond(connection, number):
    start, _rest = probe.head(connection)
    if b"/body" in start:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
    elif b"/head" in start:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Half: a")
    else:
        connection.sendall(probe.reply({"connections": number}))
