# Runs confined, over a package that nobody trusts: writes the byte code of each source to standard output, as a line of JSON
# (path below the package's root, size) and the bytes. What cannot be compiled is left out.
import importlib._bootstrap_external as bootstrap
import importlib.util
import json
import os
import sys

ROOT, LARGEST = sys.argv[1], 1 << 20


def byte_code(path):
    with open(path, "rb") as file:
        source = file.read(LARGEST + 1)
    if len(source) > LARGEST:
        raise ValueError("too large")
    code = compile(source, path, "exec", dont_inherit=True)
    # Never compared with the source (PEP 552): both are read-only, and what time the source has does not matter then.
    return bootstrap._code_to_hash_pyc(code, importlib.util.source_hash(source), False)


for folder, folders, names in os.walk(ROOT):
    folders[:] = sorted(name for name in folders if name != "__pycache__")
    for name in sorted(names):
        path = os.path.join(folder, name)
        if not name.endswith(".py") or os.path.islink(path):
            continue
        try:
            cached = os.path.relpath(importlib.util.cache_from_source(path), ROOT)
            data = byte_code(path)
        except (Exception, RecursionError, MemoryError):
            continue
        head = json.dumps({"path": cached, "size": len(data)})
        sys.stdout.buffer.write(head.encode() + b"\n" + data)
sys.stdout.buffer.flush()
