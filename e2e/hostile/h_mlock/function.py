import ctypes
import mmap

import probe


def attempt():
    memory = mmap.mmap(-1, 16 << 20)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    return {"lock": probe.call("mlock", start, len(memory))}
