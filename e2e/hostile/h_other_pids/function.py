import os

import probe


def attempt():
    pids = [name for name in os.listdir("/proc") if name.isdigit()]
    foreign = [pid for pid in pids if os.stat("/proc/" + pid).st_uid != os.getuid()]
    reads = [f"/proc/{pid}/{name}" for pid in foreign for name in ("environ", "maps", "mem", "stack", "auxv")]
    return {
        "processes": len(pids),
        "environ": probe.opened("/proc/1/environ", os.O_RDONLY),
        "told": [path for path in reads if probe.read(path) not in ("", "EACCES", "EPERM", "ENOENT", "EIO")],
    }
