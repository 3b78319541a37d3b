import probe

respond = probe.Attack(
    b"HTTP/1.1 200 OK\r\nX-Evil: a\r\x00X-Split: b\r\nContent-Length: 9\r\n\r\nevil-body"
)
