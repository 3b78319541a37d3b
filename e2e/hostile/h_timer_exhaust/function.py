import ctypes

import probe


def attempt():
    timer, made, stopped = ctypes.c_int(), 0, "nothing"
    while made < 500000 and stopped == "nothing":
        got = probe.call("timer_create", 1, 0, ctypes.byref(timer))
        if got == "OK":
            made += 1
        else:
            stopped = got
    return {"stopped": stopped, "timers": made}
