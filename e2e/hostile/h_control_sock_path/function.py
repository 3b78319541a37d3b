import os
import socket
import stat

import probe


def connected(path):
    with socket.socket(socket.AF_UNIX) as s:
        return probe.attempted(s.connect, path)


def attempt():
    found = []
    for folder, folders, names in os.walk("/"):
        if folder in ("/", "/usr"):
            folders[:] = [name for name in folders if name not in ("proc", "share", "lib", "lib64")]
        paths = [os.path.join(folder, name) for name in names]
        found += [path for path in paths if stat.S_ISSOCK(os.lstat(path).st_mode)]
    return {
        "sockets": found,
        "docker": connected("/var/run/docker.sock"),
        "containerd": connected("/run/containerd/containerd.sock"),
        "dbus": connected("/run/dbus/system_bus_socket"),
    }
