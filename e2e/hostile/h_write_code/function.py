import os

import probe


def attempt():
    code = os.environ["RUNTIME_CODE_ROOT"]
    return {
        "own": probe.opened(code + "/function.py"),
        "new": probe.written(code + "/new"),
        "chmod": probe.attempted(os.chmod, code + "/function.py", 0o777),
        "unlink": probe.attempted(os.unlink, code + "/function.py"),
    }
