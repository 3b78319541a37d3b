import os

import probe


def attempt():
    return {
        "read": probe.call("process_vm_readv", 1, 0, 0, 0, 0, 0),
        "write": probe.call("process_vm_writev", 1, 0, 0, 0, 0, 0),
        "mem": probe.opened("/proc/1/mem", os.O_RDONLY),
    }
