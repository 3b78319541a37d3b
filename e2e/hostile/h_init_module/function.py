import probe


def attempt():
    return {
        "init": probe.call("init_module", 0, 0, b""),
        "finit": probe.call("finit_module", 0, b"", 0),
        "kexec": probe.call("kexec_load", 0, 0, 0, 0),
    }
