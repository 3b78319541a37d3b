import os
import signal


def attempt():
    os.kill(os.getpid(), signal.SIGSTOP)
    return {}
