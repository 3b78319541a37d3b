import mmap
import os
import signal


def attempt():
    for _ in range(10):
        if os.fork() == 0:
            memory = mmap.mmap(-1, 40 << 20)
            for at in range(0, len(memory), 4096):
                memory[at] = 1
            signal.pause()
    os.wait()
    signal.pause()
