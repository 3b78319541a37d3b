import probe


def respond(connection, _number):
    probe.head(connection)
    interim = b"HTTP/1.1 103 Early Hints\r\nLink: </evil>\r\n\r\n"
    while True:
        connection.sendall(interim * 100)
