"""The server of every hostile function: runs function.py beside it, and answers with what that got.

function.py has one of
    attempt()                    tried once for each request; what it returns is the JSON report
    respond(connection, number)  answers the number-th connection as it likes, in bytes
    serve()                      is the whole server
and the helpers below, which tell an outcome as "OK" or the name of the error.
"""

import ctypes
import errno
import json
import os
import platform
import socket
import sys
import threading

ARM = platform.machine() == "aarch64"
# x86_64 (asm/unistd_64.h) and the generic table of aarch64 (asm-generic/unistd.h).
CALLS = {
    "ioctl": (16, 29), "clone": (56, 220), "ptrace": (101, 117), "syslog": (103, 116), "personality": (135, 92),
    "pivot_root": (155, 41), "prctl": (157, 167), "chroot": (161, 51), "mount": (165, 40), "umount2": (166, 39),
    "swapon": (167, 224), "reboot": (169, 142), "sethostname": (170, 161), "init_module": (175, 105), "quotactl": (179, 60),
    "clock_settime": (227, 112), "kexec_load": (246, 104), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "unshare": (272, 97), "perf_event_open": (298, 241), "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "setns": (308, 268), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "kcmp": (312, 272), "finit_module": (313, 273), "sched_setattr": (314, 274),
    "bpf": (321, 280), "userfaultfd": (323, 282), "statmount": (457, 457), "listmount": (458, 458),
    "io_uring_setup": (425, 425), "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "pidfd_open": (434, 434), "clone3": (435, 435),
    "pidfd_getfd": (438, 438), "mount_setattr": (442, 442), "memfd_secret": (447, 447), "capset": (126, 91),
    "timer_create": (222, 107), "inotify_init1": (294, 26), "inotify_add_watch": (254, 27), "mlock": (149, 228),
    "memfd_create": (319, 279), "open_tree_attr": (467, 467), "setsid": (112, 157),
}
LIBC = ctypes.CDLL(None, use_errno=True)


def name(code):
    """EPERM for 1."""
    return errno.errorcode.get(code, str(code))


def call(what, *arguments):
    """A raw system call, by name or number."""
    number = CALLS[what][ARM] if isinstance(what, str) else what
    words = [ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments]
    ctypes.set_errno(0)
    result = LIBC.syscall(ctypes.c_long(number), *words)
    return "OK" if result >= 0 else name(ctypes.get_errno())


def attempted(act, *arguments):
    """What comes of an act."""
    try:
        act(*arguments)
        return "OK"
    except TimeoutError as e:
        return name(e.errno) if e.errno else "SILENCE"
    except OSError as e:
        return name(e.errno) if e.errno else type(e).__name__
    except ValueError:  # what the resource module makes of EPERM
        return "EPERM"
    except MemoryError:
        return "ENOMEM"


def opened(path, flags=os.O_WRONLY):
    """What comes of opening a file; nothing is written."""
    return attempted(lambda: os.close(os.open(path, flags)))


def written(path, content=b"x"):
    """What comes of writing into a file, made where it is not there."""
    def act():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, content)
        finally:
            os.close(descriptor)
    return attempted(act)


def read(path, length=64):
    """The start of a file, or why not."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError as e:
        return name(e.errno)
    try:
        return os.read(descriptor, length).decode("utf-8", "replace")
    except OSError as e:
        return name(e.errno)
    finally:
        os.close(descriptor)


def made_socket(family, kind, protocol=0):
    """What comes of making a socket."""
    return attempted(lambda: socket.socket(family, kind, protocol).close())


def reached(host, port, patience=3):
    """What comes of a TCP connection; "through" when somebody answered."""
    try:
        with socket.create_connection((host, port), patience) as connection:
            return connection.recv(100).decode("utf-8", "replace") or "OK"
    except TimeoutError as e:
        return name(e.errno) if e.errno else "SILENCE"
    except socket.gaierror:
        return "no such name"
    except OSError as e:
        return name(e.errno)


def all_at_once(act, arguments):
    """What comes of an act with each argument, by argument."""
    got = {}
    threads = [threading.Thread(target=lambda it=it: got.__setitem__(it, act(it))) for it in arguments]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


def status(field):
    """A line of /proc/self/status."""
    with open("/proc/self/status") as lines:
        for line in lines:
            if line.startswith(field + ":"):
                return line.split(":", 1)[1].strip()
    return ""


def head(connection):
    """The head of a request, and what came after it."""
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            return None, b""
        data += more
    start, _, rest = data.partition(b"\r\n\r\n")
    return start, rest


def dropped(connection, patience=5):
    """Whether the other side hangs up without sending more."""
    connection.settimeout(patience)
    try:
        return connection.recv(65536) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


class Attack:
    """Answers the first connection with these bytes, and the next with whether that one was then dropped."""

    def __init__(self, payload):
        self.payload = payload
        self.dropped = None
        self.seen = threading.Event()

    def __call__(self, connection, number):
        head(connection)
        if number == 1:
            try:
                connection.sendall(self.payload)
                self.dropped = dropped(connection)
            except OSError:
                self.dropped = True
            self.seen.set()
        else:
            self.seen.wait(8)
            connection.sendall(reply({"dropped": self.dropped, "connections": number}))


def reply(report):
    """An answer with a JSON body."""
    body = json.dumps(report).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


def listener(address="127.0.0.1", port=8000):
    """Listens."""
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind((address, port))
    server.listen(64)
    return server


def serve(respond, server=None):
    """Answers each connection on a thread of its own."""
    server = server or listener()
    number = 0
    while True:
        connection, _ = server.accept()
        number += 1
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=shielded, args=(respond, connection, number), daemon=True).start()


def shielded(respond, connection, number):
    with connection:
        try:
            respond(connection, number)
        except OSError:
            pass  # it was closed from the other side


def reporting(attempt):
    """Answers every request with what an attempt gets."""
    def respond(connection, _number):
        while True:
            start, _rest = head(connection)
            if start is None:
                return
            try:
                report = attempt()
            except Exception as e:  # a mistake of the case's, to be seen in the report
                report = {"broken": repr(e)}
            connection.sendall(reply(report))
    return respond


def main():
    sys.modules["probe"] = sys.modules["__main__"]
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    import function
    if hasattr(function, "serve"):
        function.serve()
    elif hasattr(function, "respond"):
        serve(function.respond)
    else:
        serve(reporting(function.attempt))


if __name__ == "__main__":
    main()
