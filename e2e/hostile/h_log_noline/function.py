import os


def attempt():
    written = 0
    while written < 32 << 20:
        written += os.write(1, bytes(65536).replace(b"\0", b"x"))
    return {"written_mib": written >> 20}
