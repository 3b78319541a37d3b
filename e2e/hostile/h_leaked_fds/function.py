import os
import stat

import probe


def seen():
    descriptors = []
    for descriptor in range(4096):
        try:
            os.fstat(descriptor)
            descriptors.append(descriptor)
        except OSError:
            pass
    return descriptors


def serve():
    descriptors = seen()
    report = {
        "descriptors": descriptors,
        "folders": [number for number in descriptors if stat.S_ISDIR(os.fstat(number).st_mode)],
        "inside": os.getcwd().startswith("/"),
    }
    probe.serve(probe.reporting(lambda: report))
