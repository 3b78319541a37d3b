import probe


def attempt():
    made, stopped = 0, "nothing"
    while made < 100000 and stopped == "nothing":
        got = probe.call("inotify_init1", 0)
        if got == "OK":
            made += 1
        else:
            stopped = got
    return {"stopped": stopped, "instances": made}
