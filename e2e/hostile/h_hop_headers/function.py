import probe


def respond(connection, _number):
    probe.head(connection)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nConnection: X-CFF-Request-Id, X-Request-Id, X-Secret, keep-alive\r\nX-Secret: evil\r\n"
        b"Keep-Alive: timeout=evil\r\nProxy-Connection: evil\r\nContent-Length: 4\r\n\r\ngood"
    )
