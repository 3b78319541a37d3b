import probe


def attempt():
    return {
        "core_pattern": probe.opened("/proc/sys/kernel/core_pattern"),
        "modprobe": probe.opened("/proc/sys/kernel/modprobe"),
        "overcommit_memory": probe.opened("/proc/sys/vm/overcommit_memory"),
        "ip_forward": probe.opened("/proc/sys/net/ipv4/ip_forward"),
        "register": probe.opened("/proc/sys/fs/binfmt_misc/register"),
    }
