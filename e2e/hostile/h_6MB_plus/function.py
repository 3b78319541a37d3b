import probe

respond = probe.Attack(
    b"HTTP/1.1 200 OK\r\nContent-Length: 400000000\r\n\r\nevil"
)
