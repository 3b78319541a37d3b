import os

import probe


def lowered(to):
    def act():
        descriptor = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        try:
            os.write(descriptor, to)
        finally:
            os.close(descriptor)
    return probe.attempted(act)


def attempt():
    with open("/proc/self/oom_score_adj") as file:
        now = int(file.read())
    return {"now": now, "lower": lowered(b"-1000"), "slightly": lowered(b"-1")}
