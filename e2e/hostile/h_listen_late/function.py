import time

import probe


def serve():
    time.sleep(4)
    probe.serve(probe.reporting(lambda: {}))
