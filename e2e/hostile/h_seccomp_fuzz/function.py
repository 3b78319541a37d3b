"""Each call is made in a child of its own, which ends with the number of the error. policy.txt says what it must be."""

import ctypes
import mmap
import os
import random
import resource
import select
import signal
import time

import probe

SECONDS = 20
# Longer than this an allowed call may wait as long as it likes.
PATIENCE_MS = 10
FINE = 250
ENOSYS = 38
X32 = 0x40000000
# The first argument names a process, which is then one that does not exist; the second of prlimit64 is harmless so.
OF_PROCESSES = {62, 129, 200, 234, 297, 302, 144, 142, 203, 314, 141, 251, 109, 434, 424}
MEMORY = mmap.mmap(-1, 65536)
MEMORY.write(b"/tmp/x\0" * 500)
POINTER = ctypes.addressof(ctypes.c_char.from_buffer(MEMORY))
SOUGHT = [0, 1, 2, 3, -1, 8, 10, 16, 17, 0x10000000, 0x20000, 0x6000, 0x1000, 0x5412, 1 << 31, 1 << 62, POINTER, POINTER + 8]


def policy():
    with open(os.path.join(os.environ["RUNTIME_CODE_ROOT"], "policy.txt")) as lines:
        rows = [line.split() for line in lines if not line.startswith("#")]
    return {int(number): verdict for number, _name, verdict in rows}


def argument():
    kind = random.random()
    return random.choice(SOUGHT) if kind < 0.7 else random.getrandbits(8) if kind < 0.85 else random.getrandbits(63)


def child(number, arguments):
    os.setsid()
    resource.setrlimit(resource.RLIMIT_AS, (512 << 20, 512 << 20))
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    null = os.open("/dev/null", os.O_RDWR)
    for descriptor in range(3):
        os.dup2(null, descriptor)
    os.closerange(3, 256)
    ctypes.set_errno(0)
    words = [ctypes.c_long(word) for word in [number, *arguments]]
    result = probe.LIBC.syscall(*words)
    os._exit(FINE if result != -1 else min(ctypes.get_errno(), 249))


def made(number, arguments):
    """The error's number, FINE, "killed", or "waits"."""
    pid = os.fork()
    if pid == 0:
        try:
            child(number, arguments)
        finally:
            os._exit(251)
    pidfd = os.pidfd_open(pid)
    poll = select.poll()
    poll.register(pidfd, select.POLLIN)
    waits = not poll.poll(PATIENCE_MS)
    if waits:
        os.kill(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    os.close(pidfd)
    if os.WIFSIGNALED(status):
        return "killed" if os.WTERMSIG(status) == signal.SIGSYS else "waits"
    return os.WEXITSTATUS(status)


def expected(table, number):
    if number >= X32:
        return "killed"
    return {"EPERM": 1, "ENOSYS": ENOSYS}.get(table.get(number, "ENOSYS"))


def attempt():
    table, wrong, calls, tried = policy(), [], 0, set()
    end = time.monotonic() + SECONDS
    every = list(range(600))
    strange = [1023, 4096, 65535, (1 << 30) - 1, X32, X32 + 1, X32 + 59, X32 + 520, 0x7FFFFFFF]
    seed = random.getrandbits(32)
    random.seed(seed)
    while time.monotonic() < end:
        random.shuffle(every)
        for number in every + strange:
            if time.monotonic() >= end:
                break
            arguments = [argument() for _ in range(6)]
            if number in OF_PROCESSES:
                arguments[0] = 0x7FFF0000
            must, got = expected(table, number), made(number, arguments)
            calls += 1
            tried.add(number)
            # A busy host may be slow to start even what is refused.
            if must is not None and got != must and got != "waits" and len(wrong) < 20:
                wrong.append(f"{number}{tuple(arguments)}: {got} instead of {must}")
            if calls % 64 == 0:
                tidy()
    return {"calls": calls, "numbers": len(tried), "wrong": wrong, "seed": seed}


def tidy():
    """What children left behind; the caller and init are spared."""
    try:
        os.kill(-1, signal.SIGKILL)
    except ProcessLookupError:
        pass
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
