import os


def attempt():
    words = ("SECRET", "PASSWORD", "PRIVATE", "TOKEN", "ACCESS_KEY", "SECURITY", "CREDENTIAL")
    return {
        "mine": "HOSTILE_MARK" in os.environ,
        "daemons": [name for name in os.environ if name.startswith("FUNCD") or name == "HOSTILE_CANARY"],
        "secrets": [name for name, value in os.environ.items() if value and any(word in name for word in words)],
        "names": sorted(os.environ),
    }
