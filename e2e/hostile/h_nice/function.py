import os

import probe


def attempt():
    return {
        "nice": probe.attempted(os.nice, -5),
        "io": probe.call(251 if not probe.ARM else 30, 1, 0, 1 << 13),
    }
