def attempt():
    block = bytes(1 << 20)
    with open("/tmp/big", "wb") as file:
        for _ in range(512):
            file.write(block)
    return {"written": "all"}
