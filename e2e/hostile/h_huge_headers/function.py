import probe

respond = probe.Attack(
    b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"evil" * 250) for n in range(1024)) + b"Content-Length: 0\r\n\r\n"
)
