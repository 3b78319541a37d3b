import os

import probe


def attempt():
    return {
        "kill": probe.attempted(os.kill, 1, 9),
        "term": probe.attempted(os.kill, 1, 15),
    }
