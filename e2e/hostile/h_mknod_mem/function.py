import os

import probe


def attempt():
    return {
        "mem": probe.attempted(os.mknod, "/tmp/mem", 0o20666, os.makedev(1, 1)),
        "disk": probe.attempted(os.mknod, "/tmp/disk", 0o60666, os.makedev(8, 0)),
    }
