import os


def attempt():
    read = 0
    while True:
        for folder in ("/usr/bin", "/usr/lib"):
            for file in os.scandir(folder):
                if file.is_file() and file.stat().st_size > 1 << 20:
                    read += whole(file.path)
                if read > 400 << 20:
                    return {"read_mib": read >> 20, "alive": True}


def whole(path):
    read = 0
    with open(path, "rb", 0) as file:
        while block := file.read(1 << 20):
            read += len(block)
    return read
