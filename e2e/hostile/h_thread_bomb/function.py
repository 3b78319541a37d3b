import _thread
import threading

import probe


def attempt():
    _thread.stack_size(64 << 10)
    go, started, stopped = threading.Event(), 0, False
    while started < 5000 and not stopped:
        try:
            _thread.start_new_thread(go.wait, ())
            started += 1
        except RuntimeError:
            stopped = True
    go.set()
    return {"threads": started, "stopped": stopped, "then": probe.status("Threads")}
