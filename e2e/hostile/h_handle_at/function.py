import probe


def attempt():
    return {
        "open": probe.call("open_by_handle_at", -100, 0, 0),
        "name": probe.call("name_to_handle_at", -100, b"/", 0, 0, 0),
    }
