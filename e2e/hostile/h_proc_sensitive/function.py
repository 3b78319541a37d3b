import probe

FILES = """kcore keys key-users sysrq-trigger timer_list sched_debug kallsyms slabinfo kmsg interrupts iomem ioports kpagecount
kpageflags kpagecgroup vmallocinfo config.gz kpagemap acpi/wakeup asound/version bus/pci/devices fs/ext4 scsi/scsi
driver/rtc latency_stats softirqs sys/kernel/core_pattern sys/kernel/modprobe""".split()
# What is the kernel's default and tells nothing may be read; only whether it can be written counts there.
HARMLESS = {"sys/kernel/core_pattern", "sys/kernel/modprobe", "softirqs"}


def attempt():
    got = {path: probe.read("/proc/" + path) for path in FILES}
    errors = ("", "ENOENT", "EACCES", "EPERM", "EIO", "EISDIR", "EINVAL", "ENODATA")
    told = [path for path, what in got.items() if what.strip("\0") not in errors and path not in HARMLESS]
    return {"told": told, "got": got}
