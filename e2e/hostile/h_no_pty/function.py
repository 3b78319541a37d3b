import os

import probe


def attempt():
    return {
        "ptmx": probe.opened("/dev/ptmx", os.O_RDWR),
        "tty": probe.opened("/dev/tty", os.O_RDWR),
        "console": probe.opened("/dev/console", os.O_RDWR),
        "pts": probe.attempted(os.listdir, "/dev/pts"),
        "tiocsti": probe.call("ioctl", 0, 0x5412, 0),
    }
