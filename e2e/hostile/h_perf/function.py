import probe


def attempt():
    return {
        "perf_event_open": probe.call("perf_event_open", 0, 0, 0, 0, 0),
    }
