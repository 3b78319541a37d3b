import os

import probe


def attempt():
    folders = ["/tmp", "/dev/shm"]
    for folder, names, _ in os.walk("/"):
        if folder.count("/") > 3 or folder.startswith(("/proc", "/usr/share", "/usr/lib")):
            names.clear()
        folders += [os.path.join(folder, name) for name in names]
    name = "/" + os.environ["HOSTILE_MARK"]
    return {"tried": len(folders), "written": sorted({os.path.realpath(path) for path in folders if probe.written(path + name) == "OK"})}
