import probe


def respond(connection, _number):
    probe.head(connection)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nTrailer: Set-Cookie, Content-Length\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0\r\n"
        b"Content-Length: 999\r\nSet-Cookie: a=evil\r\nX-CFF-Request-Id: evil\r\nTransfer-Encoding: evil\r\n"
        b"Authorization: evil\r\nX-Funcd-Error: evil\r\n\r\n"
    )
