import mmap


def attempt():
    taken = []
    while True:
        memory = mmap.mmap(-1, 16 << 20)
        for at in range(0, len(memory), 4096):
            memory[at] = 1
        taken.append(memory)
