import os
import signal
import threading


def attempt():
    os.kill(os.getpid(), signal.SIGSTOP)
    # The other threads stop first; this one a moment later.
    threading.Event().wait()
