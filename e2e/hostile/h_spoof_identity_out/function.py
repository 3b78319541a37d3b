import probe


def respond(connection, _number):
    probe.head(connection)
    connection.sendall(
        b"HTTP/1.1 200 OK\r\nX-Funcd-Error: evil\r\nX-CFF-Request-Id: evil\r\nX_CFF_Request_Id: evil\r\nX-Request-Id: evil\r\n"
        b"X-Func-Err-Code: 4205\r\nContent-Length: 4\r\n\r\ngood"
    )
