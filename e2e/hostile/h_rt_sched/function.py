import os

import probe


def attempt():
    return {
        "fifo": probe.attempted(os.sched_setscheduler, 0, os.SCHED_FIFO, os.sched_param(10)),
        "rr": probe.attempted(os.sched_setscheduler, 0, os.SCHED_RR, os.sched_param(10)),
    }
