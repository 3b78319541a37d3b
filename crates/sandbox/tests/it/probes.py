# Runs inside an instance and tries to get out of it. One line each: name=outcome.
import ctypes, errno, os, resource, socket, stat, sys

libc = ctypes.CDLL(None, use_errno=True)


def say(name, outcome):
    print(f"{name}={outcome}", flush=True)


def errname(code):
    return errno.errorcode.get(code, str(code))


def errno_now():
    raise OSError(ctypes.get_errno(), "")


def call(name, number, *args):
    ctypes.set_errno(0)
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in args])
    say(name, "OK" if result >= 0 else errname(ctypes.get_errno()))


def attempt(name, act):
    try:
        act()
        say(name, "OK")
    except OSError as e:
        say(name, errname(e.errno))
    except ValueError:  # what the resource module makes of EPERM
        say(name, "EPERM")


def opening(path, mode="w"):
    def act():
        with open(path, mode):
            pass
    return act


# mounts and namespaces, in every form
call("mount_tmpfs", 165, b"none", b"/tmp", b"tmpfs", 0, 0)
call("umount", 166, b"/usr", 2)
call("pivot_root", 155, b"/tmp", b"/tmp")
call("chroot", 161, b"/tmp")
call("setns", 308, 0, 0)
call("unshare_user", 272, 0x10000000)
call("clone_newuser", 56, 0x10000000 | 17, 0, 0, 0, 0)
call("clone3", 435, 0, 0)
call("fsopen", 430, b"tmpfs", 0)
call("open_tree", 428, -100, b"/", 1)
call("move_mount", 429, 0, b"", 0, b"", 0)
call("mount_setattr", 442, -100, b"/", 0, 0, 0)
# kernel subsystems
call("bpf", 321, 0, 0, 0)
call("perf_event_open", 298, 0, 0, 0, 0, 0)
call("userfaultfd", 323, 0)
call("io_uring_setup", 425, 1, 0)
call("keyctl", 250, 0, 0, 0, 0, 0)
call("add_key", 248, b"user", b"k", b"v", 1, -2)
call("ptrace", 101, 16, 1, 0, 0)
call("process_vm_readv", 310, 1, 0, 0, 0, 0, 0)
call("pidfd_getfd", 438, 0, 0, 0)
call("open_by_handle_at", 304, -100, 0, 0)
call("init_module", 175, 0, 0, b"")
call("reboot", 169, 0, 0, 0, 0)
call("clock_settime", 227, 0, 0)
call("sethostname", 170, b"x", 1)
call("syslog", 103, 3, 0, 0)
call("quotactl", 179, 0, 0, 0, 0)
call("swapon", 167, b"/tmp/x", 0)
call("unknown_call", 470)
call("tiocsti", 16, 0, 0x5412, 0)
call("personality", 135, 0x0040000)
call("set_ptracer", 157, 0x59616D61, -1, 0, 0, 0)

# devices
attempt("mknod_mem", lambda: os.mknod("/tmp/mem", stat.S_IFCHR | 0o666, os.makedev(1, 1)))
say("dev", ",".join(sorted(os.listdir("/dev"))))

# sockets
for name, family, kind, protocol in [
    ("af_packet", 17, 3, 0), ("af_alg", 38, 5, 0), ("af_vsock", 40, 1, 0), ("af_xdp", 44, 3, 0),
    ("raw_icmp", 2, 3, 1), ("netlink_nft", 16, 3, 12), ("netlink_xfrm", 16, 3, 6), ("netlink_route", 16, 3, 0),
    ("inet", 2, 1, 0), ("inet6", 10, 1, 0), ("unix", 1, 1, 0),
]:
    attempt(name, lambda: socket.socket(family, kind, protocol).close())
attempt("abstract_unix", lambda: socket.socket(socket.AF_UNIX).connect("\0" + sys.argv[1]))
attempt("host_loopback", lambda: socket.create_connection(("127.0.0.1", int(sys.argv[2])), 1))
say("interfaces", ",".join(name for _, name in socket.if_nameindex()))

# files
for path in ["/x", "/usr/x", "/etc/x", "/dev/x", "/proc/x", "/sys/x", "/home/snuser/x", "/home/snuser/log/x", "/run/x",
             "/opt/code/x", "/root/x", "/sys/fs/cgroup/x"]:
    attempt("write " + path, opening(path))
attempt("overwrite_self_exe", opening("/proc/self/exe", "wb"))
attempt("suid_bit", lambda: (opening("/tmp/suid")(), os.chmod("/tmp/suid", 0o4755)))
attempt("write_code", opening("/opt/code/hello", "a"))

# proc
for path in ["kcore", "keys", "key-users", "sysrq-trigger", "timer_list", "kallsyms", "slabinfo", "kmsg", "interrupts",
             "iomem", "kpagecount", "vmallocinfo", "config.gz", "buddyinfo", "cmdline", "diskstats", "kpageflags", "locks",
             "modules", "partitions", "schedstat", "softirqs", "swaps", "vmstat", "zoneinfo"]:
    try:
        with open("/proc/" + path, "rb") as f:
            say("read /proc/" + path, len(f.read(1)))
    except OSError as e:
        say("read /proc/" + path, errname(e.errno))
attempt("sysctl_write", opening("/proc/sys/kernel/core_pattern"))
attempt("sysrq", opening("/proc/sysrq-trigger"))
attempt("proc1_root", lambda: os.listdir("/proc/1/root"))
attempt("proc1_environ", opening("/proc/1/environ", "r"))
attempt("oom_score_adj_lower", lambda: open("/proc/self/oom_score_adj", "wb", 0).write(b"-1000"))
say("pids", ",".join(sorted(p for p in os.listdir("/proc") if p.isdigit())))
attempt("kill_init", lambda: os.kill(1, 9))
attempt("kill_all_init", lambda: os.kill(1, 15))

# identity and rights
say("ids", f"{os.getresuid()}{os.getresgid()}{os.getgroups()}")
attempt("setuid0", lambda: os.setuid(0))
attempt("nice", lambda: os.nice(-5))
attempt("rt_sched", lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10)))
with open("/proc/self/status") as f:
    status = {key: value.strip() for key, _, value in (line.partition(":") for line in f)}
for key in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp"]:
    say(key, status[key])
say("securebits", libc.prctl(27))
mounts = [line.split(" ") for line in open("/proc/self/mountinfo")]
options = {fields[4]: fields[5].split(",") for fields in mounts}
say("writable mounts", ",".join(sorted(point for point, has in options.items() if "rw" in has)))
say("suid mounts", ",".join(sorted(point for point, has in options.items() if "nosuid" not in has)))
say("device mounts", ",".join(sorted(point for point, has in options.items() if "nodev" not in has)))
say("tty", "OK" if os.path.exists("/dev/tty") else "none")
say("session", os.getsid(0) == os.getpid() == os.getpgid(0))

# descriptors and limits
say("fds", ",".join(fd for fd in sorted(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd/" + fd)))
say("rlimits", [resource.getrlimit(r) for r in (resource.RLIMIT_CORE, resource.RLIMIT_NOFILE)])
say("kernel rlimits", [resource.getrlimit(getattr(resource, "RLIMIT_" + r))[1] for r in
                       ("MEMLOCK", "MSGQUEUE", "SIGPENDING", "NICE", "RTPRIO")])
attempt("mlock", lambda: libc.mlock(ctypes.create_string_buffer(1 << 20), 1 << 20) and errno_now())
attempt("raise_nofile", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (9999, 9999)))
say("env", sorted(os.environ))
say("cwd", os.getcwd())
say("hostname", socket.gethostname())
say("cgroup", open("/proc/self/cgroup").read().replace("\n", " "))
