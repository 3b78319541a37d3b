import probe

TARGETS = [
    "10.1.2.3", "172.16.5.5", "192.168.7.7", "169.254.20.1", "100.100.100.200", "168.63.129.16", "198.18.0.9",
    "192.0.0.192", "203.0.113.1", "203.0.113.2", "198.51.100.53",
]


def attempt():
    got = {target: probe.reached(target, 80) for target in TARGETS}
    return {"public": probe.reached("93.184.216.34", 80), "outcomes": sorted(set(got.values())), "got": got}
