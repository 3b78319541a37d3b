import signal

import probe

IGNORED = []


def serve():
    for number in range(1, 65):
        try:
            signal.signal(number, signal.SIG_IGN)
            IGNORED.append(number)
        except (OSError, ValueError):
            pass
    probe.serve(probe.reporting(lambda: {"ignored": len(IGNORED)}))
