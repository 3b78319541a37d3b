import os

import probe


def attempt():
    files = [os.path.join(folder, name) for folder, _, names in os.walk("/sys/fs/cgroup") for name in names]
    return {
        "files": len(files),
        "writable": [path for path in files if probe.opened(path) == "OK"],
        "made": probe.attempted(os.mkdir, "/sys/fs/cgroup/mine"),
    }
