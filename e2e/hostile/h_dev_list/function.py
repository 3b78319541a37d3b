import os
import stat

import probe


def attempt():
    devices = []
    for folder, _, names in os.walk("/dev"):
        for name in names:
            mode = os.lstat(os.path.join(folder, name)).st_mode
            if stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
                devices.append(name)
    return {"devices": sorted(devices), "made": probe.written("/dev/x")}
