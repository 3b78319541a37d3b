import probe

respond = probe.Attack(
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\ngood\r\n0x4\r\nsmuggled\r\n-1\r\n\r\n"
)
